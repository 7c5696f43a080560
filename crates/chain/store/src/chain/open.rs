//! Opening: the tries are rebuilt from the flat state and compared with what was committed.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::record::{HeightRecord, Latest, is_half_indexed};
use super::{ChainStore, Options, Store, version_of, view_of};
use crate::bytes::{ByteStore, ByteView, Table};
use crate::error::{StoreError, shown};
use crate::flat::{inner_key, store_prefix};
use crate::hash::{Hash, leaf_hash, sha256};
use crate::kv::{Range, Row, StoreName};
use crate::merkle::{NodePlace, Peaks};
use crate::proof::node_key;
use crate::trie::{EMPTY, Leaf, Trie, parallel_map};

/// Longest name of a store.
const MAX_NAME_BYTES: usize = 64;

/// Records read before they are hashed together.
const ROWS_AT_ONCE: usize = 1 << 16;

impl ChainStore {
    /// Opens the newest height with the default options.
    pub fn open(bytes: Arc<dyn ByteStore>, names: &[StoreName]) -> Result<Self, StoreError> {
        Self::open_with(bytes, names, Options::default())
    }

    /// Opens the newest height. Stores that the disk does not know yet join the app hash with the next commit; stores
    /// that only the disk knows are refused.
    pub fn open_with(bytes: Arc<dyn ByteStore>, names: &[StoreName], options: Options) -> Result<Self, StoreError> {
        let names = checked_names(names)?;
        let view = bytes.snapshot()?;
        let latest = Latest::read(view.as_ref())?;
        if !options.reindexing && is_half_indexed(view.as_ref())? {
            return Err(StoreError::HalfIndexed);
        }
        let height = latest.map(|latest| latest.height);
        let record = height.map(|height| HeightRecord::require(view.as_ref(), height)).transpose()?;
        for record in record.iter().flat_map(|record| &record.stores) {
            if !names.contains(&record.name.as_str()) {
                return Err(StoreError::UnknownStore(record.name.clone()));
            }
        }
        let reader = Reader { view: view.as_ref(), version: version_of(height), threads: options.threads };
        let open = |name: &StoreName| reader.open_store(name, record.as_ref());
        let stores = names.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        if let Some(record) = &record {
            check_app_hash(&stores, record)?;
        }
        let lowest = Arc::new(AtomicU64::new(latest.map_or(0, |latest| latest.lowest)));
        bytes.forget_undo(latest.map_or(0, |latest| latest.lowest));
        let newest = view_of(&stores, height, view, &lowest);
        Ok(Self { bytes, options, stores, latest, lowest, newest, broken: false })
    }
}

/// Sorted names. Two equal ones would share a subtree.
fn checked_names(names: &[StoreName]) -> Result<Vec<StoreName>, StoreError> {
    let mut names = names.to_vec();
    names.sort_unstable();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
    let unfit = names.iter().copied().find(|name| name.is_empty() || name.len() > MAX_NAME_BYTES);
    match twice.or(unfit) {
        Some(name) => Err(StoreError::BadName(name.to_owned())),
        None => Ok(names),
    }
}

/// Reads the stores of the newest height.
struct Reader<'a> {
    view: &'a dyn ByteView,
    version: u64,
    threads: usize,
}

impl Reader<'_> {
    fn open_store(&self, name: StoreName, height: Option<&HeightRecord>) -> Result<Store, StoreError> {
        let mut leaves = self.read_leaves(name)?;
        leaves.sort_unstable_by_key(|leaf| leaf.key);
        let trie = Trie::build(&leaves, self.version, self.threads);
        let root = trie.root();
        let Some(record) = height.and_then(|height| height.store(name)) else {
            let leftover = StoreError::Corrupt(format!("store {name} has records that no height accounts for"));
            return if root == EMPTY {
                Ok(Store { name, root, trie, history: Peaks::default() })
            } else {
                Err(leftover)
            };
        };
        if record.root != root {
            let (found, expected) = (shown(&root), shown(&record.root));
            return Err(StoreError::Corrupt(format!("store {name} has root {found}, committed was {expected}")));
        }
        let history = Peaks::load(record.history_len, |place| history_node(self.view, name, place))?;
        Ok(Store { name, root, trie, history })
    }

    fn read_leaves(&self, name: &str) -> Result<Vec<Leaf>, StoreError> {
        let mut rows = self.view.rows(Table::State, &Range::prefix(store_prefix(name)));
        let mut leaves = Vec::new();
        loop {
            let some: Vec<Row> = rows
                .by_ref()
                .take(ROWS_AT_ONCE)
                .map(|row| row.and_then(|(key, value)| Ok((inner_key(name, key)?, value))))
                .collect::<Result<_, _>>()?;
            if some.is_empty() {
                return Ok(leaves);
            }
            leaves.extend(parallel_map(&some, self.threads, |(key, value)| {
                let key = sha256(key);
                Leaf { key, hash: leaf_hash(&key, &sha256(value)) }
            }));
        }
    }
}

fn history_node(view: &dyn ByteView, name: &str, place: NodePlace) -> Result<Hash, StoreError> {
    let node = view.get(Table::HistoryNode, &node_key(name, place))?;
    let broken = || StoreError::Corrupt(format!("the history of store {name} lacks a node"));
    node.and_then(|hash| Hash::try_from(hash).ok()).ok_or_else(broken)
}

/// Store by store the roots agree; what remains is which stores there were, and the history's root in each.
fn check_app_hash(stores: &[Store], record: &HeightRecord) -> Result<(), StoreError> {
    let committed = stores.iter().filter(|store| record.store(store.name).is_some());
    let found = super::app_hash(committed.map(|store| (store.name, &store.root)));
    if record.app_hash == found {
        return Ok(());
    }
    let expected = shown(&record.app_hash);
    Err(StoreError::Corrupt(format!("the state has app hash {}, committed was {expected}", shown(&found))))
}
