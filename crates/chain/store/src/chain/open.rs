//! Opening: the tries are rebuilt from the flat state and compared with what was committed.

use std::collections::VecDeque;
use std::sync::Arc;

use super::record::{LATEST_KEY, Latest};
use super::{ChainStore, Options, Store, view_of};
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

/// The version of a trie that was just rebuilt.
const FIRST_VERSION: u64 = 0;

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
        let latest = view.get(Table::Meta, LATEST_KEY)?.map(|record| Latest::read(&record)).transpose()?;
        for record in latest.iter().flat_map(|latest| &latest.stores) {
            if !names.contains(&record.name.as_str()) {
                return Err(StoreError::UnknownStore(record.name.clone()));
            }
        }
        let open = |name: &StoreName| open_store(view.as_ref(), name, latest.as_ref(), options.threads);
        let stores = names.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let height = latest.as_ref().map(|latest| latest.height);
        if let Some(latest) = &latest {
            check_app_hash(&stores, latest)?;
        }
        let views = VecDeque::from([(FIRST_VERSION, view_of(&stores, FIRST_VERSION, height, view))]);
        Ok(Self { bytes, options, stores, views, broken: false })
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

fn open_store(
    view: &dyn ByteView,
    name: StoreName,
    latest: Option<&Latest>,
    threads: usize,
) -> Result<Store, StoreError> {
    let mut leaves = read_leaves(view, name, threads)?;
    leaves.sort_unstable_by_key(|leaf| leaf.key);
    let trie = Trie::build(&leaves, FIRST_VERSION, threads);
    let root = trie.root();
    let Some(record) = latest.and_then(|latest| latest.store(name)) else {
        let leftover = StoreError::Corrupt(format!("store {name} has records that no height accounts for"));
        return if root == EMPTY { Ok(Store { name, root, trie, history: Peaks::default() }) } else { Err(leftover) };
    };
    if record.root != root {
        let (found, expected) = (shown(&root), shown(&record.root));
        return Err(StoreError::Corrupt(format!("store {name} has root {found}, committed was {expected}")));
    }
    let history = Peaks::load(record.history_len, |place| history_node(view, name, place))?;
    Ok(Store { name, root, trie, history })
}

fn read_leaves(view: &dyn ByteView, name: &str, threads: usize) -> Result<Vec<Leaf>, StoreError> {
    let mut rows = view.rows(Table::State, &Range::prefix(store_prefix(name)));
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
        leaves.extend(parallel_map(&some, threads, |(key, value)| {
            let key = sha256(key);
            Leaf { key, hash: leaf_hash(&key, &sha256(value)) }
        }));
    }
}

fn history_node(view: &dyn ByteView, name: &str, place: NodePlace) -> Result<Hash, StoreError> {
    let node = view.get(Table::HistoryNode, &node_key(name, place))?;
    let broken = || StoreError::Corrupt(format!("the history of store {name} lacks a node"));
    node.and_then(|hash| Hash::try_from(hash).ok()).ok_or_else(broken)
}

/// Store by store the roots agree; what remains is which stores there were, and the history's root in each.
fn check_app_hash(stores: &[Store], latest: &Latest) -> Result<(), StoreError> {
    let committed = stores.iter().filter(|store| latest.store(store.name).is_some());
    let found = super::app_hash(committed.map(|store| (store.name, &store.root)));
    if latest.app_hash == found {
        return Ok(());
    }
    let expected = shown(&latest.app_hash);
    Err(StoreError::Corrupt(format!("the state has app hash {}, committed was {expected}", shown(&found))))
}
