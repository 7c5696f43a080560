//! Writes that fail: reopening gives the height before or the height itself, and the chain goes on the same.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::sync::Arc;

use akash_store::testing::{Fault, FaultyStore};
use akash_store::{ByteStore, ChainStore, Hash, MemoryStore, Overlay, StoreError};
use common::{NAMES, block, commit};

const HEIGHTS: u64 = 12;

fn open(bytes: &MemoryStore) -> Result<ChainStore, StoreError> {
    ChainStore::open(Arc::new(bytes.clone()), &NAMES)
}

/// The app hash of every height when nothing fails.
fn undisturbed() -> Vec<Hash> {
    let mut store = open(&MemoryStore::new()).unwrap();
    (1..=HEIGHTS).map(|height| commit(&mut store, &block(height), height).unwrap()).collect()
}

/// Runs until the write fails; gives the height that failed.
fn run_into(fault: Fault, good_writes: u64, bytes: &MemoryStore) -> u64 {
    let faulty = FaultyStore::new(bytes.clone(), good_writes, fault);
    let mut store = ChainStore::open(Arc::new(faulty), &NAMES).unwrap();
    for height in 1..=HEIGHTS {
        if let Err(error) = commit(&mut store, &block(height), height) {
            assert_eq!(error, StoreError::Disk("injected fault".to_owned()));
            let again = store.commit(Overlay::new(store.latest()).into_changes(), height);
            assert_eq!(again, Err(StoreError::Broken), "tries and disk may disagree");
            assert_eq!(store.latest().height(), height - 1, "what is not durable is not shown");
            return height;
        }
    }
    panic!("no write failed");
}

#[test]
fn after_a_failed_write_the_chain_goes_on_from_a_whole_height() {
    let hashes = undisturbed();
    for fault in [Fault::Lost, Fault::Kept] {
        for good_writes in 0..HEIGHTS {
            let bytes = MemoryStore::new();
            let failed = run_into(fault, good_writes, &bytes);
            let mut store = open(&bytes).unwrap();
            let reached = store.latest().height();
            assert_eq!(reached, if fault == Fault::Kept { failed } else { failed - 1 });
            if let Some(last) = reached.checked_sub(1) {
                assert_eq!(store.latest().app_hash(), hashes[last as usize]);
            }
            for height in reached + 1..=HEIGHTS {
                assert_eq!(commit(&mut store, &block(height), height).unwrap(), hashes[height as usize - 1]);
            }
        }
    }
}

#[test]
fn half_a_batch_is_noticed() {
    let hashes = undisturbed();
    let mut noticed = 0;
    for changes in (0..60).step_by(3) {
        let bytes = MemoryStore::new();
        run_into(Fault::Torn(changes), 6, &bytes);
        match open(&bytes) {
            Err(StoreError::Corrupt(_)) => noticed += 1,
            // nothing that the commitment speaks of was written, or all of it
            Ok(store) => assert!(hashes[5..7].contains(&store.latest().app_hash())),
            Err(error) => panic!("{error}"),
        }
    }
    assert!(noticed > 10, "noticed {noticed}");
}

#[test]
fn reopened_store_has_the_same_hash_and_history() {
    let bytes = MemoryStore::new();
    let mut store = open(&bytes).unwrap();
    for height in 1..=HEIGHTS {
        let hash = commit(&mut store, &block(height), height).unwrap();
        let reopened = open(&bytes).unwrap();
        assert_eq!((reopened.latest().app_hash(), reopened.latest().height()), (hash, height));
        for old in 1..=HEIGHTS {
            assert_eq!(reopened.view(old).unwrap().is_some(), old <= height, "height {old} at {height}");
        }
    }
}

#[test]
fn names_on_disk_and_in_the_program_have_to_fit() {
    let bytes = MemoryStore::new();
    let hash = commit(&mut open(&bytes).unwrap(), &block(1), 1).unwrap();

    let fewer = ChainStore::open(Arc::new(bytes.clone()), &["acc", "bank"]);
    assert_eq!(fewer.err(), Some(StoreError::UnknownStore("market".to_owned())));
    let twice = ChainStore::open(Arc::new(bytes.clone()), &["acc", "acc"]);
    assert_eq!(twice.err(), Some(StoreError::BadName("acc".to_owned())));

    let mut more = ChainStore::open(Arc::new(bytes.clone()), &["acc", "bank", "gov", "market"]).unwrap();
    let joined = commit(&mut more, &block(2), 2).unwrap();
    let again = ChainStore::open(Arc::new(bytes), &["market", "gov", "bank", "acc"]).unwrap();
    assert_eq!(again.latest().app_hash(), joined);
    assert_ne!(joined, hash);
}

#[test]
fn heights_go_up_by_one() {
    let mut store = open(&MemoryStore::new()).unwrap();
    let empty = |store: &ChainStore| Overlay::new(store.latest()).into_changes();
    assert!(store.is_empty() && store.view(0).unwrap().is_none());
    store.commit(empty(&store), 0).unwrap();
    assert!(!store.is_empty() && store.view(0).unwrap().is_some());
    assert_eq!(store.commit(empty(&store), 0), Err(StoreError::BadHeight { last: 0, got: 0 }));
    assert_eq!(store.commit(empty(&store), 2), Err(StoreError::BadHeight { last: 0, got: 2 }));
    store.commit(empty(&store), 1).unwrap();
}

#[test]
fn rows_that_no_height_accounts_for_are_noticed() {
    let bytes = MemoryStore::new();
    commit(&mut open(&bytes).unwrap(), &block(1), 1).unwrap();
    let mut batch = akash_store::Batch::default();
    batch.put(akash_store::Table::State, [&[4][..], b"bank", b"forged"].concat(), vec![1, 2]);
    bytes.write(batch).unwrap();
    assert!(matches!(open(&bytes).err(), Some(StoreError::Corrupt(_))));
}
