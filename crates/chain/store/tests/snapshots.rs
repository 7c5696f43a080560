//! A height taken apart and put together again; and what comes of pieces that somebody tampered with.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::sync::Arc;

use akash_store::{
    ByteStore, ChainStore, Contents, Kv, MemoryStore, Options, Range, Restore, Space, StoreError, Table,
};
use common::{NAMES, block, commit};

const HEIGHTS: u64 = 40;

fn options() -> Options {
    Options { reindexing: true, ..Options::default() }
}

fn chain() -> (MemoryStore, ChainStore) {
    let bytes = MemoryStore::new();
    let mut store = ChainStore::open(Arc::new(bytes.clone()), &NAMES).unwrap();
    for height in 1..=HEIGHTS {
        commit(&mut store, &block(height), height).unwrap();
    }
    (bytes, store)
}

fn taken_apart(store: &ChainStore, height: u64) -> (Contents, Vec<Vec<u8>>) {
    let view = store.view(height).unwrap().unwrap();
    (view.contents(), view.pieces().collect::<Result<_, _>>().unwrap())
}

fn restore(contents: &Contents, pieces: &[Vec<u8>]) -> Result<(MemoryStore, ChainStore), StoreError> {
    let bytes = MemoryStore::new();
    let mut restore = Restore::begin(Arc::new(bytes.clone()), contents.clone())?;
    for piece in pieces {
        restore.add(piece)?;
    }
    restore.finish()?;
    let store = ChainStore::open_with(Arc::new(bytes.clone()), &NAMES, options())?;
    Ok((bytes, store))
}

fn rows(bytes: &MemoryStore, table: Table) -> Vec<(Vec<u8>, Vec<u8>)> {
    bytes.snapshot().unwrap().rows(table, &Range::all()).collect::<Result<_, _>>().unwrap()
}

#[test]
fn restored_height_is_the_same_and_goes_on_the_same() {
    let (bytes, mut original) = chain();
    let (contents, pieces) = taken_apart(&original, HEIGHTS);
    let (copy, mut restored) = restore(&contents, &pieces).unwrap();
    assert_eq!(restored.latest().app_hash(), original.latest().app_hash());
    for table in [Table::State, Table::History, Table::HistoryNode, Table::KeyName] {
        assert!(rows(&copy, table) == rows(&bytes, table), "{}", table.name());
    }
    for height in HEIGHTS + 1..HEIGHTS + 10 {
        let next = commit(&mut restored, &block(height), height);
        assert_eq!(next, commit(&mut original, &block(height), height));
    }
}

#[test]
fn older_height_can_be_taken_apart_too() {
    let (_, original) = chain();
    for height in [1, 7, HEIGHTS - 1] {
        let (contents, pieces) = taken_apart(&original, height);
        let (_, restored) = restore(&contents, &pieces).unwrap();
        let then = original.view(height).unwrap().unwrap();
        assert_eq!(restored.latest().app_hash(), then.app_hash());
        for name in NAMES {
            let all = |mut view: akash_store::View| view.scan(Space::State(name), Range::all(), usize::MAX).unwrap();
            assert_eq!(all(restored.latest()), all(then.clone()), "{name} at {height}");
        }
    }
}

#[test]
fn restored_state_is_refused_until_its_indexes_are_made() {
    let (_, original) = chain();
    let (contents, pieces) = taken_apart(&original, HEIGHTS);
    let (copy, restored) = restore(&contents, &pieces).unwrap();
    drop(restored);
    assert_eq!(ChainStore::open(Arc::new(copy.clone()), &NAMES).err(), Some(StoreError::HalfIndexed));
    let again = Restore::begin(Arc::new(copy), contents);
    assert!(matches!(again.err(), Some(StoreError::BadSnapshot(_))), "the disk is not empty");
}

/// The rows of a piece, each whole.
fn split(piece: &[u8]) -> Vec<Vec<u8>> {
    let (mut rows, mut rest) = (Vec::new(), piece);
    while !rest.is_empty() {
        let key = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        let value = u32::from_be_bytes([rest[4], rest[5], rest[6], rest[7]]) as usize;
        let (row, behind) = rest.split_at(8 + key + value);
        rows.push(row.to_vec());
        rest = behind;
    }
    rows
}

#[test]
fn whatever_is_changed_of_the_rows_is_noticed() {
    let (_, original) = chain();
    let (contents, pieces) = taken_apart(&original, HEIGHTS);
    let rows = split(&pieces.concat());
    assert!(rows.len() > 100);
    let refused = |rows: Vec<Vec<u8>>, what: String| {
        let outcome = restore(&contents, &[rows.concat()]);
        let error = outcome.err().unwrap_or_else(|| panic!("{what} was taken"));
        assert!(matches!(error, StoreError::BadSnapshot(_) | StoreError::Corrupt(_)), "{what}: {error}");
    };
    for place in 0..rows.len() {
        let mut without = rows.clone();
        without.remove(place);
        refused(without, format!("a snapshot without row {place}"));

        let mut changed = rows.clone();
        *changed[place].last_mut().unwrap() ^= 1;
        refused(changed, format!("a snapshot with another row {place}"));

        let mut twice = rows.clone();
        twice.insert(place, rows[place].clone());
        refused(twice, format!("a snapshot with row {place} twice"));

        if place > 0 {
            let mut swapped = rows.clone();
            swapped.swap(place - 1, place);
            refused(swapped, format!("a snapshot with row {place} before its time"));
        }
    }
    for byte in 0..8 {
        for value in [0, 1, 2, 0x7f, 0xff] {
            let mut changed = rows.clone();
            if changed[50][byte] != value {
                changed[50][byte] = value;
                refused(changed, format!("a snapshot with {value} in byte {byte} of a row's head"));
            }
        }
    }
}

#[test]
fn pieces_that_are_cut_off_too_long_or_empty_are_refused() {
    let (_, original) = chain();
    let (contents, pieces) = taken_apart(&original, HEIGHTS);
    let whole = pieces.concat();
    for len in (0..whole.len()).step_by(97) {
        assert!(restore(&contents, &[whole[..len].to_vec()]).is_err(), "{len} bytes");
    }
    assert!(matches!(restore(&contents, &[]).err(), Some(StoreError::BadSnapshot(_))), "no piece at all");
    assert!(matches!(restore(&contents, &[vec![0; 10_000_001]]).err(), Some(StoreError::BadSnapshot(_))));
    let length_bomb = [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, b'k', b'v'].to_vec();
    assert!(matches!(restore(&contents, &[length_bomb]).err(), Some(StoreError::BadSnapshot(_))));
}

#[test]
fn claims_about_the_contents_are_checked() {
    let (_, original) = chain();
    let (contents, pieces) = taken_apart(&original, HEIGHTS);
    type Lie = fn(&mut Contents);
    let lies: [(&str, Lie); 7] = [
        ("app hash", |contents| contents.app_hash[0] ^= 1),
        ("root", |contents| contents.stores[1].root[0] ^= 1),
        ("history", |contents| contents.stores[2].history_len -= 1),
        ("longer history", |contents| contents.stores[2].history_len += 1),
        ("name", |contents| contents.stores[1].name = "bans".to_owned()),
        ("order", |contents| contents.stores.swap(0, 1)),
        ("missing store", |contents| drop(contents.stores.pop())),
    ];
    for (what, lie) in lies {
        let mut false_contents = contents.clone();
        lie(&mut false_contents);
        assert!(restore(&false_contents, &pieces).is_err(), "{what}");
    }
    assert!(restore(&contents, &pieces).is_ok());
}
