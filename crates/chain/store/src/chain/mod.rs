//! Committed heights: opening, committing, reading older ones, taking the newest one back.
//!
//! [`ChainStore`] is the one writer. A commit updates the tries, makes one durable batch of flat rows, history, names,
//! replaced values and the new height, and only then shows the new [`View`]. When that fails the tries are ahead of the
//! disk: the store refuses everything until it is opened again, which rebuilds them.
//!
//! The last [`Options::recent_heights`] heights can be read ([`View::at`]), also after a restart. Proofs reach back
//! [`Options::kept_heights`], as far as the tries' versions are in memory.

mod commit;
mod open;
mod prune;
mod record;
mod reindex;
mod rollback;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

pub use prune::{Readable, prune};
pub(crate) use record::{HeightRecord, Latest, StoreRecord, mark_half_indexed};
pub use rollback::roll_back;

use crate::bytes::{ByteStore, ByteView};
use crate::error::StoreError;
use crate::hash::Hash;
use crate::kv::StoreName;
use crate::merkle::{Peaks, pair_leaf, root};
use crate::trie::Trie;
use crate::view::{Shared, StoreAt, View};

/// The newest height and the one to which it can be taken back.
const READABLE_HEIGHTS_MIN: u64 = 2;

/// How a store is kept. None of it changes what is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many heights can be proved and taken back, the newest included; at least one.
    pub kept_heights: usize,
    /// How many heights can be read, the newest included; at least two. `None` keeps all.
    pub recent_heights: Option<u64>,
    /// Threads for hashing, at start and for large blocks; at least one.
    pub threads: usize,
    /// Open although the indexes were left half made, in order to make them again.
    pub reindexing: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { kept_heights: 100, recent_heights: Some(362_880), threads: 2, reindexing: false }
    }
}

impl Options {
    fn readable_heights(&self) -> u64 {
        self.recent_heights.unwrap_or(u64::MAX).max(READABLE_HEIGHTS_MIN)
    }
}

/// The committed state: flat tables on a [`ByteStore`], one trie for each store in memory.
pub struct ChainStore {
    bytes: Arc<dyn ByteStore>,
    options: Options,
    /// In the order of names.
    stores: Vec<Store>,
    /// Nothing before the first commit.
    latest: Option<Latest>,
    /// The lowest readable height, as all views see it.
    lowest: Arc<AtomicU64>,
    newest: View,
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
        self.newest.clone()
    }

    /// A height that is still readable, see [`View::at`].
    pub fn view(&self, height: u64) -> Result<Option<View>, StoreError> {
        self.newest.at(height)
    }

    /// Whether nothing was ever committed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.newest.is_empty()
    }

    /// Memory of the tries and of their kept versions, free slots included.
    #[must_use]
    pub fn commitment_bytes(&self) -> usize {
        self.stores.iter().map(|store| store.trie.bytes()).sum()
    }
}

/// The version that the tries have at a height; the first one before any commit.
pub(crate) fn version_of(height: Option<u64>) -> u64 {
    height.map_or(0, |height| height + 1)
}

/// What a reader sees of the stores at their newest height.
fn view_of(stores: &[Store], height: Option<u64>, bytes: Arc<dyn ByteView>, lowest: &Arc<AtomicU64>) -> View {
    let at = |store: &Store| StoreAt {
        name: store.name,
        root: store.root,
        trie: store.trie.version(version_of(height)),
        history_len: store.history.len(),
    };
    let app_hash = app_hash(stores.iter().map(|store| (store.name, &store.root)));
    let now = Arc::clone(&bytes);
    let stores = stores.iter().map(at).collect();
    View::new(Shared { height, app_hash, stores, bytes, now, lowest: Arc::clone(lowest) })
}

/// The root over names and roots of stores, in the order of names.
fn app_hash<'a>(stores: impl Iterator<Item = (&'a str, &'a Hash)>) -> Hash {
    let leaves: Vec<Hash> = stores.map(|(name, root)| pair_leaf(name.as_bytes(), root)).collect();
    root(&leaves)
}
