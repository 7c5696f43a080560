//! A height in pieces: written out, and put together again on an empty disk by someone who trusts nothing but the app
//! hash.
//!
//! A piece is a list of rows, each a store's number, a kind, key and value with their lengths; nothing is compressed,
//! so that a piece takes as much memory as it has bytes. Rows go up by store, kind and key through all pieces. Only
//! records travel: names, nodes of the history and indexes are made from them.
//!
//! [`Restore`] checks each row's form as it comes, the histories' roots and lengths in [`Restore::finish`], and leaves
//! the rest to [`crate::ChainStore::open_with`], which rebuilds every trie and compares it with the app hash. The
//! indexes are marked as half made until they are made again.

use std::sync::Arc;

use crate::bytes::{Batch, ByteStore, ByteView, Table};
use crate::chain::{HeightRecord, Latest, StoreRecord, mark_half_indexed};
use crate::error::StoreError;
use crate::flat::{HISTORY_ROOT_KEY, flat_key, inner_key, store_prefix};
use crate::hash::{Hash, sha256};
use crate::kv::{MAX_KEY_BYTES, MAX_VALUE_BYTES, Range};
use crate::merkle::{NodePlace, Peaks, pair_leaf};
use crate::proof::node_key;
use crate::view::{Archived, View};

/// Longest piece. A row is never parted, so one must hold the longest key and value.
pub const PIECE_BYTES_MAX: usize = 10_000_000;

/// Rows stop being added to a piece behind this length.
const PIECE_BYTES: usize = PIECE_BYTES_MAX - ROW_BYTES_MAX;
const ROW_BYTES_MAX: usize = ROW_HEAD_BYTES + MAX_KEY_BYTES + MAX_VALUE_BYTES + size_of::<u64>();
/// Store, kind, length of the key, length of the value.
const ROW_HEAD_BYTES: usize = 1 + 1 + 2 + 4;

/// Stores that a height can have at most.
const STORES_MAX: usize = 255;
/// Leaves of a history that one batch joins to a tree.
const LEAVES_AT_ONCE: u64 = 20_000;

const LIVE: u8 = 0;
const FINAL: u8 = 1;

/// What a snapshot claims to be. Nothing of it is believed but the app hash, by those who know it from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    pub height: u64,
    pub app_hash: Hash,
    /// In the order of names.
    pub stores: Vec<StoreContents>,
}

/// One store of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreContents {
    pub name: String,
    pub root: Hash,
    /// How many records are final.
    pub history_len: u64,
}

impl View {
    /// What this height holds.
    #[must_use]
    pub fn contents(&self) -> Contents {
        let stores = self.stores().iter().map(|store| StoreContents {
            name: store.name.to_owned(),
            root: store.root,
            history_len: store.history_len,
        });
        Contents { height: self.height(), app_hash: self.app_hash(), stores: stores.collect() }
    }

    /// All records in pieces, read as they are asked for.
    pub fn pieces(&self) -> impl Iterator<Item = Result<Vec<u8>, StoreError>> {
        let mut rows = self.stores().iter().enumerate().flat_map(|(number, store)| {
            let number = u8::try_from(number).expect("a chain has fewer stores than a byte can count");
            let range = Range::prefix(store_prefix(store.name));
            let live = self.bytes().rows(Table::State, &range).map(move |row| (LIVE, row));
            let history = self.bytes().rows(Table::History, &range).map(move |row| (FINAL, row));
            let len = store.history_len;
            let later = move |row: &[u8]| row.first_chunk().is_some_and(|place| u64::from_be_bytes(*place) >= len);
            live.chain(history).filter_map(move |(kind, row)| match row {
                Ok((_, value)) if kind == FINAL && later(&value) => None,
                row => Some(row.and_then(|(key, value)| encode(number, kind, &inner_key(store.name, key)?, &value))),
            })
        });
        std::iter::from_fn(move || {
            let mut piece = Vec::new();
            while piece.len() < PIECE_BYTES {
                match rows.next() {
                    Some(Ok(row)) => piece.extend_from_slice(&row),
                    Some(Err(error)) => return Some(Err(error)),
                    None => break,
                }
            }
            (!piece.is_empty()).then_some(Ok(piece))
        })
    }
}

fn encode(store: u8, kind: u8, key: &[u8], value: &[u8]) -> Result<Vec<u8>, StoreError> {
    let too_long = |_| StoreError::Corrupt("a row is longer than any that can be written".to_owned());
    let mut row = Vec::with_capacity(ROW_HEAD_BYTES + key.len() + value.len());
    row.extend_from_slice(&[store, kind]);
    row.extend_from_slice(&u16::try_from(key.len()).map_err(too_long)?.to_be_bytes());
    row.extend_from_slice(&u32::try_from(value.len()).map_err(too_long)?.to_be_bytes());
    row.extend_from_slice(key);
    row.extend_from_slice(value);
    Ok(row)
}

struct Row<'a> {
    store: u8,
    kind: u8,
    key: &'a [u8],
    value: &'a [u8],
}

/// Splits the first row off.
fn decode(piece: &[u8]) -> Option<(Row<'_>, &[u8])> {
    let (head, rest) = piece.split_first_chunk::<ROW_HEAD_BYTES>()?;
    let [store, kind, k1, k0, v3, v2, v1, v0] = *head;
    let key_len = usize::from(u16::from_be_bytes([k1, k0]));
    let value_len = u32::from_be_bytes([v3, v2, v1, v0]) as usize;
    let (key, rest) = rest.split_at_checked(key_len)?;
    let (value, rest) = rest.split_at_checked(value_len)?;
    let fits = !key.is_empty() && key_len <= MAX_KEY_BYTES && !value.is_empty() && kind <= FINAL;
    (fits && value_len <= MAX_VALUE_BYTES + size_of::<u64>()).then_some((Row { store, kind, key, value }, rest))
}

/// Puts a height together on an empty disk.
pub struct Restore {
    bytes: Arc<dyn ByteStore>,
    contents: Contents,
    /// Where the last row stood.
    last: Option<(u8, u8, Vec<u8>)>,
    /// Final records so far, by store.
    histories: Vec<u64>,
}

impl Restore {
    /// Begins. The disk has to be empty: what a cut off attempt left has to be thrown away first.
    pub fn begin(bytes: Arc<dyn ByteStore>, contents: Contents) -> Result<Self, StoreError> {
        let view = bytes.snapshot()?;
        if Table::ALL.into_iter().any(|table| view.rows(table, &Range::all()).next().is_some()) {
            return Err(StoreError::BadSnapshot("it can only go where nothing is".to_owned()));
        }
        let names = &contents.stores;
        let in_order = names.is_sorted_by(|one, next| one.name < next.name);
        let named = names.iter().all(|store| (1..=64).contains(&store.name.len()));
        if names.len() > STORES_MAX || !in_order || !named {
            return Err(StoreError::BadSnapshot("its list of stores is not one".to_owned()));
        }
        let histories = vec![0; contents.stores.len()];
        Ok(Self { bytes, contents, last: None, histories })
    }

    /// Takes the next piece. After an error nothing more can come of it.
    pub fn add(&mut self, piece: &[u8]) -> Result<(), StoreError> {
        if piece.is_empty() || piece.len() > PIECE_BYTES_MAX {
            let text = format!("a piece has {} bytes, 1 to {PIECE_BYTES_MAX} are allowed", piece.len());
            return Err(StoreError::BadSnapshot(text));
        }
        let mut batch = Batch::default();
        let mut rest = piece;
        while !rest.is_empty() {
            let cut_off = || StoreError::BadSnapshot("a row is cut off or has no sense".to_owned());
            let (row, behind) = decode(rest).ok_or_else(cut_off)?;
            self.add_row(&row, &mut batch)?;
            rest = behind;
        }
        self.bytes.write(batch)
    }

    fn add_row(&mut self, row: &Row<'_>, batch: &mut Batch) -> Result<(), StoreError> {
        let bad = |text: &str| Err(StoreError::BadSnapshot(text.to_owned()));
        let place = (row.store, row.kind, row.key.to_vec());
        if self.last.as_ref().is_some_and(|last| *last >= place) {
            return bad("its rows are out of order");
        }
        let number = usize::from(row.store);
        let Some(store) = self.contents.stores.get(number) else { return bad("a row belongs to no store") };
        let flat = flat_key(&store.name, row.key);
        if row.kind == LIVE {
            batch.put(Table::KeyName, flat_key(&store.name, &sha256(row.key)), row.key.to_vec());
            batch.put(Table::State, flat, row.value.to_vec());
        } else {
            let archived = Archived::decode(row.value.to_vec())?;
            if archived.place >= store.history_len || archived.value.is_empty() {
                return bad("a final record has no place");
            }
            let leaf = NodePlace { level: 0, number: archived.place };
            let hash = pair_leaf(row.key, &archived.value);
            batch.put(Table::HistoryNode, node_key(&store.name, leaf), hash.to_vec());
            batch.put(Table::History, flat, row.value.to_vec());
            self.histories[number] += 1;
        }
        self.last = Some(place);
        Ok(())
    }

    /// Builds and checks the histories and names the height. Opening the store then checks all the rest.
    pub fn finish(self) -> Result<(), StoreError> {
        for (store, found) in self.contents.stores.iter().zip(&self.histories) {
            if *found != store.history_len {
                let text = format!("store {} has {found} final records, not {}", store.name, store.history_len);
                return Err(StoreError::BadSnapshot(text));
            }
            self.build_history(store)?;
        }
        let Contents { height, app_hash, stores } = &self.contents;
        let record = |store: &StoreContents| StoreRecord {
            name: store.name.clone(),
            root: store.root.to_vec(),
            history_len: store.history_len,
        };
        let record = HeightRecord { app_hash: app_hash.to_vec(), stores: stores.iter().map(record).collect() };
        let mut batch = Batch::default();
        record.write(*height, &mut batch);
        mark_half_indexed(true, &mut batch);
        Latest { height: *height, lowest: *height, listed_from: height.saturating_add(1) }.write(&mut batch);
        self.bytes.write(batch)
    }

    /// Each place has been filled, so that the tree stands on leaves alone; its root has to be the one in the state.
    fn build_history(&self, store: &StoreContents) -> Result<(), StoreError> {
        let view = self.bytes.snapshot()?;
        let mut tree = Peaks::default();
        while tree.len() < store.history_len {
            let mut batch = Batch::default();
            for number in tree.len()..store.history_len.min(tree.len() + LEAVES_AT_ONCE) {
                let leaf = self.leaf(view.as_ref(), &store.name, number)?;
                tree.append(leaf, |place, hash| {
                    if place.level > 0 {
                        batch.put(Table::HistoryNode, node_key(&store.name, place), hash.to_vec());
                    }
                });
            }
            self.bytes.write(batch)?;
        }
        let committed = view.get(Table::State, &flat_key(&store.name, HISTORY_ROOT_KEY))?;
        if committed.as_deref() == Some(&tree.root()[..]) {
            return Ok(());
        }
        Err(StoreError::BadSnapshot(format!("the history of store {} is not the committed one", store.name)))
    }

    fn leaf(&self, view: &dyn ByteView, store: &str, number: u64) -> Result<Hash, StoreError> {
        let row = view.get(Table::HistoryNode, &node_key(store, NodePlace { level: 0, number }))?;
        let missing = || StoreError::BadSnapshot(format!("two final records of store {store} have one place"));
        row.and_then(|hash| Hash::try_from(hash).ok()).ok_or_else(missing)
    }
}
