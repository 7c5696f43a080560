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
    /// What blocks replaced, by key and height: see [`crate::undo`].
    Undo,
    /// App hash and stores' roots of each readable height.
    Height,
    /// The keys that each of the last heights changed: what a rollback needs.
    Changed,
    /// The newest height, the layout's version and the like.
    Meta,
}

impl Table {
    pub const ALL: [Self; 9] = [
        Self::State,
        Self::Index,
        Self::History,
        Self::HistoryNode,
        Self::KeyName,
        Self::Undo,
        Self::Height,
        Self::Changed,
        Self::Meta,
    ];

    /// The number of the table in keys of other tables.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }

    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The name under which a disk keeps the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Index => "index",
            Self::History => "history",
            Self::HistoryNode => "history_node",
            Self::KeyName => "key_name",
            Self::Undo => "undo",
            Self::Height => "height",
            Self::Changed => "changed",
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

    /// Says that rows of [`Table::Undo`] up to this height, see [`crate::undo_height`], are never read again. The store
    /// removes them when it likes, without a promise of when.
    fn forget_undo(&self, up_to: u64);
}
