//! Reading a version: leaves, paths to them, and the neighbours of a key that is not there.

use std::sync::{Arc, RwLock, RwLockReadGuard};

use super::bits::bit;
use super::node::{Link, Place, bucket_hash, halves};
use super::shard::Shard;
use super::{SHARD_BITS, SHARDS, Shared, combine, read, shard_of};
use crate::error::StoreError;
use crate::hash::Hash;

/// One inner hash on the way from the root to a leaf: the other child, and the side on which it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) sibling: Hash,
    pub(crate) sibling_is_left: bool,
}

/// The key hashes next to a key, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Neighbours {
    pub(crate) left: Option<Hash>,
    pub(crate) right: Option<Hash>,
}

/// One version, readable until the writer gives it up.
#[derive(Clone)]
pub(crate) struct TrieVersion {
    shared: Arc<RwLock<Shared>>,
    version: u64,
}

impl TrieVersion {
    pub(super) fn new(shared: Arc<RwLock<Shared>>, version: u64) -> Self {
        Self { shared, version }
    }

    /// Another version of the same trie.
    pub(crate) fn at(&self, version: u64) -> Self {
        Self { shared: Arc::clone(&self.shared), version }
    }

    /// The root; [`super::EMPTY`] when there is no leaf.
    #[cfg(test)]
    pub(crate) fn root(&self) -> Result<Hash, StoreError> {
        Ok(self.read()?.root(self.version).1)
    }

    /// The steps from the root to a leaf, none if it is not there.
    pub(crate) fn path(&self, key: &Hash) -> Result<Option<Vec<Step>>, StoreError> {
        let shared = self.read()?;
        let tops = shared.tops(self.version);
        let mut steps = Vec::new();
        let (mut start, mut end) = (0, SHARDS);
        for depth in 0..SHARD_BITS {
            let middle = (start + end) / 2;
            let sibling_is_left = bit(key, depth);
            let (has_leaves, sibling) =
                combine(if sibling_is_left { &tops[start..middle] } else { &tops[middle..end] });
            if has_leaves {
                steps.push(Step { sibling, sibling_is_left });
            }
            (start, end) = if sibling_is_left { (middle, end) } else { (start, middle) };
        }
        let shard = &shared.shards[start];
        Ok(shard_path(shard, shard.root_link(self.version), key, &mut steps).then_some(steps))
    }

    /// The leaves' keys before and behind a key, whether or not it is there itself.
    pub(crate) fn neighbours(&self, key: &Hash) -> Result<Neighbours, StoreError> {
        let shared = self.read()?;
        let own = shard_of(key);
        let root = |place: usize| (&shared.shards[place], shared.shards[place].root_link(self.version));
        let edge = |place: usize, side: Side| {
            let (shard, link) = root(place);
            edge(shard, link, side)
        };
        let (shard, link) = root(own);
        let mut found = shard_neighbours(shard, link, SHARD_BITS, key);
        if found.left.is_none() {
            found.left = (0..own).rev().find_map(|place| edge(place, Side::Last));
        }
        if found.right.is_none() {
            found.right = (own + 1..SHARDS).find_map(|place| edge(place, Side::First));
        }
        Ok(found)
    }

    /// Hashes the whole version anew.
    #[cfg(test)]
    pub(crate) fn rehash(&self) -> Result<Hash, StoreError> {
        let shared = self.read()?;
        let link = |shard: &Shard| shard.root_link(self.version);
        let tops: Vec<_> =
            shared.shards.iter().map(|shard| (!link(shard).is_empty(), shard.rehash(link(shard)))).collect();
        Ok(combine(&tops).1)
    }

    fn read(&self) -> Result<RwLockReadGuard<'_, Shared>, StoreError> {
        let shared = read(&self.shared);
        if self.version < shared.oldest { Err(StoreError::Expired) } else { Ok(shared) }
    }
}

/// Adds the steps within a shard; false when the key is not there.
fn shard_path(shard: &Shard, mut link: Link, key: &Hash, steps: &mut Vec<Step>) -> bool {
    let mut depth = SHARD_BITS;
    while let Place::Branch { slot } = link.place() {
        let branch = shard.branch(slot);
        let sibling_is_left = bit(key, depth);
        let (own, other, sibling) = if sibling_is_left {
            (branch.right, branch.left, branch.left_hash)
        } else {
            (branch.left, branch.right, branch.right_hash)
        };
        if !other.is_empty() {
            steps.push(Step { sibling, sibling_is_left });
        }
        link = own;
        depth += 1;
    }
    let mut leaves = shard.leaves(link);
    let Ok(mut place) = leaves.binary_search_by(|leaf| leaf.key.cmp(key)) else {
        return false;
    };
    while leaves.len() > 1 {
        let (left, right) = halves(leaves);
        if place < left.len() {
            steps.push(Step { sibling: bucket_hash(right), sibling_is_left: false });
            leaves = left;
        } else {
            steps.push(Step { sibling: bucket_hash(left), sibling_is_left: true });
            place -= left.len();
            leaves = right;
        }
    }
    true
}

fn shard_neighbours(shard: &Shard, link: Link, depth: usize, key: &Hash) -> Neighbours {
    let Place::Branch { slot } = link.place() else {
        let leaves = shard.leaves(link);
        let before = leaves.partition_point(|leaf| leaf.key < *key);
        let behind = leaves.partition_point(|leaf| leaf.key <= *key);
        let left = before.checked_sub(1).map(|place| leaves[place].key);
        return Neighbours { left, right: leaves.get(behind).map(|leaf| leaf.key) };
    };
    let branch = shard.branch(slot);
    let within = if bit(key, depth) { branch.right } else { branch.left };
    let mut found = shard_neighbours(shard, within, depth + 1, key);
    if bit(key, depth) {
        found.left = found.left.or_else(|| edge(shard, branch.left, Side::Last));
    } else {
        found.right = found.right.or_else(|| edge(shard, branch.right, Side::First));
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    First,
    Last,
}

/// The first or last leaf's key of a subtree.
fn edge(shard: &Shard, link: Link, side: Side) -> Option<Hash> {
    let Place::Branch { slot } = link.place() else {
        let leaves = shard.leaves(link);
        let leaf = if side == Side::First { leaves.first() } else { leaves.last() };
        return leaf.map(|leaf| leaf.key);
    };
    let branch = shard.branch(slot);
    let (near, far) = if side == Side::First { (branch.left, branch.right) } else { (branch.right, branch.left) };
    edge(shard, near, side).or_else(|| edge(shard, far, side))
}
