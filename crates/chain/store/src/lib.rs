//! What the chain remembers: flat ordered records, pending changes over them, and a commitment that proves them.
//!
//! Life of a block: the kernel opens an [`Overlay`] over the [`View`] of the last height, modules read and write it
//! through [`Map`], [`Index`] and [`Item`], and [`ChainStore::commit`] turns its changes into one durable batch and
//! one app hash. Queries read the newest view or an older one meanwhile: a block also keeps what it replaced.
//!
//! Two levels of commitment: one binary radix trie for each store, in memory and rebuilt at start, and above them the
//! Merkle tree over (store, root) whose root is the app hash. Both are proved in the form of ICS-23.
//!
//! Invariants:
//! * The flat state is the truth. A root depends on the set of records alone, not on how they came to be.
//! * A block is there as a whole or not at all, after any crash.
//! * No committed value is empty and no store is, for ICS-23 could prove neither.
//! * What is archived never changes again. It costs no memory and no time at start.
//!
//! What it does not know: transactions, gas, modules, blocks, and which disk lies below ([`ByteStore`]).

mod bytes;
mod chain;
mod changes;
mod error;
mod flat;
mod hash;
mod kv;
mod merge;
mod merkle;
mod overlay;
mod proof;
mod snapshot;
pub mod testing;
mod trie;
mod typed;
mod undo;
mod view;

pub use bytes::{Batch, ByteStore, ByteView, MemoryStore, Rows, Table, Write};
pub use chain::{ChainStore, Options, Readable, prune, roll_back};
pub use changes::{Change, Changes};
pub use error::StoreError;
pub use hash::{Hash, sha256};
pub use kv::{Kv, MAX_KEY_BYTES, MAX_VALUE_BYTES, Range, Row, Space, StoreName};
pub use overlay::{MAX_CHECKPOINTS, Overlay};
pub use proof::Proof;
pub use snapshot::{Contents, PIECE_BYTES_MAX, Restore, StoreContents};
pub use typed::{CodecError, Index, Item, Key, Map, RawKey, key_bytes};
pub use undo::undo_height;
pub use view::{Record, View};
