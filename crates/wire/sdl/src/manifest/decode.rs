//! A manifest from the JSON text that a tenant sends.

use super::{Manifest, ManifestGroup};

/// The longest manifest that is read.
const MAX_BYTES: usize = 10 * 1024 * 1024;

/// The most objects that a manifest is read with. An empty service takes three bytes of text and four hundred of
/// memory; one that can run has about fifteen objects.
const MAX_OBJECTS: usize = 200_000;

/// Why a text is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Longer than anything a provider would take.
    #[error("manifest is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// Deeper or wider than any deployment.
    #[error("manifest has more than {MAX_OBJECTS} objects")]
    TooManyObjects,
    /// Not JSON, or JSON of another shape.
    #[error("manifest is not valid: {0}")]
    Json(#[from] serde_json::Error),
}

pub(super) fn manifest(text: &[u8]) -> Result<Manifest, DecodeError> {
    if text.len() > MAX_BYTES {
        return Err(DecodeError::TooLong);
    }
    if objects(text) > MAX_OBJECTS {
        return Err(DecodeError::TooManyObjects);
    }
    let groups: Option<Vec<ManifestGroup>> = serde_json::from_slice(text)?;
    Ok(Manifest { groups: groups.unwrap_or_default() })
}

/// How many objects a JSON text begins, whether it is valid or not; braces within strings do not count.
fn objects(text: &[u8]) -> usize {
    let (mut count, mut quoted, mut escaped) = (0, false, false);
    for byte in text {
        match (quoted, byte) {
            _ if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => quoted = !quoted,
            (false, b'{') => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::objects;

    #[test]
    fn braces_within_strings_are_no_objects() {
        assert_eq!(objects(br#"[{"a":"{\"{"},{}]"#), 2);
        assert_eq!(objects(br#"["\\",{"#), 1);
        assert_eq!(objects(b"{"), 1);
    }
}
