//! Committing a block: tries first, then one durable batch, then the new view.

use prost::Message;

use super::record::{LATEST_KEY, Latest, StoreRecord};
use super::{ChainStore, Store, view_of};
use crate::bytes::{Batch, Table};
use crate::changes::{Change, Changes};
use crate::error::StoreError;
use crate::flat::{HISTORY_ROOT_KEY, flat_key};
use crate::hash::{Hash, leaf_hash, sha256};
use crate::kv::Space;
use crate::merkle::pair_leaf;
use crate::proof::node_key;
use crate::trie::{EMPTY, LeafChange, parallel_map};
use crate::view::{Archived, View};

/// A record that is written or removed, on its way into trie and flat state.
type Live<'a> = (&'a [u8], Option<&'a [u8]>);

impl ChainStore {
    /// Commits a block: durable as a whole before it returns, or not there at all. The first height can be any, later
    /// ones go up by one. After an error other than those about the arguments, open the store again.
    pub fn commit(&mut self, changes: Changes, height: u64) -> Result<Hash, StoreError> {
        self.check_commit(&changes, height)?;

        self.broken = true; // until everything below has succeeded
        let version = self.newest().0 + 1;
        let mut batch = Batch::default();
        for store in &mut self.stores {
            store.commit(&changes, version, self.options.threads, &mut batch);
            index_rows(store.name, &changes, &mut batch);
        }
        let app_hash = super::app_hash(self.stores.iter().map(|store| (store.name, &store.root)));
        let latest = Latest { height, app_hash: app_hash.to_vec(), stores: self.stores.iter().map(record).collect() };
        batch.put(Table::Meta, LATEST_KEY.to_vec(), latest.encode_to_vec());
        self.bytes.write(batch)?;
        let view = view_of(&self.stores, version, Some(height), self.bytes.snapshot()?);
        self.broken = false;

        self.show(version, view);
        Ok(app_hash)
    }

    fn check_commit(&self, changes: &Changes, height: u64) -> Result<(), StoreError> {
        if self.broken {
            return Err(StoreError::Broken);
        }
        let latest = &self.newest().1;
        if !latest.is_empty() && height != latest.height() + 1 {
            return Err(StoreError::BadHeight { last: latest.height(), got: height });
        }
        changes.spaces().try_for_each(|space| latest.check_store(space))
    }

    fn show(&mut self, version: u64, view: View) {
        self.views.push_back((version, view));
        if self.views.len() > self.options.kept_heights.max(1) {
            self.views.pop_front();
        }
        let oldest = self.views.front().map_or(version, |(version, _)| *version);
        for store in &mut self.stores {
            store.trie.keep_from(oldest);
        }
    }
}

impl Store {
    /// Makes the store's next version and adds its rows to the batch.
    fn commit(&mut self, changes: &Changes, version: u64, threads: usize, batch: &mut Batch) {
        let mut live: Vec<Live<'_>> = Vec::new();
        let history_before = self.history.len();
        for (key, change) in changes.of(Space::State(self.name)) {
            match change {
                Change::Put(value) => live.push((key, Some(value))),
                Change::Delete => live.push((key, None)),
                Change::Archive(value) => {
                    self.append(key, value, batch);
                    live.push((key, None));
                }
            }
        }
        let history_root = self.history.root();
        if self.root == EMPTY || self.history.len() != history_before {
            live.push((HISTORY_ROOT_KEY, Some(&history_root)));
        }
        self.root = self.apply(&live, version, threads, batch);
    }

    /// Adds a final record to the history.
    fn append(&mut self, key: &[u8], value: &[u8], batch: &mut Batch) {
        let archived = Archived { place: self.history.len(), value: value.to_vec() };
        batch.put(Table::History, flat_key(self.name, key), archived.encode());
        self.history.append(pair_leaf(key, value), |place, hash| {
            batch.put(Table::HistoryNode, node_key(self.name, place), hash.to_vec());
        });
    }

    /// Changes trie and flat state; writing what is there already changes nothing.
    fn apply(&mut self, live: &[Live<'_>], version: u64, threads: usize, batch: &mut Batch) -> Hash {
        let hashed = parallel_map(live, threads, |(key, value)| {
            let key = sha256(key);
            LeafChange { key, leaf: value.map(|value| leaf_hash(&key, &sha256(value))) }
        });
        let mut changed = Vec::with_capacity(hashed.len());
        for ((key, value), change) in live.iter().zip(hashed) {
            let before = self.trie.leaf(&change.key);
            if before == change.leaf {
                continue;
            }
            let row = flat_key(self.name, key);
            match value {
                Some(value) => batch.put(Table::State, row, value.to_vec()),
                None => batch.delete(Table::State, row),
            }
            match (before, change.leaf) {
                (None, _) => batch.put(Table::KeyName, flat_key(self.name, &change.key), key.to_vec()),
                (_, None) => batch.delete(Table::KeyName, flat_key(self.name, &change.key)),
                _ => {}
            }
            changed.push(change);
        }
        changed.sort_unstable_by_key(|change| change.key);
        self.trie.apply(&changed, version)
    }
}

fn index_rows(name: &'static str, changes: &Changes, batch: &mut Batch) {
    for (key, change) in changes.of(Space::Index(name)) {
        let row = flat_key(name, key);
        match change.value() {
            Some(value) => batch.put(Table::Index, row, value.clone()),
            None => batch.delete(Table::Index, row),
        }
    }
}

fn record(store: &Store) -> StoreRecord {
    StoreRecord { name: store.name.to_owned(), root: store.root.to_vec(), history_len: store.history.len() }
}
