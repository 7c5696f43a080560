//! The commitment of one store: a binary radix trie over SHA-256 of the keys, in memory, with its last versions.
//!
//! A leaf hashes as H(00 ‖ H(key) ‖ H(value)), an inner node as H(01 ‖ left ‖ right), and **only where both children
//! have leaves**: skipped bits are not hashed. Every hashed text thus has 65 bytes, and the root depends on the set of
//! pairs alone, whatever the layout in memory.
//!
//! Layout: the top four bits of a key hash choose one of 16 [`shard`]s, each with its own arena. Branches hold both
//! children's hashes; leaves stand in sorted buckets of up to eight. An update copies what it changes and remembers
//! what it replaced, so that older versions stay readable until [`Trie::keep_from`] gives their slots back.
//!
//! Life cycle: [`Trie::build`] from sorted leaves at start, [`Trie::apply`] once a block, [`TrieVersion`]s for proofs.
//! Readers take a lock for one lookup; the writer takes it for one update.
//!
//! What it does not know: keys and values. It never touches a disk and cannot fail, except that versions expire.

mod bits;
mod fork;
mod node;
mod pool;
mod read;
mod shard;

#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub(crate) use fork::{map as parallel_map, share as parallel_share};
pub(crate) use node::{Leaf, LeafChange};
pub(crate) use read::{Step, TrieVersion};

use crate::hash::{Hash, inner_hash};
use shard::Shard;

/// Bits of a key hash that choose the shard.
const SHARD_BITS: usize = 4;
const SHARDS: usize = 1 << SHARD_BITS;

/// Below this many changes a second thread costs more than it brings.
const PARALLEL_FROM: usize = 256;

/// The hash of nothing. It is never part of another hash.
pub(crate) const EMPTY: Hash = [0; 32];

/// The writer's side. There is one, and versions only go up.
pub(crate) struct Trie {
    shared: Arc<RwLock<Shared>>,
    threads: usize,
}

struct Shared {
    shards: Vec<Shard>,
    /// Versions below can no longer be read.
    oldest: u64,
}

impl Trie {
    /// A trie of leaves that are sorted by key and unique.
    pub(crate) fn build(leaves: &[Leaf], version: u64, threads: usize) -> Self {
        debug_assert!(leaves.is_sorted_by(|one, next| one.key < next.key), "leaves are sorted and unique");
        let mut shards: Vec<Shard> = (0..SHARDS).map(|_| Shard::new(version)).collect();
        fork::over_shards(&mut shards, leaves, threads, |leaf| &leaf.key, |shard, leaves| shard.fill(leaves));
        Self { shared: Arc::new(RwLock::new(Shared { shards, oldest: version })), threads }
    }

    /// Applies changes that are sorted by key and unique, and gives the root of the new version.
    pub(crate) fn apply(&mut self, changes: &[LeafChange], version: u64) -> Hash {
        debug_assert!(changes.is_sorted_by(|one, next| one.key < next.key), "changes are sorted and unique");
        let mut shared = write(&self.shared);
        let threads = if changes.len() < PARALLEL_FROM { 1 } else { self.threads };
        let apply = |shard: &mut Shard, changes: &[LeafChange]| shard.apply(changes, version);
        fork::over_shards(&mut shared.shards, changes, threads, |change| &change.key, apply);
        shared.root(version).1
    }

    /// The root of the newest version.
    pub(crate) fn root(&self) -> Hash {
        read(&self.shared).root(u64::MAX).1
    }

    /// Gives up all versions before `oldest`. Whoever still holds one gets an error from it.
    pub(crate) fn keep_from(&mut self, oldest: u64) {
        let mut shared = write(&self.shared);
        shared.oldest = shared.oldest.max(oldest);
        for shard in &mut shared.shards {
            shard.keep_from(oldest);
        }
    }

    /// A version for reading.
    pub(crate) fn version(&self, version: u64) -> TrieVersion {
        TrieVersion::new(Arc::clone(&self.shared), version)
    }

    /// The hash of a leaf in the newest version.
    pub(crate) fn leaf(&self, key: &Hash) -> Option<Hash> {
        let shared = read(&self.shared);
        shared.shards[shard_of(key)].leaf(u64::MAX, key)
    }

    /// Bytes that the arenas hold, free slots included.
    pub(crate) fn bytes(&self) -> usize {
        read(&self.shared).shards.iter().map(Shard::bytes).sum()
    }
}

impl Shared {
    /// Whether a version has leaves, and its hash.
    fn root(&self, version: u64) -> (bool, Hash) {
        combine(&self.tops(version))
    }

    fn tops(&self, version: u64) -> Vec<(bool, Hash)> {
        self.shards.iter().map(|shard| shard.top(version)).collect()
    }
}

/// The hash over shards next to each other; their number is a power of two.
fn combine(tops: &[(bool, Hash)]) -> (bool, Hash) {
    if let [top] = tops {
        return *top;
    }
    let (left, right) = tops.split_at(tops.len() / 2);
    match (combine(left), combine(right)) {
        ((true, left), (true, right)) => (true, inner_hash(&left, &right)),
        (left @ (true, _), _) => left,
        (_, right) => right,
    }
}

fn shard_of(key: &Hash) -> usize {
    usize::from(key[0] >> (8 - SHARD_BITS))
}

/// Updates do not stop half-way except by a bug; then every version is suspect, and the writer's panic has already
/// ended the block.
fn read(shared: &RwLock<Shared>) -> RwLockReadGuard<'_, Shared> {
    shared.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(shared: &RwLock<Shared>) -> RwLockWriteGuard<'_, Shared> {
    shared.write().unwrap_or_else(PoisonError::into_inner)
}
