//! Pending changes in key order.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::kv::{Range, Space};

/// What becomes of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Put(Vec<u8>),
    Delete,
    /// The final version, on its way into the history.
    Archive(Vec<u8>),
}

impl Change {
    /// The value that a read sees.
    #[must_use]
    pub fn value(&self) -> Option<&Vec<u8>> {
        match self {
            Self::Put(value) | Self::Archive(value) => Some(value),
            Self::Delete => None,
        }
    }
}

/// The changes of one block or transaction, the last one of each key, in the order of spaces and keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    spaces: BTreeMap<Space, BTreeMap<Vec<u8>, Change>>,
}

impl Changes {
    pub(crate) fn get(&self, space: Space, key: &[u8]) -> Option<&Change> {
        self.spaces.get(&space)?.get(key)
    }

    pub(crate) fn set(&mut self, space: Space, key: &[u8], change: Change) {
        self.spaces.entry(space).or_default().insert(key.to_vec(), change);
    }

    /// Lays later changes over these.
    pub(crate) fn merge(&mut self, later: Self) {
        for (space, changes) in later.spaces {
            self.spaces.entry(space).or_default().extend(changes);
        }
    }

    /// The changes within a range, in walking order.
    pub(crate) fn range<'a>(
        &'a self,
        space: Space,
        range: &Range,
    ) -> Box<dyn Iterator<Item = (&'a Vec<u8>, &'a Change)> + 'a> {
        let Some(changes) = self.spaces.get(&space).filter(|_| !range.is_empty()) else {
            return Box::new(std::iter::empty());
        };
        let end = range.end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let found = changes.range::<[u8], _>((Bound::Included(range.start.as_slice()), end));
        if range.reverse { Box::new(found.rev()) } else { Box::new(found) }
    }

    /// All changes of one space, in key order.
    pub(crate) fn of(&self, space: Space) -> impl Iterator<Item = (&Vec<u8>, &Change)> {
        self.spaces.get(&space).into_iter().flatten()
    }

    pub(crate) fn spaces(&self) -> impl Iterator<Item = Space> + '_ {
        self.spaces.keys().copied()
    }

    /// How many keys change.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spaces.values().map(BTreeMap::len).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
