//! Committed heights: opening, committing, and the views of the last ones.
//!
//! [`ChainStore`] is the one writer. A commit updates the tries, makes one durable batch of flat rows, history, names
//! and the new height, and only then shows the new [`View`]. When that fails the tries are ahead of the disk: the
//! store refuses everything until it is opened again, which rebuilds them.
//!
//! It keeps the last [`Options::kept_heights`] views. After a restart there is only the newest.

mod commit;
mod open;
mod record;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::bytes::ByteStore;
use crate::hash::Hash;
use crate::kv::StoreName;
use crate::merkle::{Peaks, pair_leaf, root};
use crate::trie::Trie;
use crate::view::{Shared, StoreAt, View};

/// How a store is kept. None of it changes what is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many heights can be read and proved, the newest included; at least one.
    pub kept_heights: usize,
    /// Threads for hashing, at start and for large blocks; at least one.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { kept_heights: 100, threads: 2 }
    }
}

/// The committed state: flat tables on a [`ByteStore`], one trie for each store in memory.
pub struct ChainStore {
    bytes: Arc<dyn ByteStore>,
    options: Options,
    /// In the order of names.
    stores: Vec<Store>,
    /// The kept heights, never empty, the newest at the back, each with the version of its tries.
    views: VecDeque<(u64, View)>,
    /// A write failed; tries and disk may disagree.
    broken: bool,
}

/// One store as the writer sees it.
struct Store {
    name: StoreName,
    root: Hash,
    trie: Trie,
    history: Peaks,
}

impl ChainStore {
    /// The newest committed height, or an empty view before the first one.
    #[must_use]
    pub fn latest(&self) -> View {
        self.newest().1.clone()
    }

    /// A kept height.
    #[must_use]
    pub fn view(&self, height: u64) -> Option<View> {
        let kept = self.views.iter().rev().map(|(_, view)| view);
        kept.filter(|view| !view.is_empty()).find(|view| view.height() == height).cloned()
    }

    /// Whether nothing was ever committed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.newest().1.is_empty()
    }

    /// Memory of the tries and of their kept versions, free slots included.
    #[must_use]
    pub fn commitment_bytes(&self) -> usize {
        self.stores.iter().map(|store| store.trie.bytes()).sum()
    }

    fn newest(&self) -> &(u64, View) {
        self.views.back().expect("the newest height is always kept")
    }
}

/// What a reader sees of the stores at a version.
fn view_of(stores: &[Store], version: u64, height: Option<u64>, bytes: Arc<dyn crate::bytes::ByteView>) -> View {
    let at = |store: &Store| StoreAt {
        name: store.name,
        root: store.root,
        trie: store.trie.version(version),
        history_len: store.history.len(),
    };
    let stores: Vec<StoreAt> = stores.iter().map(at).collect();
    let app_hash = app_hash(stores.iter().map(|store| (store.name, &store.root)));
    View::new(Shared { height, app_hash, stores, bytes })
}

/// The root over names and roots of stores, in the order of names.
fn app_hash<'a>(stores: impl Iterator<Item = (&'a str, &'a Hash)>) -> Hash {
    let leaves: Vec<Hash> = stores.map(|(name, root)| pair_leaf(name.as_bytes(), root)).collect();
    root(&leaves)
}
