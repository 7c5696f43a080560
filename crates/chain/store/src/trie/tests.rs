//! The trie against an independent model: plain SHA-256, bit by bit, no buckets, no shards.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;
use crate::error::StoreError;
use crate::hash::{leaf_hash, sha256};

type Model = BTreeMap<Hash, Hash>;

fn naive_root(pairs: &[(Hash, Hash)], depth: usize) -> Hash {
    match pairs {
        [] => EMPTY,
        [(_, leaf)] => *leaf,
        _ => {
            let (right, left): (Vec<_>, Vec<_>) =
                pairs.iter().partition(|(key, _)| key[depth / 8] & (0x80 >> (depth % 8)) != 0);
            match (left.is_empty(), right.is_empty()) {
                (true, _) => naive_root(&right, depth + 1),
                (_, true) => naive_root(&left, depth + 1),
                _ => {
                    let hasher = Sha256::new().chain_update([1]).chain_update(naive_root(&left, depth + 1));
                    hasher.chain_update(naive_root(&right, depth + 1)).finalize().into()
                }
            }
        }
    }
}

fn model_root(model: &Model) -> Hash {
    naive_root(&model.iter().map(|(key, leaf)| (*key, *leaf)).collect::<Vec<_>>(), 0)
}

/// Few keys, so that batches meet; their hashes share their first 40 bits in one case of three.
fn key(number: u16) -> Hash {
    let mut key = sha256(&number.to_be_bytes());
    if number.is_multiple_of(3) {
        key[..5].copy_from_slice(&[0xa5; 5]);
    }
    key
}

fn changes(batch: &BTreeMap<u16, Option<u8>>) -> Vec<LeafChange> {
    let change = |(number, value): (&u16, &Option<u8>)| {
        let key = key(*number);
        LeafChange { key, leaf: value.map(|value| leaf_hash(&key, &sha256(&[value]))) }
    };
    let mut changes: Vec<LeafChange> = batch.iter().map(change).collect();
    changes.sort_unstable_by_key(|change| change.key);
    changes
}

fn advance(model: &mut Model, changes: &[LeafChange]) {
    for change in changes {
        match change.leaf {
            Some(leaf) => model.insert(change.key, leaf),
            None => model.remove(&change.key),
        };
    }
}

/// A batch that mostly grows the set, mostly shrinks it, or empties it.
fn batches() -> impl Strategy<Value = Vec<BTreeMap<u16, Option<u8>>>> {
    let grow = proptest::collection::btree_map(
        0u16..300,
        prop_oneof![4 => any::<u8>().prop_map(Some), 1 => Just(None)],
        0..60,
    );
    let shrink = proptest::collection::btree_map(
        0u16..300,
        prop_oneof![1 => any::<u8>().prop_map(Some), 6 => Just(None)],
        0..120,
    );
    let empty = Just((0u16..300).map(|number| (number, None)).collect());
    proptest::collection::vec(prop_oneof![6 => grow, 4 => shrink, 1 => empty], 1..12)
}

fn fold(leaf: Hash, steps: &[Step]) -> Hash {
    steps.iter().rev().fold(leaf, |hash, step| {
        if step.sibling_is_left { inner_hash(&step.sibling, &hash) } else { inner_hash(&hash, &step.sibling) }
    })
}

fn check_version(version: &TrieVersion, model: &Model) {
    let root = version.root().unwrap();
    assert_eq!(root, model_root(model));
    assert_eq!(version.rehash().unwrap(), root);
    for number in (0..300).step_by(7) {
        let key = key(number);
        match (version.path(&key).unwrap(), model.get(&key)) {
            (Some(steps), Some(leaf)) => assert_eq!(fold(*leaf, &steps), root),
            (None, None) => {}
            (path, leaf) => panic!("path {path:?} of {leaf:?}"),
        }
        let found = version.neighbours(&key).unwrap();
        assert_eq!(found.left, model.range(..key).next_back().map(|(key, _)| *key));
        assert_eq!(found.right, model.range(key..).find(|(other, _)| **other != key).map(|(key, _)| *key));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_kept_version_equals_the_model(batches in batches(), keep in 1u64..5) {
        let mut trie = Trie::build(&[], 0, 2);
        let mut model = Model::new();
        let mut history = vec![model.clone()];
        for (version, batch) in (1u64..).zip(&batches) {
            let changes = changes(batch);
            let root = trie.apply(&changes, version);
            advance(&mut model, &changes);
            prop_assert_eq!(root, model_root(&model));
            history.push(model.clone());
            let oldest = version.saturating_sub(keep);
            trie.keep_from(oldest);
            for kept in oldest..=version {
                check_version(&trie.version(kept), &history[kept as usize]);
            }
            if oldest > 0 {
                prop_assert_eq!(trie.version(oldest - 1).root(), Err(StoreError::Expired));
            }
        }
        let leaves: Vec<Leaf> = model.iter().map(|(key, hash)| Leaf { key: *key, hash: *hash }).collect();
        prop_assert_eq!(Trie::build(&leaves, 9, 1).version(9).root().unwrap(), model_root(&model));
    }
}

#[test]
fn more_threads_give_the_same_root() {
    let batch: BTreeMap<u16, Option<u8>> = (0..3000).map(|number| (number, Some(1))).collect();
    let changes = changes(&batch);
    let roots: Vec<Hash> = [1, 2, 3, 16, 99].map(|threads| Trie::build(&[], 0, threads).apply(&changes, 1)).to_vec();
    assert!(roots.iter().all(|root| *root == roots[0]));
}

#[test]
fn slots_are_used_again_once_old_versions_are_given_up() {
    let all: BTreeMap<u16, Option<u8>> = (0..2000).map(|number| (number, Some(1))).collect();
    let mut trie = Trie::build(&[], 0, 1);
    trie.apply(&changes(&all), 1);
    let mut settled = 0;
    for version in 2..200u64 {
        let some = (0..2000).step_by(9).map(|number| (number, Some(version as u8))).collect();
        trie.apply(&changes(&some), version);
        trie.keep_from(version - 1);
        if version == 20 {
            settled = trie.bytes();
        }
    }
    assert_eq!(trie.bytes(), settled);
}

#[test]
fn keys_that_differ_in_the_last_bit_alone_are_told_apart() {
    let leaf = |last: u8| {
        let mut key = [7; 32];
        key[31] = last;
        Leaf { key, hash: leaf_hash(&key, &sha256(&[last])) }
    };
    let leaves: Vec<Leaf> = (0..=255).map(leaf).collect();
    let model: Model = leaves.iter().map(|leaf| (leaf.key, leaf.hash)).collect();
    let version = Trie::build(&leaves, 0, 1).version(0);
    assert_eq!(version.root().unwrap(), model_root(&model));
    assert_eq!(version.path(&leaves[3].key).unwrap().unwrap().len(), 8);
}
