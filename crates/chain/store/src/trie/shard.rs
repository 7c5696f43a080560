//! One sixteenth of a trie: its arena, its roots by version, and the slots that its updates replaced.

use std::collections::VecDeque;

use super::bits::bit;
use super::node::{BUCKET, Branch, Leaf, LeafChange, Link, Place, bucket_hash};
use super::pool::Pool;
use super::{EMPTY, SHARD_BITS};
use crate::hash::Hash;

/// Leaves of two neighbouring buckets that are few enough to share one. Half of a bucket, so that a key that comes and
/// goes does not split and join the same bucket each time.
const JOIN_BELOW: usize = BUCKET / 2;

pub(super) struct Shard {
    branches: Pool<Branch>,
    /// Buckets of 1 to 8 leaves.
    buckets: [Pool<Leaf>; BUCKET],
    /// Never empty; the root of a version is the last one that is not newer.
    roots: VecDeque<Root>,
    /// Links replaced by a version: readable for older ones only.
    replaced: VecDeque<(u64, Vec<Link>)>,
    merging: Vec<Leaf>,
}

#[derive(Clone, Copy)]
struct Root {
    version: u64,
    link: Link,
    hash: Hash,
}

impl Shard {
    pub(super) fn new(version: u64) -> Self {
        Self {
            branches: Pool::new(1),
            buckets: std::array::from_fn(|place| Pool::new(place + 1)),
            roots: VecDeque::from([Root { version, link: Link::EMPTY, hash: EMPTY }]),
            replaced: VecDeque::new(),
            merging: Vec::new(),
        }
    }

    /// Fills a new shard with sorted leaves.
    pub(super) fn fill(&mut self, leaves: &[Leaf]) {
        let version = self.newest().version;
        let (link, hash) = self.build(leaves, SHARD_BITS);
        self.roots = VecDeque::from([Root { version, link, hash }]);
    }

    /// Makes a new version out of the newest one.
    pub(super) fn apply(&mut self, changes: &[LeafChange], version: u64) {
        if changes.is_empty() {
            return;
        }
        debug_assert!(version > self.newest().version, "versions go up");
        let mut replaced = Vec::new();
        let (link, hash) = self.update(self.newest().link, SHARD_BITS, changes, &mut replaced);
        self.roots.push_back(Root { version, link, hash });
        self.replaced.push_back((version, replaced));
    }

    /// Gives back what only versions before `oldest` can reach.
    pub(super) fn keep_from(&mut self, oldest: u64) {
        while self.roots.get(1).is_some_and(|next| next.version <= oldest) {
            self.roots.pop_front();
        }
        while self.replaced.front().is_some_and(|(version, _)| *version <= oldest) {
            for link in self.replaced.pop_front().into_iter().flat_map(|(_, links)| links) {
                match link.place() {
                    Place::Empty => {}
                    Place::Bucket { slot, len } => self.buckets[len - 1].free(slot),
                    Place::Branch { slot } => self.branches.free(slot),
                }
            }
        }
    }

    /// Whether a version has leaves here, and their hash.
    pub(super) fn top(&self, version: u64) -> (bool, Hash) {
        let root = self.root(version);
        (!root.link.is_empty(), root.hash)
    }

    pub(super) fn root_link(&self, version: u64) -> Link {
        self.root(version).link
    }

    /// The hash of a leaf in a version.
    pub(super) fn leaf(&self, version: u64, key: &Hash) -> Option<Hash> {
        let mut link = self.root_link(version);
        for depth in SHARD_BITS.. {
            match link.place() {
                Place::Branch { slot } => {
                    let branch = self.branch(slot);
                    link = if bit(key, depth) { branch.right } else { branch.left };
                }
                Place::Empty | Place::Bucket { .. } => break,
            }
        }
        let leaves = self.leaves(link);
        leaves.binary_search_by(|leaf| leaf.key.cmp(key)).ok().map(|found| leaves[found].hash)
    }

    pub(super) fn branch(&self, slot: u32) -> &Branch {
        &self.branches.get(slot)[0]
    }

    /// The leaves of a bucket; none for an empty link.
    pub(super) fn leaves(&self, link: Link) -> &[Leaf] {
        match link.place() {
            Place::Bucket { slot, len } => self.buckets[len - 1].get(slot),
            Place::Empty | Place::Branch { .. } => &[],
        }
    }

    /// Bytes that are held, free slots included.
    pub(super) fn bytes(&self) -> usize {
        self.branches.bytes() + self.buckets.iter().map(Pool::bytes).sum::<usize>()
    }

    fn newest(&self) -> &Root {
        self.roots.back().expect("there is always a root")
    }

    fn root(&self, version: u64) -> &Root {
        let later = self.roots.partition_point(|root| root.version <= version);
        &self.roots[later.saturating_sub(1)]
    }

    fn put_bucket(&mut self, leaves: &[Leaf]) -> Link {
        Link::bucket(self.buckets[leaves.len() - 1].put(leaves), leaves.len())
    }

    fn put_branch(&mut self, branch: Branch) -> Link {
        Link::branch(self.branches.put(&[branch]))
    }

    /// A subtree of sorted leaves whose keys are equal in the first `depth` bits.
    fn build(&mut self, leaves: &[Leaf], depth: usize) -> (Link, Hash) {
        if leaves.is_empty() {
            return (Link::EMPTY, EMPTY);
        }
        if leaves.len() <= BUCKET {
            return (self.put_bucket(leaves), bucket_hash(leaves));
        }
        let (left, right) = leaves.split_at(leaves.partition_point(|leaf| !bit(&leaf.key, depth)));
        let (left, left_hash) = self.build(left, depth + 1);
        let (right, right_hash) = self.build(right, depth + 1);
        let branch = Branch { left_hash, right_hash, left, right };
        (self.put_branch(branch), branch.hash())
    }

    /// The subtree with the changes made; what they replace goes to `replaced`.
    fn update(&mut self, link: Link, depth: usize, changes: &[LeafChange], replaced: &mut Vec<Link>) -> (Link, Hash) {
        let Place::Branch { slot } = link.place() else {
            return self.update_bucket(link, depth, changes, replaced);
        };
        let mut branch = *self.branch(slot);
        replaced.push(link);
        let (left, right) = changes.split_at(changes.partition_point(|change| !bit(&change.key, depth)));
        if !left.is_empty() {
            (branch.left, branch.left_hash) = self.update(branch.left, depth + 1, left, replaced);
        }
        if !right.is_empty() {
            (branch.right, branch.right_hash) = self.update(branch.right, depth + 1, right, replaced);
        }
        let hash = branch.hash();
        let link = self.join_buckets(&branch, replaced).unwrap_or_else(|| self.put_branch(branch));
        (link, hash)
    }

    fn update_bucket(
        &mut self,
        link: Link,
        depth: usize,
        changes: &[LeafChange],
        replaced: &mut Vec<Link>,
    ) -> (Link, Hash) {
        let mut merged = std::mem::take(&mut self.merging);
        merged.clear();
        let old = self.leaves(link);
        let mut next = 0;
        for change in changes {
            let before = next + old[next..].partition_point(|leaf| leaf.key < change.key);
            merged.extend_from_slice(&old[next..before]);
            next = before + usize::from(old.get(before).is_some_and(|leaf| leaf.key == change.key));
            merged.extend(change.leaf.map(|hash| Leaf { key: change.key, hash }));
        }
        merged.extend_from_slice(&old[next..]);
        if !link.is_empty() {
            replaced.push(link);
        }
        let built = self.build(&merged, depth);
        self.merging = merged;
        built
    }

    /// One bucket, or none, in place of a branch over two that became small.
    fn join_buckets(&mut self, branch: &Branch, replaced: &mut Vec<Link>) -> Option<Link> {
        let is_branch = |link: Link| matches!(link.place(), Place::Branch { .. });
        if is_branch(branch.left) || is_branch(branch.right) {
            return None;
        }
        if branch.left.is_empty() {
            return Some(branch.right);
        }
        if branch.right.is_empty() {
            return Some(branch.left);
        }
        let (left, right) = (self.leaves(branch.left), self.leaves(branch.right));
        if left.len() + right.len() > JOIN_BELOW {
            return None;
        }
        let joined = [left, right].concat();
        replaced.extend([branch.left, branch.right]);
        Some(self.put_bucket(&joined))
    }

    /// Hashes a subtree anew.
    #[cfg(test)]
    pub(super) fn rehash(&self, link: Link) -> Hash {
        match link.place() {
            Place::Branch { slot } => {
                let Branch { left, right, .. } = *self.branch(slot);
                Branch { left, right, left_hash: self.rehash(left), right_hash: self.rehash(right) }.hash()
            }
            Place::Empty | Place::Bucket { .. } => bucket_hash(self.leaves(link)),
        }
    }
}
