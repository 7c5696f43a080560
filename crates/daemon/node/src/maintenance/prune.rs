//! `akash node prune`: what the settings say is kept, at once instead of bit by bit.

use std::path::Path;

use akash_store::Readable;

use super::open::Data;
use super::{MaintenanceError, Progress};
use crate::config::Storage;

/// What is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// Heights whose state can be queried.
    pub state: Readable,
    /// The first and the last block.
    pub blocks: (u64, u64),
}

/// Gives up heights and blocks beyond what the settings keep, and gives their room on the disk back.
pub fn prune(home: &Path, storage: &Storage, progress: &mut dyn FnMut(Progress)) -> Result<Pruned, MaintenanceError> {
    let data = Data::open(home)?;
    let keep = storage.recent_heights().unwrap_or(u64::MAX);
    let state = akash_store::prune(&data.store, keep, &mut |done| {
        progress(Progress { step: "giving up old heights", done, total: None });
    })?;
    data.blocks.set_keep_blocks(storage.keep_blocks);
    let blocks = data.blocks.prune(&mut |done, total| {
        progress(Progress { step: "giving up old blocks", done, total: Some(total) });
    })?;
    progress(Progress { step: "making room", done: 0, total: None });
    data.store.compact()?;
    data.blocks.compact()?;
    Ok(Pruned { state, blocks })
}
