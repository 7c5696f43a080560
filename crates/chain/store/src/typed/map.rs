//! Records by key, and single records.

use std::marker::PhantomData;

use prost::Message;

use super::key::{CodecError, Key, USUAL_BYTES};
use crate::error::StoreError;
use crate::kv::{Kv, Range, Space, StoreName};
use crate::view::Record;

/// The first byte of each value. It tells later layouts apart and keeps values from being empty.
pub(super) const VERSION: u8 = 1;

/// Records of one type by key, part of the commitment.
pub struct Map<K, V> {
    store: StoreName,
    prefix: u8,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K: Key, V: Message + Default> Map<K, V> {
    /// # Panics
    /// While compiling, for the prefix 0.
    #[must_use]
    pub const fn new(store: StoreName, prefix: u8) -> Self {
        assert!(prefix != 0, "the prefix 0 belongs to the store itself");
        Self { store, prefix, types: PhantomData }
    }

    pub fn get<S: Kv + ?Sized>(&self, kv: &mut S, key: &K) -> Result<Option<V>, S::Error> {
        let value = kv.get(self.space(), &self.raw_key(key))?;
        Ok(value.map(|bytes| decode_value(&bytes)).transpose().map_err(StoreError::from)?)
    }

    /// The record, or the error that `missing` makes.
    pub fn require<S: Kv + ?Sized>(
        &self,
        kv: &mut S,
        key: &K,
        missing: impl FnOnce() -> S::Error,
    ) -> Result<V, S::Error> {
        self.get(kv, key)?.ok_or_else(missing)
    }

    pub fn has<S: Kv + ?Sized>(&self, kv: &mut S, key: &K) -> Result<bool, S::Error> {
        kv.has(self.space(), &self.raw_key(key))
    }

    pub fn put<S: Kv + ?Sized>(&self, kv: &mut S, key: &K, value: &V) -> Result<(), S::Error> {
        kv.put(self.space(), &self.raw_key(key), encode_value(value))
    }

    pub fn remove<S: Kv + ?Sized>(&self, kv: &mut S, key: &K) -> Result<(), S::Error> {
        kv.delete(self.space(), &self.raw_key(key))
    }

    /// Writes the final version of a record, which then never changes again. See [`Kv::archive`].
    pub fn archive<S: Kv + ?Sized>(&self, kv: &mut S, key: &K, value: &V) -> Result<(), S::Error> {
        kv.archive(self.space(), &self.raw_key(key), encode_value(value))
    }

    /// Records whose key, as bytes, begins with `prefix`.
    pub fn scan_prefix<S: Kv + ?Sized>(
        &self,
        kv: &mut S,
        prefix: &[u8],
        limit: usize,
    ) -> Result<Vec<(K, V)>, S::Error> {
        self.scan_range(kv, Range::prefix(prefix), limit)
    }

    /// Records whose key begins with the parts in `first`; `&()` gives all.
    pub fn scan_under<S: Kv + ?Sized, P: Key>(
        &self,
        kv: &mut S,
        first: &P,
        limit: usize,
    ) -> Result<Vec<(K, V)>, S::Error> {
        self.scan_prefix(kv, &super::key_bytes(first), limit)
    }

    /// Records of a range of this map's keys as bytes, in walking order.
    pub fn scan_range<S: Kv + ?Sized>(&self, kv: &mut S, range: Range, limit: usize) -> Result<Vec<(K, V)>, S::Error> {
        let rows = kv.scan(self.space(), range.under(&[self.prefix]), limit)?;
        let decode = |(key, value): (Vec<u8>, Vec<u8>)| -> Result<(K, V), StoreError> {
            Ok((K::decode(&key[1..])?, decode_value(&value)?))
        };
        Ok(rows.into_iter().map(decode).collect::<Result<_, _>>()?)
    }

    /// The same records, read as messages that have a part of the fields. Only for reading.
    #[must_use]
    pub const fn partly<W: Message + Default>(&self) -> Map<K, W> {
        Map { store: self.store, prefix: self.prefix, types: PhantomData }
    }

    /// A committed record as one of this map; none when it belongs to another one.
    pub fn decode(&self, record: &Record) -> Result<Option<(K, V)>, StoreError> {
        match record.key.strip_prefix(&[self.prefix]) {
            Some(key) if record.store == self.store => Ok(Some((K::decode(key)?, decode_value(&record.value)?))),
            _ => Ok(None),
        }
    }

    /// The key under which the store keeps a record; proofs speak of it.
    #[must_use]
    pub fn raw_key(&self, key: &K) -> Vec<u8> {
        let mut out = Vec::with_capacity(USUAL_BYTES);
        out.push(self.prefix);
        key.encode(&mut out);
        out
    }

    #[must_use]
    pub const fn store(&self) -> StoreName {
        self.store
    }

    const fn space(&self) -> Space {
        Space::State(self.store)
    }
}

/// One record, part of the commitment.
pub struct Item<V> {
    map: Map<(), V>,
}

impl<V: Message + Default> Item<V> {
    /// # Panics
    /// While compiling, for the prefix 0.
    #[must_use]
    pub const fn new(store: StoreName, prefix: u8) -> Self {
        Self { map: Map::new(store, prefix) }
    }

    pub fn get<S: Kv + ?Sized>(&self, kv: &mut S) -> Result<Option<V>, S::Error> {
        self.map.get(kv, &())
    }

    pub fn put<S: Kv + ?Sized>(&self, kv: &mut S, value: &V) -> Result<(), S::Error> {
        self.map.put(kv, &(), value)
    }

    pub fn remove<S: Kv + ?Sized>(&self, kv: &mut S) -> Result<(), S::Error> {
        self.map.remove(kv, &())
    }

    /// The key under which the store keeps the record.
    #[must_use]
    pub fn raw_key(&self) -> Vec<u8> {
        self.map.raw_key(&())
    }
}

fn encode_value<V: Message>(value: &V) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + value.encoded_len());
    bytes.push(VERSION);
    value.encode_raw(&mut bytes);
    bytes
}

fn decode_value<V: Message + Default>(bytes: &[u8]) -> Result<V, CodecError> {
    match bytes.split_first() {
        Some((&VERSION, message)) => V::decode(message).map_err(|error| CodecError::Message(error.to_string())),
        first => Err(CodecError::Version(first.map(|(version, _)| *version))),
    }
}
