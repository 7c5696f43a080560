//! Snapshots: a height's state, and the block it ends with, in files that other nodes can start from.
//!
//! A snapshot is a folder `data/snapshots/HEIGHT/FORMAT` with a [`Manifest`] and chunks of at most
//! [`akash_store::PIECE_BYTES_MAX`] bytes, not compressed: first those of the [`tip`], then the records
//! ([`akash_store::View::pieces`]). The manifest names the SHA-256 of each chunk.
//!
//! Life: [`write`] makes one while the node runs, in a folder of another name that is renamed at the end. [`Incoming`]
//! puts one together beside the place of the database; only when the state has been rebuilt, gives the app hash and the
//! block fits to it, is it renamed to that place. A stop in between leaves nothing but a folder that is thrown away.
//!
//! Invariants: one chunk is in memory at a time; of the state nothing is believed but what its app hash proves, so that
//! who took that hash from a header of the chain needs to trust nobody for it ([`Incoming::finish`]). Of the block's
//! results, and of the priorities of its validators, only what [`tip`] says is proved; wrong ones stop the new node.

mod archive;
mod folder;
mod incoming;
mod manifest;
mod outgoing;
mod tip;

use std::path::{Path, PathBuf};

pub use archive::{dump, load};
pub use folder::{chunk, delete, list, manifest};
pub use incoming::Incoming;
pub use manifest::{Manifest, SNAPSHOT_FORMAT, SnapshotInfo};
pub(crate) use outgoing::{run, write};
pub(crate) use tip::CheckedTip;
pub use tip::TipRecord;

use super::open::{Data, lock};
use super::{MaintenanceError, Progress};

/// What is wrong with a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error(
        "there is no snapshot of height {height} in format {format}: `akash node snapshot list` shows those there are"
    )]
    Unknown { height: u64, format: u32 },
    #[error("a snapshot of height {0} is there already")]
    Exists(u64),
    #[error("the snapshot has format {found}, this program knows format {known}")]
    Format { found: u32, known: u32 },
    #[error("the manifest is not good: {0}")]
    Manifest(String),
    #[error("chunk {number} is not the one that the manifest names: fetch it again, or take another snapshot")]
    Chunk { number: usize },
    #[error("chunk {found} came, chunk {wanted} was expected")]
    Order { wanted: usize, found: usize },
    #[error("the snapshot is of the chain {found}, this home belongs to {expected}")]
    Chain { found: String, expected: String },
    #[error("the snapshot has app hash {found}, trusted is {trusted}: take another one")]
    NotTrusted { found: String, trusted: String },
    #[error("the block in the snapshot does not belong to its state: {0}")]
    Tip(String),
    #[error("{0} holds a chain already: move it away first, a snapshot goes into an empty home")]
    NotEmpty(PathBuf),
    #[error("{0} is no file that `akash node snapshot dump` wrote, or it is cut off")]
    NoArchive(PathBuf),
}

/// Makes a snapshot of the newest height of a node that stands still.
pub fn create(home: &Path, progress: &mut dyn FnMut(Progress)) -> Result<SnapshotInfo, MaintenanceError> {
    let data = Data::open(home)?;
    progress(Progress { step: "opening the state", done: 0, total: None });
    let app = data.app(false)?;
    write(&data.home, &app.view(), &data.blocks, &mut |done| {
        progress(Progress { step: "writing chunks", done, total: None });
    })
}

/// Puts the state and the block of a snapshot in this home into its place. The home has a genesis, but no chain yet.
pub fn restore(
    home: &Path,
    height: u64,
    format: u32,
    progress: &mut dyn FnMut(Progress),
) -> Result<SnapshotInfo, MaintenanceError> {
    let (home, _lock) = lock(home)?;
    let manifest = manifest(home.path(), height, format)?;
    let total = manifest.chunks.len() as u64;
    let mut incoming = Incoming::begin(home.path(), manifest.clone())?;
    for number in 0..manifest.chunks.len() {
        incoming.add(number, &chunk(home.path(), &manifest, number)?)?;
        progress(Progress { step: "reading chunks", done: number as u64 + 1, total: Some(total) });
    }
    incoming.finish(manifest.contents()?.app_hash, progress)?;
    Ok(manifest.info())
}
