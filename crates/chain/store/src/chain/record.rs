//! What the disk knows of the newest height beside the records themselves.

use prost::Message;

use crate::error::StoreError;

/// The key of [`Latest`] in the table of such things.
pub(super) const LATEST_KEY: &[u8] = b"latest";

/// The newest height.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Latest {
    #[prost(uint64, tag = "1")]
    pub(super) height: u64,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) app_hash: Vec<u8>,
    /// The stores that are part of the app hash, in the order of names.
    #[prost(message, repeated, tag = "3")]
    pub(super) stores: Vec<StoreRecord>,
}

/// One store at the newest height.
#[derive(Clone, PartialEq, Message)]
pub(super) struct StoreRecord {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) root: Vec<u8>,
    #[prost(uint64, tag = "3")]
    pub(super) history_len: u64,
}

impl Latest {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        Self::decode(bytes).map_err(|error| StoreError::Corrupt(format!("the newest height cannot be read: {error}")))
    }

    pub(super) fn store(&self, name: &str) -> Option<&StoreRecord> {
        self.stores.iter().find(|store| store.name == name)
    }
}
