//! A byte store in memory with cheap snapshots: every key keeps the versions that a living snapshot can still see.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{Batch, ByteStore, ByteView, Rows, Table};
use crate::error::StoreError;
use crate::kv::{Range, Row};
use crate::undo::undo_height;

/// Rows fetched under one lock by an iterator.
const ROWS_AT_ONCE: usize = 64;

/// Undo rows are looked through once in as many heights.
const FORGET_EVERY: u64 = 64;

/// Tables in memory; a clone is the same store.
#[derive(Clone, Default)]
pub struct MemoryStore {
    shared: Arc<RwLock<Shared>>,
}

#[derive(Default)]
struct Shared {
    version: u64,
    rows: BTreeMap<Table, BTreeMap<Vec<u8>, Versions>>,
    /// Snapshots alive, by version.
    pinned: BTreeMap<u64, usize>,
    /// Undo rows up to this height are gone.
    forgotten: u64,
}

/// Values from the oldest to the newest with the version that wrote them; `None` is a deletion.
type Versions = Vec<(u64, Option<Vec<u8>>)>;

impl MemoryStore {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, Shared> {
        // A batch is applied by code that cannot panic half-way, so a poisoned lock still guards whole tables.
        self.shared.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> RwLockWriteGuard<'_, Shared> {
        self.shared.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ByteStore for MemoryStore {
    fn snapshot(&self) -> Result<Arc<dyn ByteView>, StoreError> {
        let mut shared = self.lock();
        let version = shared.version;
        *shared.pinned.entry(version).or_default() += 1;
        drop(shared);
        Ok(Arc::new(MemoryView { store: self.clone(), version }))
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let mut shared = self.lock();
        shared.version += 1;
        let version = shared.version;
        let oldest_seen = shared.pinned.keys().next().copied().unwrap_or(version);
        for write in batch.writes {
            let table = shared.rows.entry(write.table).or_default();
            let versions = table.entry(write.key.clone()).or_default();
            versions.push((version, write.value));
            forget(versions, oldest_seen);
            if matches!(versions.as_slice(), [(_, None)]) {
                table.remove(&write.key);
            }
        }
        Ok(())
    }

    fn forget_undo(&self, up_to: u64) {
        let mut shared = self.lock();
        if up_to < shared.forgotten + FORGET_EVERY {
            return;
        }
        shared.forgotten = up_to;
        if let Some(rows) = shared.rows.get_mut(&Table::Undo) {
            rows.retain(|key, _| undo_height(key).is_none_or(|height| height > up_to));
        }
    }
}

/// Drops the versions that no snapshot from `oldest_seen` on can read.
fn forget(versions: &mut Versions, oldest_seen: u64) {
    let needed = versions.iter().rposition(|(version, _)| *version <= oldest_seen).unwrap_or(0);
    versions.drain(..needed);
}

fn at(versions: &Versions, version: u64) -> Option<&Vec<u8>> {
    versions.iter().rev().find(|(written, _)| *written <= version).and_then(|(_, value)| value.as_ref())
}

struct MemoryView {
    store: MemoryStore,
    version: u64,
}

impl Drop for MemoryView {
    fn drop(&mut self) {
        let mut shared = self.store.lock();
        if let Some(count) = shared.pinned.get_mut(&self.version) {
            *count -= 1;
            if *count == 0 {
                shared.pinned.remove(&self.version);
            }
        }
    }
}

impl ByteView for MemoryView {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let shared = self.store.read();
        Ok(shared.rows.get(&table).and_then(|rows| rows.get(key)).and_then(|v| at(v, self.version)).cloned())
    }

    fn rows(&self, table: Table, range: &Range) -> Rows<'_> {
        let mut rest = Some(range.clone());
        let mut fetched = Vec::new().into_iter();
        Box::new(std::iter::from_fn(move || {
            loop {
                if let Some(row) = fetched.next() {
                    return Some(Ok(row));
                }
                let range = rest.take()?;
                let rows = self.fetch(table, &range);
                if let (ROWS_AT_ONCE, Some((last, _))) = (rows.len(), rows.last()) {
                    rest = Some(range.after(last));
                }
                fetched = rows.into_iter();
            }
        }))
    }
}

impl MemoryView {
    fn fetch(&self, table: Table, range: &Range) -> Vec<Row> {
        let shared = self.store.read();
        let Some(rows) = shared.rows.get(&table).filter(|_| !range.is_empty()) else {
            return Vec::new();
        };
        let end = range.end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let found = rows.range::<[u8], _>((Bound::Included(range.start.as_slice()), end));
        let visible = |(key, versions): (&Vec<u8>, &Versions)| Some((key.clone(), at(versions, self.version)?.clone()));
        if range.reverse {
            found.rev().filter_map(visible).take(ROWS_AT_ONCE).collect()
        } else {
            found.filter_map(visible).take(ROWS_AT_ONCE).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(rows: &[(&str, Option<&str>)]) -> Batch {
        let mut batch = Batch::default();
        for (key, value) in rows {
            match value {
                Some(value) => batch.put(Table::State, key.as_bytes().to_vec(), value.as_bytes().to_vec()),
                None => batch.delete(Table::State, key.as_bytes().to_vec()),
            }
        }
        batch
    }

    fn all(view: &dyn ByteView, range: Range) -> Vec<String> {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let rows: Result<Vec<Row>, StoreError> = view.rows(Table::State, &range).collect();
        rows.unwrap().into_iter().map(|(key, value)| format!("{}={}", text(key), text(value))).collect()
    }

    #[test]
    fn snapshot_does_not_see_later_batches() {
        let store = MemoryStore::new();
        store.write(batch(&[("a", Some("1")), ("b", Some("1"))])).unwrap();
        let old = store.snapshot().unwrap();
        store.write(batch(&[("a", Some("2")), ("b", None), ("c", Some("2"))])).unwrap();
        let new = store.snapshot().unwrap();

        assert_eq!(all(old.as_ref(), Range::all()), ["a=1", "b=1"]);
        assert_eq!(all(new.as_ref(), Range::all().reversed()), ["c=2", "a=2"]);
    }

    #[test]
    fn versions_are_forgotten_when_no_snapshot_needs_them() {
        let store = MemoryStore::new();
        for round in 0..100 {
            let _unused = store.snapshot().unwrap();
            store.write(batch(&[("a", Some(&round.to_string()))])).unwrap();
        }
        store.write(batch(&[("a", None)])).unwrap();
        store.write(batch(&[("a", None)])).unwrap();
        assert!(store.read().rows[&Table::State].is_empty() && store.read().pinned.is_empty());
    }

    #[test]
    fn long_ranges_are_read_in_pieces_in_both_directions() {
        let store = MemoryStore::new();
        let keys: Vec<String> = (0..1000).map(|n| format!("{n:04}")).collect();
        let rows: Vec<_> = keys.iter().map(|key| (key.as_str(), Some("v"))).collect();
        store.write(batch(&rows)).unwrap();
        let view = store.snapshot().unwrap();
        let expected: Vec<String> = keys.iter().map(|key| format!("{key}=v")).collect();
        assert_eq!(all(view.as_ref(), Range::all()), expected);
        let backwards: Vec<String> = expected.into_iter().rev().collect();
        assert_eq!(all(view.as_ref(), Range::all().reversed()), backwards);
    }
}
