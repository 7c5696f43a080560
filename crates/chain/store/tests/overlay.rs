//! Overlays and views against a plain sorted map.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::sync::Arc;

use akash_store::{ChainStore, Kv, MemoryStore, Options, Overlay, Range, Row, Space, StoreError, View};
use proptest::prelude::*;

const STATE: Space = Space::State("bank");
const OTHER: Space = Space::State("acc");

#[derive(Clone, Debug)]
enum Action {
    Put(u8, u8),
    Delete(u8),
    Archive(u8, u8),
    Begin,
    Merge,
    Discard,
    Scan { from: u8, to: u8, reverse: bool, limit: usize },
    Commit,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let key = 0u8..24;
    let action = prop_oneof![
        8 => (key.clone(), any::<u8>()).prop_map(|(key, value)| Action::Put(key, value)),
        4 => key.clone().prop_map(Action::Delete),
        2 => (key.clone(), any::<u8>()).prop_map(|(key, value)| Action::Archive(key, value)),
        2 => Just(Action::Begin),
        1 => Just(Action::Merge),
        1 => Just(Action::Discard),
        6 => (key.clone(), key, any::<bool>(), 0usize..12)
            .prop_map(|(from, to, reverse, limit)| Action::Scan { from, to, reverse, limit }),
        1 => Just(Action::Commit),
    ];
    proptest::collection::vec(action, 1..80)
}

/// Value, and whether it is final.
type Model = BTreeMap<Vec<u8>, (Vec<u8>, bool)>;

fn key(number: u8) -> Vec<u8> {
    // some keys are prefixes of others
    let mut key = vec![1 + number / 3];
    key.resize(1 + usize::from(number % 3), number);
    key
}

fn range(from: u8, to: u8, reverse: bool) -> Range {
    let end = (!to.is_multiple_of(5)).then(|| key(to));
    Range { start: key(from), end, reverse }
}

fn model_scan(model: &Model, range: &Range, limit: usize) -> Vec<Row> {
    let rows =
        model.iter().filter(|(key, _)| range.contains(key)).map(|(key, (value, _))| (key.clone(), value.clone()));
    let mut rows: Vec<Row> = rows.collect();
    if range.reverse {
        rows.reverse();
    }
    rows.truncate(limit);
    rows
}

/// Writes to both; a final record refuses both.
fn write(overlay: &mut Overlay, model: &mut Model, key: &[u8], value: Option<(Vec<u8>, bool)>) {
    let is_final = model.get(key).is_some_and(|(_, is_final)| *is_final);
    let written = match &value {
        None => overlay.delete(STATE, key),
        Some((bytes, false)) => overlay.put(STATE, key, bytes.clone()),
        Some((bytes, true)) => overlay.archive(STATE, key, bytes.clone()),
    };
    if is_final {
        assert!(matches!(written, Err(StoreError::Archived { .. })));
        return;
    }
    written.unwrap();
    match value {
        None => model.remove(key),
        Some(value) => model.insert(key.to_vec(), value),
    };
}

fn check_all(kv: &mut impl Kv<Error = StoreError>, model: &Model) {
    for number in 0..24 {
        let found = kv.get(STATE, &key(number)).unwrap();
        assert_eq!(found.as_ref(), model.get(&key(number)).map(|(value, _)| value));
    }
    for reverse in [false, true] {
        let range = Range { reverse, ..Range::all() };
        assert_eq!(kv.scan(STATE, range.clone(), usize::MAX).unwrap(), model_scan(model, &range, usize::MAX));
    }
}

fn run(actions: &[Action]) {
    let options = Options { kept_heights: 3, recent_heights: Some(3), threads: 1, reindexing: false };
    let mut store = ChainStore::open_with(Arc::new(MemoryStore::new()), &["bank", "acc"], options).unwrap();
    let mut overlay = Overlay::new(store.latest());
    let mut models = vec![Model::new()];
    let mut committed: Vec<(View, Model)> = Vec::new();
    for action in actions {
        let depth = models.len() - 1;
        let model = models.last_mut().unwrap();
        match action {
            Action::Put(number, value) => write(&mut overlay, model, &key(*number), Some((vec![*value], false))),
            Action::Archive(number, value) => write(&mut overlay, model, &key(*number), Some((vec![*value], true))),
            Action::Delete(number) => write(&mut overlay, model, &key(*number), None),
            Action::Begin => {
                overlay.begin();
                let copy = model.clone();
                models.push(copy);
            }
            Action::Merge if depth > 0 => {
                overlay.merge();
                let merged = models.pop().unwrap();
                *models.last_mut().unwrap() = merged;
            }
            Action::Discard if depth > 0 => {
                overlay.discard();
                models.pop();
            }
            Action::Merge | Action::Discard => {}
            Action::Scan { from, to, reverse, limit } => {
                let range = range(*from, *to, *reverse);
                assert_eq!(overlay.scan(STATE, range.clone(), *limit).unwrap(), model_scan(model, &range, *limit));
            }
            Action::Commit => {
                let model = model.clone();
                let height = committed.len() as u64 + 1;
                store.commit(overlay.into_changes(), height).unwrap();
                overlay = Overlay::new(store.latest());
                committed.push((store.latest(), model.clone()));
                models = vec![model];
            }
        }
    }
    check_all(&mut overlay, models.last().unwrap());
    for (view, model) in &committed {
        check_all(&mut view.clone(), model);
    }
}

proptest! {
    #[test]
    fn overlay_and_views_equal_a_sorted_map(actions in actions()) {
        run(&actions);
    }
}

fn store() -> ChainStore {
    ChainStore::open(Arc::new(MemoryStore::new()), &["bank", "acc"]).unwrap()
}

#[test]
fn fork_does_not_touch_its_origin() {
    let mut overlay = Overlay::new(store().latest());
    overlay.put(STATE, b"a", vec![1]).unwrap();
    let mut fork = overlay.clone();
    fork.put(STATE, b"a", vec![2]).unwrap();
    assert_eq!(overlay.get(STATE, b"a").unwrap(), Some(vec![1]));
}

#[test]
fn stores_and_spaces_do_not_mix() {
    let mut overlay = Overlay::new(store().latest());
    overlay.put(STATE, b"a", vec![1]).unwrap();
    overlay.put(Space::Index("bank"), b"a", Vec::new()).unwrap();
    assert_eq!(overlay.get(OTHER, b"a").unwrap(), None);
    assert_eq!(overlay.get(Space::Index("bank"), b"a").unwrap(), Some(Vec::new()));
    assert!(overlay.scan(OTHER, Range::all(), 10).unwrap().is_empty());
}

#[test]
fn what_cannot_be_stored_is_refused() {
    let mut overlay = Overlay::new(store().latest());
    assert!(matches!(overlay.put(STATE, b"a", Vec::new()), Err(StoreError::EmptyValue { .. })));
    assert!(matches!(overlay.put(STATE, b"", vec![1]), Err(StoreError::BadKey { .. })));
    assert!(matches!(overlay.put(STATE, b"\0history", vec![1]), Err(StoreError::BadKey { .. })));
    assert!(matches!(overlay.put(STATE, &[1; 2000], vec![1]), Err(StoreError::BadKey { .. })));
    assert!(matches!(overlay.put(Space::State("gov"), b"a", vec![1]), Err(StoreError::UnknownStore(_))));
    assert!(matches!(overlay.archive(Space::Index("bank"), b"a", vec![1]), Err(StoreError::IndexHasNoHistory(_))));
    assert!(matches!(store().latest().put(STATE, b"a", vec![1]), Err(StoreError::ReadOnly)));
}

#[test]
fn own_records_of_the_store_do_not_show_in_scans() {
    let mut store = store();
    let mut overlay = Overlay::new(store.latest());
    overlay.archive(STATE, b"a", vec![1]).unwrap();
    store.commit(overlay.into_changes(), 1).unwrap();
    let rows = store.latest().scan(STATE, Range::all(), 10).unwrap();
    assert_eq!(rows, [(b"a".to_vec(), vec![1])]);
}
