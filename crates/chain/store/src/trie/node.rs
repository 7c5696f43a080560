//! Leaves, branches, and the links between them.

use super::EMPTY;
use super::bits::{bit, first_difference};
use crate::hash::{Hash, inner_hash};

/// Most leaves of a bucket.
pub(super) const BUCKET: usize = 8;

/// A pair of the set: hash of the key, hash of the leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) key: Hash,
    pub(crate) hash: Hash,
}

/// What becomes of one leaf; `None` removes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LeafChange {
    pub(crate) key: Hash,
    pub(crate) leaf: Option<Hash>,
}

/// Two subtrees with their hashes, told apart by one bit.
#[derive(Clone, Copy)]
pub(super) struct Branch {
    pub(super) left_hash: Hash,
    pub(super) right_hash: Hash,
    pub(super) left: Link,
    pub(super) right: Link,
}

impl Branch {
    /// An empty side is skipped, and so is the bit that told the sides apart.
    pub(super) fn hash(&self) -> Hash {
        if self.left.is_empty() {
            self.right_hash
        } else if self.right.is_empty() {
            self.left_hash
        } else {
            inner_hash(&self.left_hash, &self.right_hash)
        }
    }
}

/// Where a subtree is: nowhere, in a bucket, or below a branch. A bucket's link holds its length, because buckets of
/// each length have a pool of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Link(u32);

pub(super) enum Place {
    Empty,
    Bucket { slot: u32, len: usize },
    Branch { slot: u32 },
}

impl Link {
    pub(super) const EMPTY: Self = Self(u32::MAX);
    /// Slots a pool can have; the last one would look like the empty link.
    pub(super) const MAX_SLOTS: u32 = Self::SLOT_MASK;

    const BUCKET_BIT: u32 = 1 << 31;
    const LEN_SHIFT: u32 = 28;
    const SLOT_MASK: u32 = (1 << Self::LEN_SHIFT) - 1;

    pub(super) fn bucket(slot: u32, len: usize) -> Self {
        debug_assert!((1..=BUCKET).contains(&len) && slot < Self::MAX_SLOTS);
        Self(Self::BUCKET_BIT | (len as u32 - 1) << Self::LEN_SHIFT | slot)
    }

    pub(super) fn branch(slot: u32) -> Self {
        debug_assert!(slot < Self::MAX_SLOTS);
        Self(slot)
    }

    pub(super) fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    pub(super) fn place(self) -> Place {
        if self.is_empty() {
            Place::Empty
        } else if self.0 & Self::BUCKET_BIT == 0 {
            Place::Branch { slot: self.0 }
        } else {
            let len = (self.0 & !Self::BUCKET_BIT) >> Self::LEN_SHIFT;
            Place::Bucket { slot: self.0 & Self::SLOT_MASK, len: len as usize + 1 }
        }
    }
}

/// The hash over sorted leaves, as if they stood in branches.
pub(super) fn bucket_hash(leaves: &[Leaf]) -> Hash {
    match leaves {
        [] => EMPTY,
        [leaf] => leaf.hash,
        [left, right] => inner_hash(&left.hash, &right.hash),
        _ => {
            let (left, right) = halves(leaves);
            inner_hash(&bucket_hash(left), &bucket_hash(right))
        }
    }
}

/// Two or more sorted leaves, split at the first bit in which any differ; neither half is empty.
pub(super) fn halves(leaves: &[Leaf]) -> (&[Leaf], &[Leaf]) {
    let place = first_difference(&leaves[0].key, &leaves[leaves.len() - 1].key);
    leaves.split_at(leaves.partition_point(|leaf| !bit(&leaf.key, place)))
}
