//! The port to a disk: ordered tables of bytes, atomic durable batches, snapshots.
//!
//! A [`ByteStore`] knows neither heights nor stores nor hashes. One batch is one block; after a crash either all of
//! it is there or nothing. [`MemoryStore`] is the implementation for tests, simulation and throw-away networks; the
//! one for disks lives with the node. Faults are injected here, see [`crate::testing`].

mod memory;

use std::sync::Arc;

pub use memory::MemoryStore;

use crate::error::StoreError;
use crate::kv::{Range, Row};

/// The tables of a byte store. Numbers and names are disk format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Live records: store ‖ key.
    State,
    /// Rows derived from records: store ‖ key.
    Index,
    /// Final versions of records: store ‖ key, with their place in the history.
    History,
    /// Node hashes of the histories' trees: store ‖ level ‖ number.
    HistoryNode,
    /// Key hash of a live record to its key: store ‖ hash. Proofs of absence need the neighbours' keys.
    KeyName,
    /// Height, app hash and the like.
    Meta,
}

impl Table {
    pub const ALL: [Self; 6] = [Self::State, Self::Index, Self::History, Self::HistoryNode, Self::KeyName, Self::Meta];

    /// The name under which a disk keeps the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Index => "index",
            Self::History => "history",
            Self::HistoryNode => "history_node",
            Self::KeyName => "key_name",
            Self::Meta => "meta",
        }
    }
}

/// One change of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    pub table: Table,
    pub key: Vec<u8>,
    /// `None` deletes.
    pub value: Option<Vec<u8>>,
}

/// Changes that become durable together or not at all. A key appears at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub writes: Vec<Write>,
}

impl Batch {
    pub fn put(&mut self, table: Table, key: Vec<u8>, value: Vec<u8>) {
        self.writes.push(Write { table, key, value: Some(value) });
    }

    pub fn delete(&mut self, table: Table, key: Vec<u8>) {
        self.writes.push(Write { table, key, value: None });
    }
}

/// Rows of one table, read as they are asked for.
pub type Rows<'a> = Box<dyn Iterator<Item = Result<Row, StoreError>> + 'a>;

/// The tables at one moment. Later batches do not show in it.
pub trait ByteView: Send + Sync {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// The rows of a range in walking order.
    fn rows(&self, table: Table, range: &Range) -> Rows<'_>;
}

/// Ordered tables with atomic durable batches.
pub trait ByteStore: Send + Sync + 'static {
    fn snapshot(&self) -> Result<Arc<dyn ByteView>, StoreError>;

    /// Makes a batch durable before it returns. After an error the batch may or may not be there, but never in part.
    fn write(&self, batch: Batch) -> Result<(), StoreError>;
}
