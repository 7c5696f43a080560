//! A manifest from the JSON text that a tenant sends.

use super::{Manifest, ManifestGroup};

/// The longest manifest that is read.
const MAX_BYTES: usize = 10 * 1024 * 1024;

/// Why a text is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Longer than anything a provider would take.
    #[error("manifest is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// Not JSON, or JSON of another shape.
    #[error("manifest is not valid: {0}")]
    Json(#[from] serde_json::Error),
}

pub(super) fn manifest(text: &[u8]) -> Result<Manifest, DecodeError> {
    if text.len() > MAX_BYTES {
        return Err(DecodeError::TooLong);
    }
    let groups: Option<Vec<ManifestGroup>> = serde_json::from_slice(text)?;
    Ok(Manifest { groups: groups.unwrap_or_default() })
}
