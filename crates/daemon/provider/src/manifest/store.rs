//! The manifests on disk, one file per lease.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akash_sdl::{Manifest, ManifestGroup};
use akash_types::id::LeaseId;
use serde::{Deserialize, Serialize};

use crate::disk::{self, DiskError};

/// A manifest accepted for a lease.
#[derive(Clone, Debug)]
pub struct Kept {
    pub lease: LeaseId,
    pub version: [u8; 32],
    /// The whole manifest, in its canonical text.
    pub text: String,
    /// The lease's own group of it.
    pub group: ManifestGroup,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    lease: LeaseId,
    group: String,
    manifest: String,
}

pub struct Manifests {
    folder: PathBuf,
    kept: Mutex<BTreeMap<LeaseId, Arc<Kept>>>,
}

impl Manifests {
    /// Reads what was kept. A file that cannot be read is passed over and left where it is: its lease keeps running,
    /// and the tenant can send the manifest again.
    pub fn open(home: &Path) -> Result<Self, DiskError> {
        let folder = home.join("manifests");
        let mut kept = BTreeMap::new();
        for path in disk::list_json(&folder)? {
            let read = disk::read_json::<Stored>(&path).map_err(|error| error.to_string());
            match read.and_then(|stored| stored.map(Kept::try_from).transpose()) {
                Ok(Some(manifest)) => {
                    kept.insert(manifest.lease.clone(), Arc::new(manifest));
                }
                Ok(None) => {}
                Err(error) => tracing::error!(%error, path = %path.display(), "a kept manifest cannot be read"),
            }
        }
        Ok(Self { folder, kept: Mutex::new(kept) })
    }

    pub fn keep(&self, manifest: Kept) -> Result<(), DiskError> {
        let stored = Stored {
            lease: manifest.lease.clone(),
            group: manifest.group.name.clone(),
            manifest: manifest.text.clone(),
        };
        disk::write_json(&self.path(&manifest.lease), &stored)?;
        self.lock().insert(manifest.lease.clone(), Arc::new(manifest));
        Ok(())
    }

    pub fn forget(&self, lease: &LeaseId) -> Result<(), DiskError> {
        disk::remove(&self.path(lease))?;
        self.lock().remove(lease);
        Ok(())
    }

    pub fn get(&self, lease: &LeaseId) -> Option<Arc<Kept>> {
        self.lock().get(lease).cloned()
    }

    pub fn all(&self) -> Vec<Arc<Kept>> {
        self.lock().values().cloned().collect()
    }

    fn path(&self, lease: &LeaseId) -> PathBuf {
        self.folder.join(format!("{}.json", lease.to_string().replace('/', "_")))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<LeaseId, Arc<Kept>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TryFrom<Stored> for Kept {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let manifest = Manifest::from_json(stored.manifest.as_bytes()).map_err(|error| error.to_string())?;
        let version = manifest.hash();
        let group = manifest.groups.into_iter().find(|group| group.name == stored.group);
        let group = group.ok_or_else(|| format!("it has no group {}", stored.group))?;
        Ok(Self { lease: stored.lease, version, text: stored.manifest, group })
    }
}
