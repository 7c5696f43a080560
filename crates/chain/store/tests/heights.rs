//! Older heights: read as they were, by key and by range, after restarts, until they are pruned; and taken back.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::sync::Arc;

use akash_store::testing::{Fault, FaultyStore};
use akash_store::{
    Batch, ByteStore, ChainStore, Kv, MemoryStore, Options, Overlay, Range, Row, Space, StoreError, Table, View, prune,
    roll_back,
};
use common::{NAMES, block, commit};

const HEIGHTS: u64 = 60;

fn options(recent_heights: Option<u64>) -> Options {
    Options { kept_heights: 10, recent_heights, ..Options::default() }
}

fn open(bytes: &MemoryStore, recent: Option<u64>) -> ChainStore {
    ChainStore::open_with(Arc::new(bytes.clone()), &NAMES, options(recent)).unwrap()
}

/// Everything that a height shows, forwards and backwards.
fn picture(view: &View) -> Vec<Vec<Row>> {
    let mut rows = Vec::new();
    for name in NAMES {
        for space in [Space::State(name), Space::Index(name)] {
            let forward = view.clone().scan(space, Range::all(), usize::MAX).unwrap();
            let mut backward = view.clone().scan(space, Range::all().reversed(), usize::MAX).unwrap();
            backward.reverse();
            assert_eq!(forward, backward);
            for (key, value) in &forward {
                assert_eq!(view.read(space, key).unwrap().as_ref(), Some(value));
            }
            rows.push(forward);
        }
    }
    rows
}

/// A chain, and what each of its heights showed when it was the newest.
fn chain(bytes: &MemoryStore, recent: Option<u64>) -> Vec<(View, Vec<Vec<Row>>)> {
    let mut store = open(bytes, recent);
    let mut seen = Vec::new();
    for height in 1..=HEIGHTS {
        commit(&mut store, &block(height), height).unwrap();
        seen.push((store.latest(), picture(&store.latest())));
    }
    seen
}

#[test]
fn older_heights_read_as_they_were_also_after_a_restart() {
    let bytes = MemoryStore::new();
    let seen = chain(&bytes, None);
    let store = open(&bytes, None);
    for (then, expected) in &seen {
        let view = store.view(then.height()).unwrap().unwrap();
        assert_eq!((view.height(), view.app_hash()), (then.height(), then.app_hash()));
        assert_eq!(&picture(&view), expected, "height {}", then.height());
        assert_eq!(view.read(Space::State("bank"), b"never there").unwrap(), None);
        let part = Range::prefix("key/1").after(b"key/12");
        assert_eq!(
            view.clone().scan(Space::State("acc"), part.clone(), 3),
            then.clone().scan(Space::State("acc"), part, 3)
        );
    }
    assert!(store.view(0).unwrap().is_none() && store.view(HEIGHTS + 1).unwrap().is_none());
}

#[test]
fn proofs_reach_back_as_far_as_versions_are_kept() {
    let bytes = MemoryStore::new();
    let mut store = open(&bytes, None);
    let mut proofs = Vec::new();
    for height in 1..=HEIGHTS {
        commit(&mut store, &block(height), height).unwrap();
        proofs.push(["key/3", "key/absent"].map(|key| store.latest().prove("bank", key.as_bytes()).unwrap()));
    }
    for height in 1..=HEIGHTS {
        let view = store.view(height).unwrap().unwrap();
        for (place, key) in ["key/3", "key/absent"].into_iter().enumerate() {
            let proof = view.prove("bank", key.as_bytes());
            if height + 10 > HEIGHTS {
                assert_eq!(proof.as_ref(), Ok(&proofs[height as usize - 1][place]), "height {height}");
            } else {
                assert_eq!(proof, Err(StoreError::Expired), "height {height}");
            }
        }
    }
}

#[test]
fn pruned_heights_are_gone_and_a_held_view_says_so() {
    let bytes = MemoryStore::new();
    let mut store = open(&bytes, Some(5));
    for height in 1..=5 {
        commit(&mut store, &block(height), height).unwrap();
    }
    let held = store.view(2).unwrap().unwrap();
    assert!(held.read(Space::State("bank"), b"key/3").is_ok());
    for height in 6..=200 {
        commit(&mut store, &block(height), height).unwrap();
        assert_eq!(store.latest().lowest_height(), height - 4);
        assert!(store.view(height - 5).unwrap().is_none() && store.view(height - 4).unwrap().is_some());
    }
    assert_eq!(held.read(Space::State("bank"), b"key/3"), Err(StoreError::Expired));
    let rows: Result<Vec<_>, _> = held.rows(Space::State("bank"), &Range::all()).unwrap().collect();
    assert_eq!(rows, Err(StoreError::Expired));

    let undo = bytes.snapshot().unwrap().rows(Table::Undo, &Range::all()).count();
    assert!(undo < 100 * 70, "{undo} old values are left of 200 heights");
    let heights = bytes.snapshot().unwrap().rows(Table::Height, &Range::all()).count();
    assert_eq!(heights, 5);
}

#[test]
fn keeping_fewer_heights_takes_effect_over_several_blocks() {
    let bytes = MemoryStore::new();
    let mut store = open(&bytes, None);
    for height in 1..=400 {
        commit(&mut store, &block(height), height).unwrap();
    }
    let mut store = open(&bytes, Some(2));
    for (height, lowest) in [(401, 101), (402, 201), (403, 301), (404, 401 - 1 + 1), (405, 404)] {
        commit(&mut store, &block(height), height).unwrap();
        assert_eq!(store.latest().lowest_height(), lowest.min(height - 1), "at {height}");
    }
}

#[test]
fn newest_height_can_be_taken_back_and_made_again() {
    let bytes = MemoryStore::new();
    let seen = chain(&bytes, Some(20));
    for back in 1..=9 {
        let (height, hash) = roll_back(&bytes).unwrap();
        let (then, expected) = &seen[(HEIGHTS - back) as usize - 1];
        assert_eq!((height, hash), (then.height(), then.app_hash()));
        let store = open(&bytes, Some(20));
        assert_eq!(&picture(&store.latest()), expected);
        assert_eq!(store.latest().app_hash(), hash);
    }
    let mut store = open(&bytes, Some(20));
    for height in HEIGHTS - 8..=HEIGHTS {
        assert_eq!(commit(&mut store, &block(height), height).unwrap(), seen[height as usize - 1].0.app_hash());
        assert_eq!(picture(&store.latest()), seen[height as usize - 1].1);
        let before = store.view(height - 1).unwrap().unwrap();
        assert_eq!(picture(&before), seen[height as usize - 2].1);
    }
}

#[test]
fn what_was_never_kept_cannot_be_taken_back() {
    let bytes = MemoryStore::new();
    assert_eq!(roll_back(&bytes), Err(StoreError::NothingCommitted));
    let mut store = open(&bytes, None);
    commit(&mut store, &block(1), 1).unwrap();
    assert_eq!(roll_back(&bytes), Err(StoreError::NoUndo(1)));
    for height in 2..=20 {
        commit(&mut store, &block(height), height).unwrap();
    }
    drop(store);
    let back: Vec<_> = std::iter::from_fn(|| roll_back(&bytes).ok()).map(|(height, _)| height).collect();
    assert_eq!(back, (10..20).rev().collect::<Vec<_>>(), "as many as changes are listed for");
    assert_eq!(roll_back(&bytes), Err(StoreError::NoUndo(10)));
}

#[test]
fn cut_off_rollback_changes_nothing_or_everything() {
    for fault in [Fault::Lost, Fault::Kept] {
        let bytes = MemoryStore::new();
        let seen = chain(&bytes, None);
        assert!(roll_back(&FaultyStore::new(bytes.clone(), 0, fault)).is_err());
        let store = open(&bytes, None);
        let reached = if fault == Fault::Lost { HEIGHTS } else { HEIGHTS - 1 };
        assert_eq!(store.latest().height(), reached);
        assert_eq!(picture(&store.latest()), seen[reached as usize - 1].1);
    }
}

#[test]
fn unknown_layout_is_refused() {
    let bytes = MemoryStore::new();
    commit(&mut open(&bytes, None), &block(1), 1).unwrap();
    let mut batch = Batch::default();
    batch.put(Table::Meta, b"layout".to_vec(), 99u32.to_be_bytes().to_vec());
    bytes.write(batch).unwrap();
    let error = ChainStore::open(Arc::new(bytes.clone()), &NAMES).err().unwrap();
    assert!(matches!(error, StoreError::Layout { found: 99, .. }));
    assert!(error.to_string().contains("use the version of akash that wrote it"));

    let mut batch = Batch::default();
    batch.delete(Table::Meta, b"layout".to_vec());
    bytes.write(batch).unwrap();
    let error = ChainStore::open(Arc::new(bytes), &NAMES).err();
    assert!(matches!(error, Some(StoreError::Layout { found: 1, .. })));
}

#[test]
fn indexes_are_made_again_in_pieces_and_half_of_one_is_refused() {
    let bytes = MemoryStore::new();
    let seen = chain(&bytes, None);
    let index = seen.last().unwrap().1[3].clone();
    let mut store = open(&bytes, None);
    assert_eq!(store.begin_reindex(), Ok(index.len() as u64));
    assert!(store.latest().scan(Space::Index("bank"), Range::all(), 1).unwrap().is_empty());
    drop(store);

    let half = ChainStore::open(Arc::new(bytes.clone()), &NAMES);
    assert_eq!(half.err(), Some(StoreError::HalfIndexed));
    let again = Options { reindexing: true, ..options(None) };
    let mut store = ChainStore::open_with(Arc::new(bytes.clone()), &NAMES, again).unwrap();
    store.begin_reindex().unwrap();
    for (key, value) in &index {
        let mut overlay = Overlay::new(store.latest());
        overlay.put(Space::Index("bank"), key, value.clone()).unwrap();
        assert_eq!(store.write_index(&overlay.into_changes()), Ok(1));
    }
    let mut overlay = Overlay::new(store.latest());
    overlay.put(Space::State("bank"), b"key", vec![1]).unwrap();
    assert_eq!(store.write_index(&overlay.into_changes()), Err(StoreError::ReadOnly));
    store.finish_reindex().unwrap();
    assert_eq!(&picture(&store.latest()), &seen.last().unwrap().1);
    assert_eq!(open(&bytes, None).latest().app_hash(), seen.last().unwrap().0.app_hash());
}

#[test]
fn heights_can_be_given_up_all_at_once() {
    let bytes = MemoryStore::new();
    let seen = chain(&bytes, None);
    let mut gone = 0;
    let left = prune(&bytes, 7, &mut |count| gone = count).unwrap();
    assert_eq!((left.lowest, left.newest, gone), (HEIGHTS - 6, HEIGHTS, HEIGHTS - 7));
    let store = open(&bytes, None);
    assert!(store.view(left.lowest - 1).unwrap().is_none());
    for (then, expected) in &seen[left.lowest as usize - 1..] {
        assert_eq!(&picture(&store.view(then.height()).unwrap().unwrap()), expected);
    }
    drop(store);
    assert_eq!(prune(&bytes, 100, &mut |_| ()), Ok(left), "what is gone stays gone");
    assert_eq!(prune(&bytes, 0, &mut |_| ()).unwrap().lowest, HEIGHTS - 1);
    assert_eq!(roll_back(&bytes).unwrap().0, HEIGHTS - 1);
}
