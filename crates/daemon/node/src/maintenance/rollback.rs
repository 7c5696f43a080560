//! `akash node rollback`: one height back.

use std::path::Path;

use super::open::Data;
use super::{MaintenanceError, Progress};

/// Where the state stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolledBack {
    pub height: u64,
    pub app_hash: [u8; 32],
}

/// Takes the state one height back. The block stays, and the next start executes it again; with `hard` it goes too, and
/// has to come from other nodes. What the validator signed is not forgotten either way: it will not sign another block
/// for that height.
///
/// A state that is behind the blocks was taken back before, and stays where it is; so a rollback that was cut off can
/// be run again.
pub fn rollback(home: &Path, hard: bool, progress: &mut dyn FnMut(Progress)) -> Result<RolledBack, MaintenanceError> {
    let data = Data::open(home)?;
    progress(Progress { step: "opening the state", done: 0, total: None });
    let app = data.app(false)?;
    let (state, blocks) = (app.height().unsigned_abs(), data.blocks.height()?);
    let mut now = RolledBack { height: state, app_hash: app.app_hash() };
    drop(app);
    if state >= blocks {
        progress(Progress { step: "taking the state back", done: 0, total: None });
        let (height, app_hash) = akash_store::roll_back(&data.store)?;
        now = RolledBack { height, app_hash };
    }
    if hard {
        data.blocks.remove_newest()?;
    }
    progress(Progress { step: "checking the state", done: 0, total: None });
    data.app(false)?; // compares everything with the app hash
    Ok(now)
}
