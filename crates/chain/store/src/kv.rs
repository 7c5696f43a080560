//! The one interface through which modules read and write: [`Kv`].

use crate::error::{StoreError, shown};

/// One trie and one leaf of the app hash for each name: `"acc"`, `"bank"`, `"deployment"`.
pub type StoreName = &'static str;

/// Longest key, without the name of its store.
pub const MAX_KEY_BYTES: usize = 1024;
/// Longest value. A contract's code is the largest thing that a chain keeps in one record.
pub const MAX_VALUE_BYTES: usize = 4 * 1024 * 1024;

/// A half of a store: committed records, or rows derived from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    /// Part of the commitment.
    State(StoreName),
    /// Outside of the commitment; can be rebuilt from the state.
    Index(StoreName),
}

impl Space {
    /// The name of the store.
    #[must_use]
    pub fn store(self) -> StoreName {
        match self {
            Self::State(store) | Self::Index(store) => store,
        }
    }

    /// Refuses keys that could not be stored. Keys that begin with 0 belong to this crate.
    pub(crate) fn check_key(self, key: &[u8]) -> Result<(), StoreError> {
        match key {
            [] | [0, ..] => Err(StoreError::BadKey { store: self.store(), key: shown(key) }),
            key if key.len() > MAX_KEY_BYTES => Err(StoreError::BadKey { store: self.store(), key: shown(key) }),
            _ => Ok(()),
        }
    }

    /// Refuses values that could not be stored. Nothing proves an empty value in a committed store.
    pub(crate) fn check_value(self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        if value.is_empty() && matches!(self, Self::State(_)) {
            return Err(StoreError::EmptyValue { store: self.store(), key: shown(key) });
        }
        if value.len() > MAX_VALUE_BYTES {
            return Err(StoreError::ValueTooLong { store: self.store(), key: shown(key) });
        }
        Ok(())
    }
}

/// A row of a scan: key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Keys from `start` (inclusive) to `end` (exclusive), walked forwards or backwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    pub start: Vec<u8>,
    /// `None`: to the end of the space.
    pub end: Option<Vec<u8>>,
    pub reverse: bool,
}

impl Range {
    /// Every key.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Every key that begins with these bytes.
    #[must_use]
    pub fn prefix(prefix: impl Into<Vec<u8>>) -> Self {
        let start = prefix.into();
        let end = after_prefix(&start);
        Self { start, end, reverse: false }
    }

    /// The same keys from the highest to the lowest.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.reverse = true;
        self
    }

    /// What remains behind `key` in walking order.
    #[must_use]
    pub fn after(self, key: &[u8]) -> Self {
        if self.reverse { self.ending_before(key.to_vec()) } else { self.starting_at(successor(key)) }
    }

    /// What remains from `key` on, in walking order, `key` included.
    #[must_use]
    pub fn from_key(self, key: &[u8]) -> Self {
        if self.reverse { self.ending_before(successor(key)) } else { self.starting_at(key.to_vec()) }
    }

    /// The same range with bytes put in front of both borders.
    #[must_use]
    pub fn under(&self, prefix: &[u8]) -> Self {
        let join = |key: &[u8]| [prefix, key].concat();
        let end = match &self.end {
            Some(end) => Some(join(end)),
            None => after_prefix(prefix),
        };
        Self { start: join(&self.start), end, reverse: self.reverse }
    }

    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        key >= self.start.as_slice() && self.end.as_ref().is_none_or(|end| key < end.as_slice())
    }

    /// No key can lie in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.end.as_ref().is_some_and(|end| end <= &self.start)
    }

    fn starting_at(mut self, key: Vec<u8>) -> Self {
        if key > self.start {
            self.start = key;
        }
        self
    }

    fn ending_before(mut self, key: Vec<u8>) -> Self {
        if self.end.as_ref().is_none_or(|end| key < *end) {
            self.end = Some(key);
        }
        self
    }
}

/// The least key above all keys that begin with `prefix`; none when the prefix is all 0xff.
pub(crate) fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

fn successor(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

/// Reads and writes of named stores, in key order.
///
/// Implemented by [`crate::Overlay`] (pending changes), by [`crate::View`] (one committed height, writes are refused)
/// and by the kernel's contexts (with gas). A read sees every earlier write through the same value.
pub trait Kv {
    type Error: From<StoreError>;

    /// The value of a key, be it live or history.
    fn get(&mut self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Whether the key is there, be it live or history.
    fn has(&mut self, space: Space, key: &[u8]) -> Result<bool, Self::Error> {
        Ok(self.get(space, key)?.is_some())
    }

    /// Writes a live record. Its value is never empty, except in an index.
    fn put(&mut self, space: Space, key: &[u8], value: Vec<u8>) -> Result<(), Self::Error>;

    /// Removes a live record; removing what is not there changes nothing.
    fn delete(&mut self, space: Space, key: &[u8]) -> Result<(), Self::Error>;

    /// Writes the final version of a record. It leaves the trie for the history and never changes again; `get` and
    /// `scan` still see it.
    fn archive(&mut self, space: Space, key: &[u8], value: Vec<u8>) -> Result<(), Self::Error>;

    /// At most `limit` rows of the range, in walking order.
    fn scan(&mut self, space: Space, range: Range, limit: usize) -> Result<Vec<Row>, Self::Error>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn end_of_a_prefix_is_the_next_key_above_it() {
        assert_eq!(after_prefix(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(after_prefix(&[1, 0xff]), Some(vec![2]));
        assert_eq!(after_prefix(&[0xff, 0xff]), None);
        assert_eq!(after_prefix(b""), None);
    }

    #[test]
    fn range_continues_behind_a_key_in_both_directions() {
        let forward = Range::prefix("a").after(b"ab");
        assert!(!forward.contains(b"ab") && forward.contains(b"ab\0") && !forward.contains(b"b"));
        let backward = Range::prefix("a").reversed().after(b"ab");
        assert!(!backward.contains(b"ab") && backward.contains(b"aa") && backward.contains(b"a"));
        assert!(Range::prefix("a").reversed().from_key(b"ab").contains(b"ab"));
        assert!(Range::prefix("a").from_key(b"ab").contains(b"ab"));
    }

    #[test]
    fn range_never_leaves_its_prefix_when_continued() {
        let range = Range::prefix("b").after(b"a");
        assert_eq!(range, Range::prefix("b"));
        let range = Range::prefix("b").reversed().after(b"z");
        assert_eq!(range, Range::prefix("b").reversed());
        assert_eq!(Range::all().under(b"p"), Range::prefix("p"));
    }
}
