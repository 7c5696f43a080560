//! What can go wrong below the modules. Every one of these means that our own state or disk is broken, or that a
//! module breaks a rule of this crate; none is a verdict about a transaction.

use crate::typed::CodecError;

/// A failure of the store. The kernel turns it into a fault, which stops the node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("store {0} is not registered")]
    UnknownStore(String),
    #[error("the value of key {key} in store {store} is empty")]
    EmptyValue { store: &'static str, key: String },
    #[error("key {key} of store {store} is empty, reserved or longer than {max} bytes", max = crate::kv::MAX_KEY_BYTES)]
    BadKey { store: &'static str, key: String },
    #[error("the value of key {key} in store {store} is longer than {max} bytes", max = crate::kv::MAX_VALUE_BYTES)]
    ValueTooLong { store: &'static str, key: String },
    #[error("key {key} of store {store} is history and cannot change")]
    Archived { store: &'static str, key: String },
    #[error("an index of store {0} has no history")]
    IndexHasNoHistory(&'static str),
    #[error("a view cannot be written to")]
    ReadOnly,
    #[error("stored bytes cannot be read: {0}")]
    Codec(#[from] CodecError),
    #[error("height {got} cannot follow height {last}")]
    BadHeight { last: u64, got: u64 },
    #[error("the commitment of this height is no longer kept")]
    Expired,
    #[error("nothing is committed yet, so nothing can be proved")]
    NothingCommitted,
    #[error("height {0} cannot be undone: what it replaced is not kept; restore a snapshot instead")]
    NoUndo(u64),
    #[error(
        "the database has layout {found}, this program knows layout {known}: use the version of akash that wrote it, \
         or restore a snapshot that this version made"
    )]
    Layout { found: u32, known: u32 },
    #[error(
        "too much has come and gone since height {0} for so wide a list: ask for a narrower one, or a later height"
    )]
    TooFarBack(u64),
    #[error("the snapshot is not good: {0}")]
    BadSnapshot(String),
    #[error("rebuilding the indexes was cut off: run `akash node reindex` again")]
    HalfIndexed,
    #[error("{0} cannot be the name of a store")]
    BadName(String),
    #[error("an earlier write failed, open the store again")]
    Broken,
    #[error("the disk is full: {0}")]
    DiskFull(String),
    #[error("the disk failed: {0}")]
    Disk(String),
    #[error("the state is corrupt: {0}")]
    Corrupt(String),
}

/// A key as it appears in an error: hexadecimal, cut after 48 bytes.
pub(crate) fn shown(key: &[u8]) -> String {
    const SHOWN_BYTES: usize = 48;
    let mut text: String = key.iter().take(SHOWN_BYTES).map(|byte| format!("{byte:02x}")).collect();
    if key.len() > SHOWN_BYTES {
        text.push('…');
    }
    text
}
