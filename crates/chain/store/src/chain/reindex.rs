//! Making the indexes again from the records, in pieces of bounded size.
//!
//! [`ChainStore::begin_reindex`] marks the disk, so that nobody takes half an index for a whole one, and drops all;
//! [`ChainStore::write_index`] adds rows; [`ChainStore::finish_reindex`] takes the mark away. A stop in between leaves
//! the mark: then [`super::Options::reindexing`] opens the store for doing it all again. Heights do not change.

use super::record::mark_half_indexed;
use super::{ChainStore, view_of};
use crate::bytes::{Batch, Table};
use crate::changes::Changes;
use crate::error::StoreError;
use crate::flat::flat_key;
use crate::kv::{Range, Space};

/// Rows that one batch drops.
const ROWS_AT_ONCE: usize = 10_000;

impl ChainStore {
    /// Drops the rows of all indexes, and says how many there were.
    pub fn begin_reindex(&mut self) -> Result<u64, StoreError> {
        let mut batch = Batch::default();
        mark_half_indexed(true, &mut batch);
        self.bytes.write(batch)?;
        let view = self.bytes.snapshot()?;
        let mut rows = view.rows(Table::Index, &Range::all());
        let mut dropped = 0;
        loop {
            let keys: Vec<_> = rows.by_ref().take(ROWS_AT_ONCE).collect::<Result<_, _>>()?;
            if keys.is_empty() {
                break;
            }
            dropped += keys.len() as u64;
            let mut batch = Batch::default();
            keys.into_iter().for_each(|(key, _)| batch.delete(Table::Index, key));
            self.bytes.write(batch)?;
        }
        drop(rows);
        self.show_again()?;
        Ok(dropped)
    }

    /// Adds the index rows among some changes, and says how many. Changed records are refused: rebuilding an index
    /// changes no state.
    pub fn write_index(&mut self, changes: &Changes) -> Result<u64, StoreError> {
        let mut batch = Batch::default();
        for space in changes.spaces() {
            let Space::Index(name) = space else { return Err(StoreError::ReadOnly) };
            for (key, change) in changes.of(space) {
                if let Some(value) = change.value() {
                    batch.put(Table::Index, flat_key(name, key), value.clone());
                }
            }
        }
        let rows = batch.writes.len() as u64;
        if rows > 0 {
            self.bytes.write(batch)?;
        }
        Ok(rows)
    }

    /// Every record was looked at.
    pub fn finish_reindex(&mut self) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        mark_half_indexed(false, &mut batch);
        self.bytes.write(batch)?;
        self.show_again()
    }

    /// The same height with the rows that are there now.
    fn show_again(&mut self) -> Result<(), StoreError> {
        let height = self.latest.map(|latest| latest.height);
        self.newest = view_of(&self.stores, height, self.bytes.snapshot()?, &self.lowest);
        Ok(())
    }
}
