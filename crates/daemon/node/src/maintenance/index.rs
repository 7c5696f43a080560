//! `akash node reindex`: everything that is derived and outside of the commitment, made again.

use std::path::Path;

use super::open::Data;
use super::{MaintenanceError, Progress};

/// What was made again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reindexed {
    /// Records of the state that were looked at.
    pub records: u64,
    /// Index rows that they gave.
    pub rows: u64,
    pub blocks: u64,
    pub txs: u64,
}

/// Makes the indexes of the modules, and that of blocks and transactions, again. Cut off, it has to be run again before
/// the node starts.
pub fn reindex(home: &Path, progress: &mut dyn FnMut(Progress)) -> Result<Reindexed, MaintenanceError> {
    let data = Data::open(home)?;
    let mut app = data.app(true)?;
    let state = app.reindex(&mut |done| {
        progress(Progress { step: "reading records", done: done.records, total: None });
    })?;
    drop(app);
    let blocks = data.blocks.reindex(&mut |done, total| {
        progress(Progress { step: "reading blocks", done, total: Some(total) });
    })?;
    Ok(Reindexed { records: state.records, rows: state.rows, blocks: blocks.blocks, txs: blocks.txs })
}
