//! What blocks replaced: the means to read an older height, and to take the newest one back.
//!
//! A block that changes a row of [`Table::State`], [`Table::Index`] or [`Table::KeyName`] writes the row's old value
//! under (table, key, height of the block) into [`Table::Undo`]. The value at height h is then that of the first such
//! row above h, or the present one where there is none. The history needs nothing: its rows never change, and a height
//! knows how many of them it has.
//!
//! Rows up to the lowest readable height are forgotten ([`crate::ByteStore::forget_undo`]), some time. So a reader
//! looks at that height again *after* each read, and gives up when it was overtaken.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

use crate::bytes::{ByteView, Rows, Table};
use crate::error::StoreError;
use crate::kv::{Range, Row};

/// Bytes of the height at the end of an undo key.
const HEIGHT_BYTES: usize = size_of::<u64>();

/// Rows of one key that a scan passes one by one before it looks for the next key instead.
const PASSED_ONE_BY_ONE: usize = 8;

/// Keys that were not there which a scan passes on the way to its next row, before it gives up.
const PASSED_MAX: usize = if cfg!(test) { 40 } else { 200_000 };

/// A key byte 0 becomes these two, so that [`END`] sorts before any continuation of a key.
const ZERO: [u8; 2] = [0, 0xff];
const END: [u8; 2] = [0, 0];

/// The height whose block wrote an undo row; none when the key is not one of [`Table::Undo`].
#[must_use]
pub fn undo_height(key: &[u8]) -> Option<u64> {
    key.last_chunk::<HEIGHT_BYTES>().map(|height| u64::from_be_bytes(*height))
}

pub(crate) fn undo_key(table: Table, key: &[u8], height: u64) -> Vec<u8> {
    let mut undo = whole(table, key);
    undo.extend_from_slice(&height.to_be_bytes());
    undo
}

/// An old value; `None` says that the row was not there.
pub(crate) fn undo_value(old: Option<&[u8]>) -> Vec<u8> {
    match old {
        None => vec![0],
        Some(value) => [&[1], value].concat(),
    }
}

pub(crate) fn old_value(undo: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    match undo.split_first() {
        Some((0, [])) => Ok(None),
        Some((1, value)) => Ok(Some(value.to_vec())),
        _ => Err(StoreError::Corrupt("an undo row has no value".to_owned())),
    }
}

fn escaped(table: Table, key: &[u8]) -> Vec<u8> {
    let mut undo = Vec::with_capacity(1 + key.len() + END.len() + HEIGHT_BYTES + 8);
    undo.push(table.number());
    for byte in key {
        match byte {
            0 => undo.extend_from_slice(&ZERO),
            byte => undo.push(*byte),
        }
    }
    undo
}

/// The part of an undo key that all heights share.
fn whole(table: Table, key: &[u8]) -> Vec<u8> {
    let mut undo = escaped(table, key);
    undo.extend_from_slice(&END);
    undo
}

/// Takes an undo key apart: the row's key, and the length of what all heights share.
fn key_of(undo: &[u8]) -> Result<(Vec<u8>, usize), StoreError> {
    let broken = || StoreError::Corrupt("an undo row has a broken key".to_owned());
    let shared = undo.len().checked_sub(HEIGHT_BYTES).ok_or_else(broken)?;
    let text = undo[..shared].strip_suffix(&END).and_then(|text| text.get(1..)).ok_or_else(broken)?;
    let mut key = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        key.push(*byte);
        if *byte == 0 && bytes.next() != Some(&ZERO[1]) {
            return Err(broken());
        }
    }
    Ok((key, shared))
}

/// The tables as they were at an older height.
pub(crate) struct Past {
    pub(crate) now: Arc<dyn ByteView>,
    pub(crate) height: u64,
    /// The lowest height that can be read.
    pub(crate) lowest: Arc<AtomicU64>,
}

impl Past {
    /// To be called behind every read: before it, rows may have gone in between.
    fn check(&self) -> Result<(), StoreError> {
        if self.height < self.lowest.load(SeqCst) { Err(StoreError::Expired) } else { Ok(()) }
    }

    /// The keys of a range that changed at any kept height, and what they had at this one.
    fn replaced(&self, table: Table, range: &Range) -> Replaced<'_> {
        let end = match &range.end {
            Some(end) => escaped(table, end),
            None => vec![table.number() + 1],
        };
        let range = Range { start: escaped(table, &range.start), end: Some(end), reverse: range.reverse };
        let rows = self.now.rows(Table::Undo, &range).peekable();
        Replaced { past: self, range, rows }
    }
}

impl ByteView for Past {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if !has_undo(table) {
            return self.now.get(table, key);
        }
        let mut range = Range::prefix(whole(table, key));
        range.start.extend_from_slice(&(self.height + 1).to_be_bytes());
        let replaced = self.now.rows(Table::Undo, &range).next().transpose()?;
        let value = match replaced {
            Some((_, undo)) => old_value(&undo)?,
            None => self.now.get(table, key)?,
        };
        self.check()?;
        Ok(value)
    }

    fn rows(&self, table: Table, range: &Range) -> Rows<'_> {
        if !has_undo(table) {
            return self.now.rows(table, range);
        }
        let (replaced, now) = (self.replaced(table, range).peekable(), self.now.rows(table, range).peekable());
        Box::new(PastRows { past: self, replaced, now, reverse: range.reverse, ended: false })
    }
}

pub(crate) fn has_undo(table: Table) -> bool {
    matches!(table, Table::State | Table::Index | Table::KeyName)
}

/// The rows of a range at an older height: present ones, with what changed since put back.
struct PastRows<'a> {
    past: &'a Past,
    replaced: Peekable<Replaced<'a>>,
    now: Peekable<Rows<'a>>,
    reverse: bool,
    ended: bool,
}

impl PastRows<'_> {
    /// The next row. Keys that changed are looked at one by one as the present rows come by, and no further: most of
    /// them changed at heights of no concern.
    fn next_row(&mut self) -> Result<Option<Row>, StoreError> {
        for _ in 0..PASSED_MAX {
            let order = match (self.replaced.peek(), self.now.peek()) {
                (None, _) | (_, Some(Err(_))) => return self.now.next().transpose(),
                (Some(Err(_)), _) | (Some(_), None) => Ordering::Less,
                (Some(Ok((changed, _))), Some(Ok((key, _)))) => {
                    if self.reverse {
                        key.cmp(changed)
                    } else {
                        changed.cmp(key)
                    }
                }
            };
            if order == Ordering::Greater {
                return self.now.next().transpose();
            }
            let now = if order == Ordering::Equal { self.now.next().transpose()? } else { None };
            let Some((key, then)) = self.replaced.next().transpose()? else { continue };
            match then {
                Then::Same if now.is_some() => return Ok(now),
                Then::Was(Some(value)) => return Ok(Some((key, value))),
                Then::Same | Then::Was(None) => {}
            }
        }
        Err(StoreError::TooFarBack(self.past.height))
    }
}

impl Iterator for PastRows<'_> {
    type Item = Result<Row, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = self.next_row();
        let row = self.past.check().and(row).transpose();
        self.ended = !matches!(row, Some(Ok(_)));
        row
    }
}

/// What a key that changed at some height had at the one in question.
enum Then {
    /// What it has now.
    Same,
    Was(Option<Vec<u8>>),
}

/// The keys with undo rows in a range, each once.
struct Replaced<'a> {
    past: &'a Past,
    range: Range,
    rows: Peekable<Rows<'a>>,
}

impl Replaced<'_> {
    /// The key whose rows come next.
    fn of_key(&mut self, undo: &[u8]) -> Result<(Vec<u8>, Then), StoreError> {
        let (key, shared) = key_of(undo)?;
        let then = match self.first_above(&undo[..shared])? {
            Some(value) => Then::Was(old_value(&value)?),
            None => Then::Same,
        };
        Ok((key, then))
    }

    /// Passes all rows of a key and gives the value of the lowest one above the height.
    fn first_above(&mut self, shared: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let mut found = None;
        for _ in 0..PASSED_ONE_BY_ONE {
            let same = |row: &Result<(Vec<u8>, _), _>| row.as_ref().is_ok_and(|(key, _)| key.starts_with(shared));
            let Some(row) = self.rows.next_if(same) else { return Ok(found) };
            let (key, value) = row?;
            let above = undo_height(&key).is_some_and(|height| height > self.past.height);
            if above && (self.range.reverse || found.is_none()) {
                found = Some(value);
            }
        }
        // A key that changes often: ask for its row, and go on behind it.
        let mut range = Range::prefix(shared);
        self.skip(range.clone());
        range.start.extend_from_slice(&(self.past.height + 1).to_be_bytes());
        let row = self.past.now.rows(Table::Undo, &range).next().transpose()?;
        Ok(row.map(|(_, value)| value))
    }

    fn skip(&mut self, passed: Range) {
        if self.range.reverse {
            self.range.end = Some(passed.start);
        } else if let Some(end) = passed.end {
            self.range.start = end;
        }
        self.rows = self.past.now.rows(Table::Undo, &self.range).peekable();
    }
}

impl Iterator for Replaced<'_> {
    type Item = Result<(Vec<u8>, Then), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.rows.peek()? {
            Ok((undo, _)) => {
                let undo = undo.clone();
                Some(self.of_key(&undo))
            }
            Err(error) => {
                let error = error.clone();
                self.rows.next();
                Some(Err(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bytes::MemoryStore;
    use crate::chain::ChainStore;
    use crate::kv::{Kv, Space};
    use crate::overlay::Overlay;

    /// Thirty keys come, then go; a few stay, and change at last.
    fn chain(comers: u8) -> ChainStore {
        let mut store = ChainStore::open(Arc::new(MemoryStore::new()), &["a"]).unwrap();
        let state = Space::State("a");
        for height in 1..=5 {
            let mut overlay = Overlay::new(store.latest());
            for number in 1..=comers {
                match height {
                    2 => overlay.put(state, &[1, number], vec![1]).unwrap(),
                    3 => overlay.delete(state, &[1, number]).unwrap(),
                    _ => {}
                }
            }
            overlay.put(state, &[2, height], vec![height]).unwrap();
            overlay.put(state, &[2], vec![height]).unwrap();
            store.commit(overlay.into_changes(), u64::from(height)).unwrap();
        }
        store
    }

    #[test]
    fn scan_gives_up_where_too_much_came_and_went() {
        let all = |store: &ChainStore, height| {
            let mut view = store.view(height).unwrap().unwrap();
            let mut rows = view.scan(Space::State("a"), Range::all(), 1000)?;
            let mut back = view.scan(Space::State("a"), Range::all().reversed(), 1000)?;
            back.reverse();
            assert_eq!(rows, back);
            rows.retain(|(key, _)| key[0] == 2);
            Ok(rows.len())
        };
        let (few, many) = (chain(30), chain(60));
        assert_eq!(all(&few, 4), Ok(5));
        assert_eq!(all(&many, 2), Ok(3), "what was there is no detour");
        assert_eq!(all(&many, 4), Err(StoreError::TooFarBack(4)));
        assert_eq!(all(&many, 5), Ok(6), "the present needs no undo rows");
        let page = many.view(4).unwrap().unwrap().scan(Space::State("a"), Range::prefix([2]), 2);
        assert_eq!(page.unwrap().len(), 2, "a narrower range has an answer");
    }

    fn keys() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(prop_oneof![Just(0u8), Just(1), Just(0xff), any::<u8>()], 0..6)
    }

    proptest! {
        #[test]
        fn undo_keys_sort_like_keys_and_heights(one in keys(), other in keys(), low: u64, high: u64) {
            let undo = |key: &[u8], height| undo_key(Table::State, key, height);
            prop_assert_eq!(undo(&one, low).cmp(&undo(&other, high)), (&one, low).cmp(&(&other, high)));
            prop_assert_eq!(key_of(&undo(&one, low)).unwrap().0, one.clone());
            prop_assert_eq!(undo_height(&undo(&one, low)), Some(low));
            // a border of a range parts undo keys as it parts keys
            prop_assert_eq!(undo(&one, low) < escaped(Table::State, &other), one < other);
        }
    }
}
