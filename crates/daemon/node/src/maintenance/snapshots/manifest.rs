//! What a snapshot consists of.

use akash_store::{Contents, StoreContents};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::SnapshotError;

/// The only format there is.
pub const SNAPSHOT_FORMAT: u32 = 1;

/// Chunks that a snapshot has at most: 100 GB of records.
const CHUNKS_MAX: usize = 10_000;
/// A longer manifest is none.
pub(super) const MANIFEST_BYTES_MAX: usize = 2 << 20;

/// The list of a snapshot's parts. Hashes are in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    pub height: u64,
    pub chain_id: String,
    pub app_hash: String,
    pub stores: Vec<StorePart>,
    /// Bytes of all chunks together.
    pub bytes: u64,
    /// How many of the chunks, from the first on, hold the block instead of records.
    pub tip_chunks: usize,
    /// SHA-256 of each chunk.
    pub chunks: Vec<String>,
}

/// One store of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorePart {
    pub name: String,
    pub root: String,
    pub history_len: u64,
}

/// A snapshot in a few numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SnapshotInfo {
    pub height: u64,
    pub format: u32,
    pub chunks: usize,
    pub bytes: u64,
    /// Of the manifest.
    pub hash: String,
    /// Of the state, as the header of the next height has it.
    pub app_hash: String,
}

impl Manifest {
    /// Reads a manifest and checks that it makes sense.
    pub fn read(text: &[u8]) -> Result<Self, SnapshotError> {
        if text.len() > MANIFEST_BYTES_MAX {
            return Err(SnapshotError::Manifest(format!("it has more than {MANIFEST_BYTES_MAX} bytes")));
        }
        let manifest: Self =
            serde_json::from_slice(text).map_err(|error| SnapshotError::Manifest(error.to_string()))?;
        if manifest.format != SNAPSHOT_FORMAT {
            return Err(SnapshotError::Format { found: manifest.format, known: SNAPSHOT_FORMAT });
        }
        let count = manifest.chunks.len();
        if count > CHUNKS_MAX || manifest.tip_chunks == 0 || manifest.tip_chunks >= count {
            return Err(SnapshotError::Manifest(format!("{count} chunks, {} of a block", manifest.tip_chunks)));
        }
        manifest.contents()?;
        manifest.chunks.iter().try_for_each(|hash| digest(hash).map(|_| ()))?;
        Ok(manifest)
    }

    /// As it stands in its file.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and numbers are always JSON")
    }

    /// The state that it promises.
    pub fn contents(&self) -> Result<Contents, SnapshotError> {
        let store = |store: &StorePart| {
            let root = digest(&store.root)?;
            Ok(StoreContents { name: store.name.clone(), root, history_len: store.history_len })
        };
        let stores = self.stores.iter().map(store).collect::<Result<_, SnapshotError>>()?;
        Ok(Contents { height: self.height, app_hash: digest(&self.app_hash)?, stores })
    }

    /// Whether a chunk is the one that is named.
    pub(super) fn check_chunk(&self, number: usize, chunk: &[u8]) -> Result<(), SnapshotError> {
        let named = self.chunks.get(number);
        if named.is_some_and(|hash| *hash == hex::encode(Sha256::digest(chunk))) {
            Ok(())
        } else {
            Err(SnapshotError::Chunk { number })
        }
    }

    #[must_use]
    pub fn info(&self) -> SnapshotInfo {
        SnapshotInfo {
            height: self.height,
            format: self.format,
            chunks: self.chunks.len(),
            bytes: self.bytes,
            hash: hex::encode(Sha256::digest(self.to_json())),
            app_hash: self.app_hash.clone(),
        }
    }
}

impl From<&StoreContents> for StorePart {
    fn from(store: &StoreContents) -> Self {
        Self { name: store.name.clone(), root: hex::encode(store.root), history_len: store.history_len }
    }
}

fn digest(text: &str) -> Result<[u8; 32], SnapshotError> {
    let mut digest = [0; 32];
    let wrong = |_| SnapshotError::Manifest(format!("{text:?} is no SHA-256 in hexadecimal"));
    hex::decode_to_slice(text, &mut digest).map_err(wrong)?;
    Ok(digest)
}
