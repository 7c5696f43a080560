//! The state's tables on a disk: `akash-store`'s port [`ByteStore`] over one `fjall` database.
//!
//! Each table is a keyspace called `chain_…`; other parts of the node keep keyspaces of their own in the same database
//! (see [`FjallStore::database`]). A batch goes into the journal as a whole and is synchronised before
//! [`ByteStore::write`] returns; after a crash the journal is cut behind its last whole batch ([`journal`]). Snapshots
//! are the database's own: they cost little, but what they can still see is not compacted away.
//!
//! Invariants: one process has a folder at a time; after a failed write the database refuses all others, so that the
//! node stops and recovers on its next start. What it does not know: heights, stores, hashes.

mod failure;
mod forget;
mod journal;

#[cfg(test)]
mod tests;

use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use akash_store::{Batch, ByteStore, ByteView, Range, Rows, StoreError, Table};
pub(crate) use failure::store_error;
use fjall::{Database, Guard, Keyspace, KeyspaceCreateOptions, PersistMode, Readable, Snapshot};

/// Decompressed blocks kept in memory.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// Changes of one table kept in memory before they become a file. Nine tables, of which three or four are busy.
const MEMTABLE_BYTES: u64 = 16 * 1024 * 1024;
/// Bound of the journal, which is read through at start.
const JOURNAL_BYTES: u64 = 256 * 1024 * 1024;

/// Ordered tables in a folder.
#[derive(Clone)]
pub struct FjallStore {
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    database: Database,
    /// In the order of [`Table::ALL`].
    tables: Vec<Keyspace>,
    /// Undo rows up to this height may go.
    forgotten: Arc<AtomicU64>,
}

impl FjallStore {
    /// Opens a folder, or makes it. Fails when another process has it open.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let failed = |error| store_error(folder, &error);
        journal::mend(folder)?;
        let forgotten = Arc::new(AtomicU64::new(0));
        let builder = Database::builder(folder).cache_size(CACHE_BYTES).max_journaling_size(JOURNAL_BYTES);
        let builder = builder.with_compaction_filter_factories(forget::filters(&forgotten));
        let database = builder.open().map_err(failed)?;
        let options = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES);
        let open = |table: Table| database.keyspace(&keyspace_name(table), options);
        let tables = Table::ALL.into_iter().map(open).collect::<Result<_, _>>().map_err(failed)?;
        Ok(Self { shared: Arc::new(Shared { folder: folder.to_owned(), database, tables, forgotten }) })
    }

    /// Gives the room of what was forgotten back, and returns when that is done.
    pub fn compact(&self) -> Result<(), StoreError> {
        for table in &self.shared.tables {
            compact(table).map_err(|error| store_error(&self.shared.folder, &error))?;
        }
        Ok(())
    }

    /// The database, for keyspaces that belong to other parts of the node.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.shared.database
    }
}

impl ByteStore for FjallStore {
    fn snapshot(&self) -> Result<Arc<dyn ByteView>, StoreError> {
        Ok(Arc::new(DiskView { shared: Arc::clone(&self.shared), snapshot: self.shared.database.snapshot() }))
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let mut writes = self.shared.database.batch().durability(Some(PersistMode::SyncAll));
        for write in batch.writes {
            let table = self.shared.table(write.table);
            match write.value {
                Some(value) => writes.insert(table, write.key, value),
                None => writes.remove(table, write.key),
            }
        }
        writes.commit().map_err(|error| store_error(&self.shared.folder, &error))
    }

    fn forget_undo(&self, up_to: u64) {
        self.shared.forgotten.store(up_to, Ordering::SeqCst);
    }
}

impl Shared {
    fn table(&self, table: Table) -> &Keyspace {
        let place = Table::ALL.iter().position(|other| *other == table);
        &self.tables[place.expect("the list has every table")]
    }
}

fn keyspace_name(table: Table) -> String {
    format!("chain_{}", table.name())
}

struct DiskView {
    shared: Arc<Shared>,
    snapshot: Snapshot,
}

impl ByteView for DiskView {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.snapshot.get(self.shared.table(table), key);
        let value = found.map_err(|error| store_error(&self.shared.folder, &error))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn rows(&self, table: Table, range: &Range) -> Rows<'_> {
        if range.is_empty() {
            return Box::new(std::iter::empty());
        }
        let end = range.end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let bounds = (Bound::Included(range.start.as_slice()), end);
        let found = self.snapshot.range::<&[u8], _>(self.shared.table(table), bounds);
        let read = |row: Guard| {
            let (key, value) = row.into_inner().map_err(|error| store_error(&self.shared.folder, &error))?;
            Ok((key.to_vec(), value.to_vec()))
        };
        if range.reverse { Box::new(found.rev().map(read)) } else { Box::new(found.map(read)) }
    }
}

pub(crate) fn compact(keyspace: &Keyspace) -> Result<(), fjall::Error> {
    keyspace.rotate_memtable_and_wait()?;
    keyspace.major_compact()
}
