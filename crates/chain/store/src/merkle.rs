//! The Merkle tree of CometBFT: leaf H(00 ‖ x), inner H(01 ‖ left ‖ right), split at the largest power of two below
//! the number of leaves. ICS-23 proves it under its Tendermint specification.
//!
//! It serves twice: for the app hash over the stores' roots, whole each time, and for each store's history, which only
//! grows ([`Peaks`]).

use crate::hash::{Hash, INNER, LEAF, inner_hash, sha256};
use crate::trie::Step;

/// The leaf of a pair, in the form in which the Cosmos SDK commits to its stores: both parts with their length, and of
/// the value its hash.
pub(crate) fn pair_leaf(key: &[u8], value: &[u8]) -> Hash {
    let mut leaf = vec![LEAF];
    for part in [key, &sha256(value)] {
        prost::encoding::encode_varint(part.len() as u64, &mut leaf);
        leaf.extend_from_slice(part);
    }
    sha256(&leaf)
}

/// The root over leaf hashes; of none, the hash of nothing.
pub(crate) fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            inner_hash(&root(left), &root(right))
        }
    }
}

/// The steps from the root to a leaf.
pub(crate) fn path(mut leaves: &[Hash], mut place: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if place < left.len() {
            steps.push(Step { sibling: root(right), sibling_is_left: false });
            leaves = left;
        } else {
            steps.push(Step { sibling: root(left), sibling_is_left: true });
            place -= left.len();
            leaves = right;
        }
    }
    steps
}

/// The largest power of two below a number above one.
fn split(len: usize) -> usize {
    1 << (len - 1).ilog2()
}

/// The complete subtree that covers the leaves from `number << level` on, `1 << level` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodePlace {
    pub(crate) level: u8,
    pub(crate) number: u64,
}

/// The complete subtrees that the leaf of this number completes, itself first.
pub(crate) fn completed_by(leaf: u64) -> impl Iterator<Item = NodePlace> {
    let levels = 0..=leaf.trailing_ones();
    levels.map(move |level| NodePlace { level: u8::try_from(level).expect("at most 64"), number: leaf >> level })
}

/// A tree that only grows: how many leaves it has, and its complete subtrees from the largest to the smallest, one for
/// each bit of that number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Peaks {
    len: u64,
    peaks: Vec<Hash>,
}

impl Peaks {
    /// A tree of `len` leaves, whose complete subtrees `node` gives.
    pub(crate) fn load<E>(len: u64, node: impl Fn(NodePlace) -> Result<Hash, E>) -> Result<Self, E> {
        let peaks = peak_places(0, len).into_iter().map(node).collect::<Result<_, _>>()?;
        Ok(Self { len, peaks })
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Adds a leaf and hands `keep` every subtree that it completes, the leaf itself first.
    pub(crate) fn append(&mut self, leaf: Hash, mut keep: impl FnMut(NodePlace, Hash)) {
        let mut hash = leaf;
        for place in completed_by(self.len) {
            if place.level > 0 {
                let left = self.peaks.pop().expect("there is a peak for each bit of the length");
                hash = inner_hash(&left, &hash);
            }
            keep(place, hash);
        }
        self.peaks.push(hash);
        self.len += 1;
    }

    /// The root, the same as [`root`] gives over all leaves.
    pub(crate) fn root(&self) -> Hash {
        fold(&self.peaks)
    }
}

fn fold(peaks: &[Hash]) -> Hash {
    let Some((last, before)) = peaks.split_last() else {
        return sha256(&[]);
    };
    before.iter().rev().fold(*last, |right, left| inner_hash(left, &right))
}

/// The complete subtrees of `len` leaves that begin at `start`, a multiple of the largest of them.
fn peak_places(mut start: u64, mut len: u64) -> Vec<NodePlace> {
    let mut places = Vec::new();
    while let Some(level) = len.checked_ilog2() {
        places.push(NodePlace { level: u8::try_from(level).expect("below 64"), number: start >> level });
        start += 1 << level;
        len -= 1 << level;
    }
    places
}

/// The steps from the root of a growing tree of `len` leaves to one of them.
pub(crate) fn growing_path<E>(
    len: u64,
    place: u64,
    node: impl Fn(NodePlace) -> Result<Hash, E>,
) -> Result<Vec<Step>, E> {
    let subtree = |start, len| -> Result<Hash, E> {
        let peaks = peak_places(start, len).into_iter().map(&node).collect::<Result<Vec<_>, _>>()?;
        Ok(fold(&peaks))
    };
    let (mut start, mut rest) = (0, len);
    let mut steps = Vec::new();
    while rest > 1 {
        let left = 1 << (rest - 1).ilog2();
        if place < start + left {
            steps.push(Step { sibling: subtree(start + left, rest - left)?, sibling_is_left: false });
            rest = left;
        } else {
            steps.push(Step { sibling: subtree(start, left)?, sibling_is_left: true });
            start += left;
            rest -= left;
        }
    }
    Ok(steps)
}

/// An inner step as ICS-23 writes it: what stands before the child and what behind.
pub(crate) fn affixes(step: &Step) -> (Vec<u8>, Vec<u8>) {
    if step.sibling_is_left {
        ([&[INNER][..], &step.sibling].concat(), Vec::new())
    } else {
        (vec![INNER], step.sibling.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|number| pair_leaf(&number.to_be_bytes(), b"value")).collect()
    }

    fn fold_path(leaf: Hash, steps: &[Step]) -> Hash {
        steps.iter().rev().fold(leaf, |hash, step| {
            if step.sibling_is_left { inner_hash(&step.sibling, &hash) } else { inner_hash(&hash, &step.sibling) }
        })
    }

    #[test]
    fn root_of_nothing_is_the_one_that_the_field_knows() {
        let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(crate::error::shown(&root(&[])), expected);
        assert_eq!(Peaks::default().root(), root(&[]));
    }

    #[test]
    fn growing_tree_equals_the_whole_one_at_every_length() {
        let all = leaves(70);
        let (mut peaks, mut nodes) = (Peaks::default(), BTreeMap::new());
        for len in 1..=all.len() {
            peaks.append(all[len - 1], |place, hash| {
                let replaced = nodes.insert((place.level, place.number), hash);
                assert!(replaced.is_none(), "a complete subtree never changes");
            });
            assert_eq!(peaks.root(), root(&all[..len]));

            let node = |place: NodePlace| Ok::<_, Infallible>(nodes[&(place.level, place.number)]);
            assert_eq!(Peaks::load(len as u64, node).unwrap(), peaks);
            for place in 0..len {
                let steps = growing_path(len as u64, place as u64, node).unwrap();
                assert_eq!(steps, path(&all[..len], place));
                assert_eq!(fold_path(all[place], &steps), peaks.root());
            }
        }
    }
}
