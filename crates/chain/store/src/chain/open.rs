//! Opening: the tries are rebuilt from the flat state and compared with what was committed.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::record::{HeightRecord, Latest, is_half_indexed};
use super::{ChainStore, Options, Store, version_of, view_of};
use crate::bytes::{ByteStore, ByteView, Table};
use crate::error::{StoreError, shown};
use crate::flat::{inner, store_prefix};
use crate::hash::{Hash, leaf_hash, sha256};
use crate::kv::{Range, StoreName};
use crate::merkle::{NodePlace, Peaks};
use crate::proof::node_key;
use crate::trie::{EMPTY, Leaf, Trie, parallel_share};

/// Longest name of a store.
const MAX_NAME_BYTES: usize = 64;

/// Parts into which a map is cut at most, or one more, when several threads read it.
const PARTS_OF_A_MAP: u16 = 32;

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
        let parts = self.parts(name)?;
        let read = parallel_share(&parts, self.threads, |part| self.read_part(name, part));
        let mut leaves = Vec::new();
        for part in read {
            leaves.append(&mut part?);
        }
        Ok(leaves)
    }

    fn read_part(&self, name: &str, part: &Range) -> Result<Vec<Leaf>, StoreError> {
        let mut leaves = Vec::new();
        for row in self.view.rows(Table::State, part) {
            let (key, value) = row?;
            let key = sha256(inner(name, &key)?);
            leaves.push(Leaf { key, hash: leaf_hash(&key, &sha256(&value)) });
        }
        Ok(leaves)
    }

    /// The range of a store in parts that several threads can read: each map's by the first byte in which its keys
    /// differ, for most keys begin with a hash.
    fn parts(&self, name: &str) -> Result<Vec<Range>, StoreError> {
        let (mut rest, mut parts) = (Range::prefix(store_prefix(name)), Vec::new());
        while let Some((first, _)) = self.view.rows(Table::State, &rest).next().transpose()? {
            let map = Range::prefix(&first[..first.len().min(1 + name.len() + 1)]);
            let last = self.view.rows(Table::State, &map.clone().reversed()).next().transpose()?;
            let last = last.map_or_else(|| first.clone(), |(last, _)| last);
            parts.extend(split(&map, &first, &last));
            let Some(end) = map.end else { break };
            rest.start = end;
        }
        Ok(parts)
    }
}

/// A range in parts, by the byte behind what its first and its last key have in common.
fn split(range: &Range, first: &[u8], last: &[u8]) -> Vec<Range> {
    let common = first.iter().zip(last).take_while(|(one, other)| one == other).count();
    let byte = |key: &[u8]| key.get(common).map_or(0, |byte| u16::from(*byte));
    let step = ((byte(last).saturating_sub(byte(first)) + 1) / PARTS_OF_A_MAP).max(1);
    let borders = (byte(first) + 1..=byte(last)).step_by(usize::from(step));
    let mut parts = Vec::new();
    let mut start = range.start.clone();
    for border in borders {
        let border = [&first[..common], &[u8::try_from(border).expect("it lies between two bytes")]].concat();
        parts.push(Range { start, end: Some(border.clone()), reverse: false });
        start = border;
    }
    parts.push(Range { start, end: range.end.clone(), reverse: false });
    parts
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_a_range_without_a_gap() {
        for (first, last) in [
            (&b"\x03one\x01"[..], &b"\x03one\x01"[..]),
            (b"\x03one\x01\x14\x00abc", b"\x03one\x01\x14\xfe"),
            (b"\x03one\x01a", b"\x03one\x01abc"),
            (b"\x03one\x01a\x05", b"\x03one\x01a\x06"),
        ] {
            let map = Range::prefix(&first[..5]);
            let parts = split(&map, first, last);
            assert_eq!((&parts[0].start, &parts[parts.len() - 1].end), (&map.start, &map.end));
            for pair in parts.windows(2) {
                assert_eq!(pair[0].end.as_ref(), Some(&pair[1].start));
                assert!(pair[0].start < pair[1].start);
            }
            assert!(parts.len() <= usize::from(PARTS_OF_A_MAP) * 2, "{}", parts.len());
        }
    }
}
