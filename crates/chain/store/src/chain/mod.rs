//! The committed heights: opening, committing, and the views of the last ones.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::bytes::{Batch, ByteStore, Table};
use crate::changes::{Change, Changes};
use crate::error::StoreError;
use crate::flat::flat_key;
use crate::hash::{Hash, sha256};
use crate::kv::{Space, StoreName};
use crate::view::{Shared, StoreAt, View};

pub struct ChainStore {
    bytes: Arc<dyn ByteStore>,
    names: Vec<StoreName>,
    views: VecDeque<View>,
    empty: bool,
}

impl ChainStore {
    pub fn open(bytes: Arc<dyn ByteStore>, names: &[StoreName]) -> Result<Self, StoreError> {
        let mut names = names.to_vec();
        names.sort_unstable();
        let mut store = Self { bytes, names, views: VecDeque::new(), empty: true };
        let view = store.view_at(0, sha256(b""))?;
        store.views.push_back(view);
        Ok(store)
    }

    #[must_use]
    pub fn latest(&self) -> View {
        self.views.back().expect("there is always a latest height").clone()
    }

    #[must_use]
    pub fn view(&self, height: u64) -> Option<View> {
        self.views.iter().find(|view| view.height() == height).cloned()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.empty
    }

    pub fn commit(&mut self, changes: Changes, height: u64) -> Result<Hash, StoreError> {
        let mut batch = Batch::default();
        for space in changes.spaces() {
            let table = if matches!(space, Space::State(_)) { Table::State } else { Table::Index };
            for (key, change) in changes.of(space) {
                let key = flat_key(space.store(), key);
                match change {
                    Change::Put(value) | Change::Archive(value) => batch.put(table, key, value.clone()),
                    Change::Delete => batch.delete(table, key),
                }
            }
        }
        self.bytes.write(batch)?;
        self.empty = false;
        let view = self.view_at(height, sha256(&height.to_be_bytes()))?;
        self.views.push_back(view);
        Ok(self.latest().app_hash())
    }

    fn view_at(&self, height: u64, app_hash: Hash) -> Result<View, StoreError> {
        let stores = self.names.iter().map(|name| StoreAt { name, history_len: 0 }).collect();
        Ok(View::new(Shared { height, app_hash, stores, bytes: self.bytes.snapshot()? }))
    }
}
