//! Changes over a committed height that are not committed yet, with nested checkpoints.

use crate::changes::{Change, Changes};
use crate::error::{StoreError, shown};
use crate::kv::{Kv, Range, Row, Space};
use crate::merge::{Merged, Source};
use crate::view::View;

/// Deepest nesting of checkpoints.
pub const MAX_CHECKPOINTS: usize = 64;

/// Pending changes over a [`View`]. Reads and scans see them; a clone is an independent fork.
///
/// [`Overlay::begin`] opens a checkpoint, [`Overlay::merge`] keeps what was written since, [`Overlay::discard`] drops
/// it. [`Overlay::into_changes`] gives everything to [`crate::ChainStore::commit`].
#[derive(Clone)]
pub struct Overlay {
    view: View,
    /// Never empty; the last one is written to.
    layers: Vec<Changes>,
}

impl Overlay {
    #[must_use]
    pub fn new(view: View) -> Self {
        Self { view, layers: vec![Changes::default()] }
    }

    /// The committed height below.
    #[must_use]
    pub fn view(&self) -> &View {
        &self.view
    }

    /// How many checkpoints are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.layers.len() - 1
    }

    /// Opens a checkpoint.
    ///
    /// # Panics
    /// When checkpoints nest deeper than [`MAX_CHECKPOINTS`]: whoever opens them in a loop has to count.
    pub fn begin(&mut self) {
        assert!(self.depth() < MAX_CHECKPOINTS, "checkpoints nest too deep");
        self.layers.push(Changes::default());
    }

    /// Closes the latest checkpoint and keeps its changes.
    ///
    /// # Panics
    /// Without an open checkpoint.
    pub fn merge(&mut self) {
        let later = self.close();
        self.top().merge(later);
    }

    /// Closes the latest checkpoint and drops its changes.
    ///
    /// # Panics
    /// Without an open checkpoint.
    pub fn discard(&mut self) {
        drop(self.close());
    }

    /// All changes, those of open checkpoints included.
    #[must_use]
    pub fn into_changes(self) -> Changes {
        let mut changes = Changes::default();
        for layer in self.layers {
            changes.merge(layer);
        }
        changes
    }

    fn close(&mut self) -> Changes {
        assert!(self.depth() > 0, "no checkpoint is open");
        self.layers.pop().expect("there is a layer for each open checkpoint")
    }

    fn top(&mut self) -> &mut Changes {
        self.layers.last_mut().expect("the lowest layer is never closed")
    }

    fn pending(&self, space: Space, key: &[u8]) -> Option<&Change> {
        self.layers.iter().rev().find_map(|layer| layer.get(space, key))
    }

    fn write(&mut self, space: Space, key: &[u8], change: Change) -> Result<(), StoreError> {
        self.view.check_store(space)?;
        space.check_key(key)?;
        if let Some(value) = change.value() {
            space.check_value(key, value)?;
        }
        let archived = match self.pending(space, key) {
            Some(pending) => matches!(pending, Change::Archive(_)),
            None => self.view.is_archived(space, key)?,
        };
        if archived {
            return Err(StoreError::Archived { store: space.store(), key: shown(key) });
        }
        self.top().set(space, key, change);
        Ok(())
    }
}

impl Kv for Overlay {
    type Error = StoreError;

    fn get(&mut self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.pending(space, key) {
            Some(change) => Ok(change.value().cloned()),
            None => self.view.read(space, key),
        }
    }

    fn put(&mut self, space: Space, key: &[u8], value: Vec<u8>) -> Result<(), StoreError> {
        self.write(space, key, Change::Put(value))
    }

    fn delete(&mut self, space: Space, key: &[u8]) -> Result<(), StoreError> {
        self.write(space, key, Change::Delete)
    }

    fn archive(&mut self, space: Space, key: &[u8], value: Vec<u8>) -> Result<(), StoreError> {
        match space {
            Space::State(_) => self.write(space, key, Change::Archive(value)),
            Space::Index(store) => Err(StoreError::IndexHasNoHistory(store)),
        }
    }

    fn scan(&mut self, space: Space, range: Range, limit: usize) -> Result<Vec<Row>, StoreError> {
        let mut sources: Vec<Source<'_>> = Vec::with_capacity(self.layers.len() + 1);
        for layer in self.layers.iter().rev() {
            let mut changes = layer.range(space, &range).peekable();
            if changes.peek().is_none() {
                continue;
            }
            sources.push(Box::new(changes.map(|(key, change)| Ok((key.clone(), change.value().cloned())))));
        }
        let committed = self.view.rows(space, &range)?;
        if sources.is_empty() {
            return committed.take(limit).collect();
        }
        sources.push(Box::new(committed.map(|row| row.map(|(key, value)| (key, Some(value))))));

        let merged = Merged::new(sources, range.reverse);
        let visible = merged.filter_map(|entry| entry.map(|(key, value)| Some((key, value?))).transpose());
        visible.take(limit).collect()
    }
}
