//! Committing a block: tries first, then one durable batch, then the new view.

use std::sync::atomic::Ordering;

use super::record::{ChangedKeys, HeightRecord, Latest, StoreRecord};
use super::{ChainStore, Store, version_of, view_of};
use crate::bytes::{Batch, ByteView, Table};
use crate::changes::{Change, Changes};
use crate::error::StoreError;
use crate::flat::{HISTORY_ROOT_KEY, flat_key};
use crate::hash::{Hash, leaf_hash, sha256};
use crate::kv::Space;
use crate::merkle::pair_leaf;
use crate::proof::node_key;
use crate::trie::{EMPTY, LeafChange, parallel_map};
use crate::undo::{undo_key, undo_value};
use crate::view::Archived;

/// Heights that one commit takes from the readable ones at most, when fewer are to be kept than before.
const FORGOTTEN_AT_ONCE: u64 = 100;

/// A record that is written or removed, on its way into trie and flat state.
type Live<'a> = (&'a [u8], Option<&'a [u8]>);

/// The rows of one block in the making.
struct Block<'a> {
    height: u64,
    /// The tables before it; nothing before the first block, which nobody can take back.
    before: Option<&'a dyn ByteView>,
    threads: usize,
    batch: Batch,
    changed: ChangedKeys,
}

impl ChainStore {
    /// Commits a block: durable as a whole before it returns, or not there at all. The first height can be any, later
    /// ones go up by one. After an error other than those about the arguments, open the store again.
    pub fn commit(&mut self, changes: Changes, height: u64) -> Result<Hash, StoreError> {
        self.check_commit(&changes, height)?;

        self.broken = true; // until everything below has succeeded
        let before = (!self.newest.is_empty()).then(|| self.newest.bytes());
        let threads = self.options.threads;
        let mut block = Block { height, before, threads, batch: Batch::default(), changed: ChangedKeys::default() };
        for store in &mut self.stores {
            store.commit(&changes, &mut block)?;
            block.index_rows(store.name, &changes)?;
        }
        let app_hash = super::app_hash(self.stores.iter().map(|store| (store.name, &store.root)));
        let record = HeightRecord { app_hash: app_hash.to_vec(), stores: self.stores.iter().map(record).collect() };
        record.write(height, &mut block.batch);
        let Block { mut batch, changed, .. } = block;
        let latest = self.next_latest(height, changed, &mut batch);
        self.bytes.write(batch)?;
        let bytes = self.bytes.snapshot()?;
        self.broken = false;

        self.show(latest, bytes);
        Ok(app_hash)
    }

    fn check_commit(&self, changes: &Changes, height: u64) -> Result<(), StoreError> {
        if self.broken {
            return Err(StoreError::Broken);
        }
        let latest = &self.newest;
        if !latest.is_empty() && height != latest.height() + 1 {
            return Err(StoreError::BadHeight { last: latest.height(), got: height });
        }
        changes.spaces().try_for_each(|space| latest.check_store(space))
    }

    /// Which heights are there behind this one. What leaves is removed in the same batch.
    fn next_latest(&self, height: u64, changed: ChangedKeys, batch: &mut Batch) -> Latest {
        let Some(before) = self.latest else {
            let latest = Latest { height, lowest: height, listed_from: height + 1 };
            latest.write(batch);
            return latest;
        };
        let keep_from = |before: u64, kept: u64| {
            let wanted = (height + 1).saturating_sub(kept);
            wanted.clamp(before, before.saturating_add(FORGOTTEN_AT_ONCE)).min(height)
        };
        let lowest = keep_from(before.lowest, self.options.readable_heights());
        let listed_from = keep_from(before.listed_from, self.options.kept_heights as u64).max(lowest + 1);
        for forgotten in before.lowest..lowest {
            batch.delete(Table::Height, forgotten.to_be_bytes().to_vec());
        }
        for forgotten in before.listed_from..listed_from.min(height) {
            batch.delete(Table::Changed, forgotten.to_be_bytes().to_vec());
        }
        changed.write(height, batch);
        let latest = Latest { height, lowest, listed_from };
        latest.write(batch);
        latest
    }

    fn show(&mut self, latest: Latest, bytes: std::sync::Arc<dyn ByteView>) {
        self.latest = Some(latest);
        self.lowest.store(latest.lowest, Ordering::SeqCst);
        self.bytes.forget_undo(latest.lowest);
        self.newest = view_of(&self.stores, Some(latest.height), bytes, &self.lowest);
        let oldest = version_of(Some((latest.height + 1).saturating_sub(self.options.kept_heights.max(1) as u64)));
        for store in &mut self.stores {
            store.trie.keep_from(oldest);
        }
    }
}

impl Store {
    /// Makes the store's next version and adds its rows to the block.
    fn commit(&mut self, changes: &Changes, block: &mut Block<'_>) -> Result<(), StoreError> {
        let mut live: Vec<Live<'_>> = Vec::new();
        let history_before = self.history.len();
        for (key, change) in changes.of(Space::State(self.name)) {
            match change {
                Change::Put(value) => live.push((key, Some(value))),
                Change::Delete => live.push((key, None)),
                Change::Archive(value) => {
                    self.append(key, value, block);
                    live.push((key, None));
                }
            }
        }
        let history_root = self.history.root();
        if self.root == EMPTY || self.history.len() != history_before {
            live.push((HISTORY_ROOT_KEY, Some(&history_root)));
        }
        self.root = self.apply(&live, block)?;
        Ok(())
    }

    /// Adds a final record to the history.
    fn append(&mut self, key: &[u8], value: &[u8], block: &mut Block<'_>) {
        let archived = Archived { place: self.history.len(), value: value.to_vec() };
        let row = flat_key(self.name, key);
        block.changed.push(Table::History, &row);
        block.batch.put(Table::History, row, archived.encode());
        self.history.append(pair_leaf(key, value), |place, hash| {
            block.batch.put(Table::HistoryNode, node_key(self.name, place), hash.to_vec());
        });
    }

    /// Changes trie and flat state; writing what is there already changes nothing.
    fn apply(&mut self, live: &[Live<'_>], block: &mut Block<'_>) -> Result<Hash, StoreError> {
        let rows = parallel_map(live, block.threads, |(key, value)| self.changed_row(key, *value, block.before));
        let mut changed = Vec::with_capacity(rows.len());
        for ((key, value), row) in live.iter().zip(rows) {
            let Some(Row { row, leaf, is_new, old }) = row? else { continue };
            block.change(Table::State, row, old.as_deref(), value.map(<[u8]>::to_vec));
            let name = || flat_key(self.name, &leaf.key);
            if is_new {
                block.change(Table::KeyName, name(), None, Some(key.to_vec()));
            } else if leaf.leaf.is_none() {
                block.change(Table::KeyName, name(), Some(key), None);
            }
            changed.push(leaf);
        }
        changed.sort_unstable_by_key(|change| change.key);
        Ok(self.trie.apply(&changed, version_of(Some(block.height))))
    }

    /// What becomes of one record, if anything does.
    fn changed_row(
        &self,
        key: &[u8],
        value: Option<&[u8]>,
        before: Option<&dyn ByteView>,
    ) -> Result<Option<Row>, StoreError> {
        let hash = sha256(key);
        let leaf = LeafChange { key: hash, leaf: value.map(|value| leaf_hash(&hash, &sha256(value))) };
        let old_leaf = self.trie.leaf(&hash);
        if old_leaf == leaf.leaf {
            return Ok(None);
        }
        let row = flat_key(self.name, key);
        let old = match (before, old_leaf) {
            (Some(before), Some(_)) => before.get(Table::State, &row)?,
            _ => None,
        };
        Ok(Some(Row { row, leaf, is_new: old_leaf.is_none(), old }))
    }
}

/// A record that changes.
struct Row {
    row: Vec<u8>,
    leaf: LeafChange,
    is_new: bool,
    old: Option<Vec<u8>>,
}

impl Block<'_> {
    fn change(&mut self, table: Table, row: Vec<u8>, old: Option<&[u8]>, new: Option<Vec<u8>>) {
        if self.before.is_some() {
            self.changed.push(table, &row);
            self.batch.put(Table::Undo, undo_key(table, &row, self.height), undo_value(old));
        }
        match new {
            Some(value) => self.batch.put(table, row, value),
            None => self.batch.delete(table, row),
        }
    }

    fn index_rows(&mut self, name: &'static str, changes: &Changes) -> Result<(), StoreError> {
        let changes: Vec<_> = changes.of(Space::Index(name)).collect();
        let before = self.before;
        let old = parallel_map(&changes, self.threads, |(key, _)| match before {
            Some(before) => before.get(Table::Index, &flat_key(name, key)),
            None => Ok(None),
        });
        for ((key, change), old) in changes.into_iter().zip(old) {
            let (old, new) = (old?, change.value().cloned());
            if self.before.is_none() || old != new {
                self.change(Table::Index, flat_key(name, key), old.as_deref(), new);
            }
        }
        Ok(())
    }
}

fn record(store: &Store) -> StoreRecord {
    StoreRecord { name: store.name.to_owned(), root: store.root.to_vec(), history_len: store.history.len() }
}
