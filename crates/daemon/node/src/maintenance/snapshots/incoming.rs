//! Putting a snapshot together beside the place of the database.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use akash_app::{App, AppConfig};
use akash_store::{Hash, Options, Restore};
use prost::Message as _;

use super::folder::{failed, sync_folder};
use super::{CheckedTip, Manifest, SnapshotError, TipRecord};
use crate::blocks::BlockStore;
use crate::config::Home;
use crate::disk::FjallStore;
use crate::init;
use crate::maintenance::{MaintenanceError, Progress};

/// The longest block with its results that is taken: four times the largest block there can be.
const TIP_BYTES_MAX: usize = 400 << 20;

/// A snapshot that comes in, chunk by chunk. The home's lock is the caller's affair.
pub struct Incoming {
    home: Home,
    folder: PathBuf,
    manifest: Manifest,
    store: FjallStore,
    restore: Restore,
    tip: Vec<u8>,
    next: usize,
}

impl Incoming {
    /// Begins in an empty home. What an attempt left that was cut off is thrown away.
    pub fn begin(home: &Path, manifest: Manifest) -> Result<Self, MaintenanceError> {
        let home = Home::new(home);
        let expected = init::read_genesis(&home)?.chain_id;
        if manifest.chain_id != expected {
            return Err(SnapshotError::Chain { found: manifest.chain_id, expected }.into());
        }
        if home.database().exists() {
            return Err(SnapshotError::NotEmpty(home.database()).into());
        }
        let folder = home.data().join("state.incoming");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(failed(&folder))?;
        }
        let store = FjallStore::open(&folder)?;
        let restore = Restore::begin(Arc::new(store.clone()), manifest.contents()?)?;
        Ok(Self { home, folder, manifest, store, restore, tip: Vec::new(), next: 0 })
    }

    /// Takes the next chunk. One that is not the named one can be fetched again and given again.
    pub fn add(&mut self, number: usize, chunk: &[u8]) -> Result<(), MaintenanceError> {
        if number != self.next {
            return Err(SnapshotError::Order { wanted: self.next, found: number }.into());
        }
        self.manifest.check_chunk(number, chunk)?;
        if number >= self.manifest.tip_chunks {
            self.restore.add(chunk)?;
        } else if self.tip.len() + chunk.len() <= TIP_BYTES_MAX {
            self.tip.extend_from_slice(chunk);
        } else {
            return Err(SnapshotError::Tip("it is too long".to_owned()).into());
        }
        self.next += 1;
        Ok(())
    }

    /// The block, as soon as the chunks are there that hold it.
    fn read_tip(&self) -> Result<CheckedTip, MaintenanceError> {
        let tip = TipRecord::decode(self.tip.as_slice()).map_err(|error| SnapshotError::Tip(error.to_string()))?;
        Ok(tip.read()?)
    }

    /// Checks everything and moves it to the database's place. `trusted` is the app hash of the height, which the
    /// header of the next height has.
    pub fn finish(self, trusted: Hash, progress: &mut dyn FnMut(Progress)) -> Result<(), MaintenanceError> {
        let promised = self.manifest.contents()?.app_hash;
        if promised != trusted {
            let (found, trusted) = (hex::encode(promised), hex::encode(trusted));
            return Err(SnapshotError::NotTrusted { found, trusted }.into());
        }
        if self.next != self.manifest.chunks.len() {
            return Err(SnapshotError::Order { wanted: self.next, found: self.manifest.chunks.len() }.into());
        }
        progress(Progress { step: "checking the state", done: 0, total: None });
        let tip = self.read_tip()?;
        self.restore.finish()?;
        let options = Options { reindexing: true, ..Options::default() };
        let config = AppConfig { store: options, ..AppConfig::default() };
        let mut app = App::open(Arc::new(self.store.clone()), config)?;
        tip.check_state(&app.view())?;
        app.reindex(&mut |done| {
            progress(Progress { step: "making the indexes", done: done.records, total: None });
        })?;
        BlockStore::open(self.store.database())?.save_restored(self.manifest.height, &tip)?;

        drop(app);
        drop(self.store);
        let place = self.home.database();
        fs::rename(&self.folder, &place).map_err(failed(&place))?;
        sync_folder(&self.home.data())
    }
}
