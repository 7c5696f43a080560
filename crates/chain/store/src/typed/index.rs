//! Keys without values, outside of the commitment.

use std::marker::PhantomData;

use super::key::{Key, RawKey, USUAL_BYTES};
use crate::error::StoreError;
use crate::kv::{Kv, Range, Space, StoreName};

/// A set of keys by which records are found. It can be rebuilt from the records, so nothing proves it.
pub struct Index<K> {
    store: StoreName,
    prefix: u8,
    types: PhantomData<fn() -> K>,
}

impl<K: Key> Index<K> {
    /// # Panics
    /// While compiling, for the prefix 0.
    #[must_use]
    pub const fn new(store: StoreName, prefix: u8) -> Self {
        assert!(prefix != 0, "the prefix 0 belongs to the store itself");
        Self { store, prefix, types: PhantomData }
    }

    pub fn insert<S: Kv + ?Sized>(&self, kv: &mut S, key: &K) -> Result<(), S::Error> {
        kv.put(self.space(), &self.raw_key(key), Vec::new())
    }

    pub fn remove<S: Kv + ?Sized>(&self, kv: &mut S, key: &K) -> Result<(), S::Error> {
        kv.delete(self.space(), &self.raw_key(key))
    }

    pub fn has<S: Kv + ?Sized>(&self, kv: &mut S, key: &K) -> Result<bool, S::Error> {
        kv.has(self.space(), &self.raw_key(key))
    }

    /// Keys that, as bytes, begin with `prefix`.
    pub fn scan_prefix<S: Kv + ?Sized>(&self, kv: &mut S, prefix: &[u8], limit: usize) -> Result<Vec<K>, S::Error> {
        self.scan_range(kv, Range::prefix(prefix), limit)
    }

    /// Keys that begin with the parts in `first`; `&()` gives all.
    pub fn scan_under<S: Kv + ?Sized, P: Key>(&self, kv: &mut S, first: &P, limit: usize) -> Result<Vec<K>, S::Error> {
        self.scan_prefix(kv, &super::key_bytes(first), limit)
    }

    /// Keys of a range of this index's keys as bytes, in walking order.
    pub fn scan_range<S: Kv + ?Sized>(&self, kv: &mut S, range: Range, limit: usize) -> Result<Vec<K>, S::Error> {
        let rows = kv.scan(self.space(), range.under(&[self.prefix]), limit)?;
        let decode = |(key, _): (Vec<u8>, Vec<u8>)| K::decode(&key[1..]).map_err(StoreError::from);
        Ok(rows.into_iter().map(decode).collect::<Result<_, _>>()?)
    }

    /// The same index, with its keys as they are stored.
    #[must_use]
    pub const fn raw(&self) -> Index<RawKey> {
        Index { store: self.store, prefix: self.prefix, types: PhantomData }
    }

    fn raw_key(&self, key: &K) -> Vec<u8> {
        let mut out = Vec::with_capacity(USUAL_BYTES);
        out.push(self.prefix);
        key.encode(&mut out);
        out
    }

    const fn space(&self) -> Space {
        Space::Index(self.store)
    }
}
