//! Keys of the flat tables: the name of the store in front, so that each store is one range.

use crate::error::StoreError;
use crate::kv::Range;

/// The record that every store has from its first commit on: the root of its history. It keeps the store from being
/// empty, for an empty trie proves nothing absent.
pub(crate) const HISTORY_ROOT_KEY: &[u8] = b"\0history";

/// Live records and indexes of modules lie above the keys that this crate keeps for itself.
const FIRST_OPEN_KEY: &[u8] = &[1];

pub(crate) fn store_prefix(store: &str) -> Vec<u8> {
    prefix_of(store, 0)
}

/// With room for what follows.
fn prefix_of(store: &str, room: usize) -> Vec<u8> {
    let mut prefix = Vec::with_capacity(1 + store.len() + room);
    prefix.push(u8::try_from(store.len()).expect("names of stores are checked when the store is opened"));
    prefix.extend_from_slice(store.as_bytes());
    prefix
}

pub(crate) fn flat_key(store: &str, key: &[u8]) -> Vec<u8> {
    let mut flat = prefix_of(store, key.len());
    flat.extend_from_slice(key);
    flat
}

/// The part of a flat key behind the name.
pub(crate) fn inner<'a>(store: &str, flat: &'a [u8]) -> Result<&'a [u8], StoreError> {
    flat.get(1 + store.len()..).ok_or_else(|| StoreError::Corrupt(format!("a row of store {store} has a short key")))
}

/// The same, in the place of the flat key.
pub(crate) fn inner_key(store: &str, mut flat: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    let name = flat.len() - inner(store, &flat)?.len();
    flat.drain(..name);
    Ok(flat)
}

/// A module's range as a range of the flat table.
pub(crate) fn flat_range(store: &str, range: &Range) -> Range {
    let mut open = range.clone();
    if open.start.as_slice() < FIRST_OPEN_KEY {
        open.start = FIRST_OPEN_KEY.to_vec();
    }
    open.under(&store_prefix(store))
}
