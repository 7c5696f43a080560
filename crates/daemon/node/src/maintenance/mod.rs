//! What a person does to a node that stands still: `akash node export|rollback|reindex|prune|snapshot …`.
//!
//! Every function takes the home's lock and refuses while a node runs there. Each may be killed at any moment: what it
//! does is one batch, or can be done again, or is marked as half done so that the node refuses to start before that.
//! Functions are synchronous; a closure hears of progress.
//!
//! What it does not know: commands, flags, how progress is shown.

mod export;
mod index;
mod invariants;
mod open;
mod prune;
mod rollback;
pub mod snapshots;

use std::path::PathBuf;

pub use export::export;
pub use index::{Reindexed, reindex};
pub use invariants::check_invariants;
pub use prune::{Pruned, prune};
pub use rollback::{RolledBack, rollback};

use akash_app::Fault;
use akash_store::StoreError;

use crate::blocks::BlockStoreError;
use crate::error::NodeError;

/// Where some work stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, in a few words.
    pub step: &'static str,
    pub done: u64,
    /// Nothing when it is not known before the end.
    pub total: Option<u64>,
}

/// Why a node's data cannot be worked on. Texts say what to do.
#[derive(Debug, thiserror::Error)]
pub enum MaintenanceError {
    /// A node runs there, a file is missing or cannot be read.
    #[error(transparent)]
    Node(#[from] NodeError),
    #[error("{0} has no state yet: start the node first, or restore a snapshot")]
    NoState(PathBuf),
    #[error("height {height} is not kept: this node has the heights from {lowest} to {latest}")]
    NoHeight { height: u64, lowest: u64, latest: u64 },
    #[error("the state: {0}")]
    Store(#[from] StoreError),
    #[error("the state: {0}")]
    App(#[from] Fault),
    #[error(transparent)]
    Blocks(#[from] BlockStoreError),
    #[error("the {what} of height {height} is missing: restore a snapshot, or let the node sync anew")]
    Missing { what: &'static str, height: u64 },
    #[error(transparent)]
    Snapshot(#[from] snapshots::SnapshotError),
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
}
