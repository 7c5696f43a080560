//! A node's data, opened for work on it.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use akash_app::{App, AppConfig, AppView};
use akash_store::Options;

use super::MaintenanceError;
use crate::blocks::BlockStore;
use crate::config::Home;
use crate::disk::FjallStore;
use crate::error::NodeError;
use crate::init;

/// State and blocks of a home, locked.
pub(super) struct Data {
    pub(super) home: Home,
    pub(super) store: FjallStore,
    pub(super) blocks: Arc<BlockStore>,
    _lock: File,
}

impl Data {
    /// Fails when a node runs there, or has never run there.
    pub(super) fn open(home: &Path) -> Result<Self, MaintenanceError> {
        let (home, lock) = lock(home)?;
        if !home.database().exists() {
            return Err(MaintenanceError::NoState(home.path().to_path_buf()));
        }
        let store = FjallStore::open(&home.database())?;
        let blocks = BlockStore::open_for_reindex(store.database())?;
        Ok(Self { home, store, blocks, _lock: lock })
    }

    /// The application on this state, at its newest height.
    pub(super) fn app(&self, reindexing: bool) -> Result<App, MaintenanceError> {
        // Nothing is committed here, so it does not matter how many heights a commit would leave.
        let store = Options { reindexing, ..Options::default() };
        let app = App::open(Arc::new(self.store.clone()), AppConfig { store, ..AppConfig::default() })?;
        if app.height() == 0 {
            return Err(MaintenanceError::NoState(self.home.path().to_path_buf()));
        }
        Ok(app)
    }
}

/// Keeps nodes and other maintenance away from a home.
pub(super) fn lock(home: &Path) -> Result<(Home, File), NodeError> {
    let home = Home::new(home);
    if !home.genesis().exists() {
        return Err(NodeError::NotInitialised(home.genesis()));
    }
    let lock = init::lock(&home)?;
    Ok((home, lock))
}

/// A height of the application; the newest one if none is named.
pub(super) fn view_at(app: &App, height: Option<u64>) -> Result<AppView, MaintenanceError> {
    let Some(height) = height else { return Ok(app.view()) };
    let (view, latest) = (app.view(), app.height().unsigned_abs());
    let missing = || MaintenanceError::NoHeight { height, lowest: view.lowest_height(), latest };
    let signed = i64::try_from(height).map_err(|_| missing())?;
    view.at_height(signed)?.ok_or_else(missing)
}
