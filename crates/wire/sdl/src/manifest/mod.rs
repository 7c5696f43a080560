//! The manifest: what a provider runs. It never goes on chain, only its hash does.
//!
//! Own structs instead of the generated messages, because the hash depends on what protobuf cannot say: whether a
//! list is absent or empty. [`json`] writes the canonical text, [`decode`] reads what arrives at a gateway,
//! [`check`] has the rules for a manifest alone, [`cross`] those against the deployment's groups.

mod check;
mod cross;
mod decode;
mod json;
mod model;

use std::cmp::Ordering;

use sha2::{Digest, Sha256};

pub use check::{ManifestError, check_manifest};
pub(crate) use check::{Place, problems};
pub use cross::{CrossError, check_manifest_against_groups};
pub use decode::DecodeError;
pub use model::{Credentials, Expose, HttpOptions, ManifestGroup, Params, Permissions, Service, StorageParams, Tee};

/// All groups of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Sorted by name when made from an SDL.
    pub groups: Vec<ManifestGroup>,
}

impl Manifest {
    /// The canonical JSON text: keys sorted, no white space, Go's escapes.
    #[must_use]
    pub fn canonical_json(&self) -> String {
        json::canonical(self)
    }

    /// The deployment hash: SHA-256 of [`Self::canonical_json`].
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.canonical_json()).into()
    }

    /// Reads a manifest as a gateway does: unknown keys are dropped, `null` and `[]` kept apart.
    ///
    /// # Errors
    /// When the text is no JSON, or a value has another type than the manifest's.
    pub fn from_json(text: &[u8]) -> Result<Self, DecodeError> {
        decode::manifest(text)
    }
}

/// The order of expose entries: service, port, protocol, global first. The rest takes no part.
pub(crate) fn expose_comes_before(a: &Expose, b: &Expose) -> bool {
    let order = a.service.cmp(&b.service).then(a.port.cmp(&b.port)).then_with(|| a.proto.cmp(&b.proto));
    match order {
        Ordering::Less => true,
        Ordering::Equal => a.global && !b.global,
        Ordering::Greater => false,
    }
}
