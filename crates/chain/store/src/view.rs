//! One committed height, for reading.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::bytes::{ByteView, Rows, Table};
use crate::chain::{HeightRecord, version_of};
use crate::error::StoreError;
use crate::flat::{flat_key, flat_range, inner_key};
use crate::hash::Hash;
use crate::kv::{Kv, Range, Row, Space, StoreName};
use crate::merge::{Merged, Source};
use crate::trie::TrieVersion;
use crate::undo::Past;

/// What a view knows of one store.
pub(crate) struct StoreAt {
    pub(crate) name: StoreName,
    pub(crate) root: Hash,
    pub(crate) trie: TrieVersion,
    /// How many records are history.
    pub(crate) history_len: u64,
}

/// An immutable committed height. Clones share everything; readers on any thread never wait for the writer.
#[derive(Clone)]
pub struct View {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    /// `None` before the first commit.
    pub(crate) height: Option<u64>,
    pub(crate) app_hash: Hash,
    /// In the order of names.
    pub(crate) stores: Vec<StoreAt>,
    /// The tables at this height.
    pub(crate) bytes: Arc<dyn ByteView>,
    /// The tables when this height, or a later one, was the newest.
    pub(crate) now: Arc<dyn ByteView>,
    /// The lowest height that can be read.
    pub(crate) lowest: Arc<AtomicU64>,
}

/// One record of a store's state, live or history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub store: StoreName,
    pub key: Vec<u8>,
    pub value: Vec<u8>,
}

impl View {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared: Arc::new(shared) }
    }

    /// The height; 0 before the first commit.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.shared.height.unwrap_or(0)
    }

    /// Whether nothing was ever committed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shared.height.is_none()
    }

    #[must_use]
    pub fn app_hash(&self) -> Hash {
        self.shared.app_hash
    }

    /// An older height, or this one; none where it is not kept any more or did not exist. A view that is held while
    /// its height is pruned gives [`StoreError::Expired`].
    pub fn at(&self, height: u64) -> Result<Option<Self>, StoreError> {
        if self.shared.height == Some(height) {
            return Ok(Some(self.clone()));
        }
        let lowest = &self.shared.lowest;
        if self.is_empty() || height > self.height() || height < lowest.load(Ordering::SeqCst) {
            return Ok(None);
        }
        let Some(record) = HeightRecord::read(self.shared.now.as_ref(), height)? else { return Ok(None) };
        let broken = || StoreError::Corrupt(format!("the record of height {height} is broken"));
        let mut stores = Vec::with_capacity(record.stores.len());
        for store in self.stores() {
            let Some(then) = record.store(store.name) else { continue };
            let root = Hash::try_from(then.root.as_slice()).map_err(|_| broken())?;
            let trie = store.trie.at(version_of(Some(height)));
            stores.push(StoreAt { name: store.name, root, trie, history_len: then.history_len });
        }
        let app_hash = record.app_hash.try_into().map_err(|_| broken())?;
        let now = Arc::clone(&self.shared.now);
        let bytes = Arc::new(Past { now: Arc::clone(&now), height, lowest: Arc::clone(lowest) });
        Ok(Some(Self::new(Shared { height: Some(height), app_hash, stores, bytes, now, lowest: Arc::clone(lowest) })))
    }

    /// The lowest height that [`View::at`] still knows.
    #[must_use]
    pub fn lowest_height(&self) -> u64 {
        self.shared.lowest.load(Ordering::SeqCst)
    }

    /// All records of a store's state, live and history, in key order.
    pub fn records(&self, store: StoreName) -> Result<impl Iterator<Item = Result<Record, StoreError>>, StoreError> {
        let rows = self.rows(Space::State(store), &Range::all())?;
        Ok(rows.map(move |row| row.map(|(key, value)| Record { store, key, value })))
    }

    /// The value of a key, be it live or history.
    pub fn read(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let store = self.store(space.store())?;
        let flat = flat_key(store.name, key);
        let table = match space {
            Space::Index(_) => return self.shared.bytes.get(Table::Index, &flat),
            Space::State(_) => Table::State,
        };
        match self.shared.bytes.get(table, &flat)? {
            None => Ok(self.archived(store, key)?.map(|record| record.value)),
            live => Ok(live),
        }
    }

    /// The rows of a range in walking order, read as they are asked for.
    pub fn rows(&self, space: Space, range: &Range) -> Result<Rows<'_>, StoreError> {
        let store = self.store(space.store())?;
        let flat = flat_range(store.name, range);
        let rows = match space {
            Space::Index(_) => self.shared.bytes.rows(Table::Index, &flat),
            Space::State(_) if store.history_len == 0 => self.shared.bytes.rows(Table::State, &flat),
            Space::State(_) => self.live_and_history(store, &flat),
        };
        let name = store.name;
        Ok(Box::new(rows.map(move |row| row.and_then(|(key, value)| Ok((inner_key(name, key)?, value))))))
    }

    /// Whether the record is history.
    pub(crate) fn is_archived(&self, space: Space, key: &[u8]) -> Result<bool, StoreError> {
        let Space::State(name) = space else {
            return Ok(false);
        };
        Ok(self.archived(self.store(name)?, key)?.is_some())
    }

    /// A record of the history. Stores without one are not asked.
    pub(crate) fn archived(&self, store: &StoreAt, key: &[u8]) -> Result<Option<Archived>, StoreError> {
        if store.history_len == 0 {
            return Ok(None);
        }
        let row =
            self.shared.bytes.get(Table::History, &flat_key(store.name, key))?.map(Archived::decode).transpose()?;
        Ok(row.filter(|record| record.place < store.history_len))
    }

    pub(crate) fn check_store(&self, space: Space) -> Result<(), StoreError> {
        self.store(space.store()).map(|_| ())
    }

    pub(crate) fn store(&self, name: &str) -> Result<&StoreAt, StoreError> {
        let found = self.shared.stores.binary_search_by(|store| store.name.cmp(name));
        found.map(|place| &self.shared.stores[place]).map_err(|_| StoreError::UnknownStore(name.to_owned()))
    }

    pub(crate) fn stores(&self) -> &[StoreAt] {
        &self.shared.stores
    }

    pub(crate) fn bytes(&self) -> &dyn ByteView {
        self.shared.bytes.as_ref()
    }

    fn live_and_history(&self, store: &StoreAt, flat: &Range) -> Rows<'_> {
        let len = store.history_len;
        let live = self.shared.bytes.rows(Table::State, flat);
        let history = self.shared.bytes.rows(Table::History, flat);
        let live: Source<'_> = Box::new(live.map(|row| row.map(|(key, value)| (key, Some(value)))));
        let archived = move |(key, row)| -> Result<_, StoreError> {
            let record = Archived::decode(row)?;
            Ok((record.place < len).then_some((key, Some(record.value))))
        };
        let history: Source<'_> = Box::new(history.filter_map(move |row| row.and_then(archived).transpose()));
        let merged = Merged::new(vec![live, history], flat.reverse);
        Box::new(merged.filter_map(|entry| entry.map(|(key, value)| Some((key, value?))).transpose()))
    }
}

/// A row of the history: place in the store's tree, then the value.
pub(crate) struct Archived {
    pub(crate) place: u64,
    pub(crate) value: Vec<u8>,
}

impl Archived {
    pub(crate) fn encode(&self) -> Vec<u8> {
        [&self.place.to_be_bytes()[..], &self.value].concat()
    }

    pub(crate) fn decode(mut row: Vec<u8>) -> Result<Self, StoreError> {
        let Some(place) = row.first_chunk() else {
            return Err(StoreError::Corrupt("a row of the history is too short".to_owned()));
        };
        let place = u64::from_be_bytes(*place);
        row.drain(..size_of::<u64>());
        Ok(Self { place, value: row })
    }
}

/// Reads only; every write is refused.
impl Kv for View {
    type Error = StoreError;

    fn get(&mut self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(space, key)
    }

    fn put(&mut self, _: Space, _: &[u8], _: Vec<u8>) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    fn delete(&mut self, _: Space, _: &[u8]) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    fn archive(&mut self, _: Space, _: &[u8], _: Vec<u8>) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    fn scan(&mut self, space: Space, range: Range, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.rows(space, &range)?.take(limit).collect()
    }
}
