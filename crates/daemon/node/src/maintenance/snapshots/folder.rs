//! The folder of snapshots in a home.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use akash_store::PIECE_BYTES_MAX;

use super::manifest::MANIFEST_BYTES_MAX;
use super::{Manifest, SnapshotError, SnapshotInfo};
use crate::config::Home;
use crate::maintenance::MaintenanceError;

pub(super) const MANIFEST: &str = "manifest.json";

pub(super) fn root(home: &Path) -> PathBuf {
    Home::new(home).data().join("snapshots")
}

pub(super) fn folder(home: &Path, height: u64, format: u32) -> PathBuf {
    root(home).join(height.to_string()).join(format.to_string())
}

pub(super) fn chunk_name(number: usize) -> String {
    format!("{number:06}.chunk")
}

pub(super) fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> MaintenanceError + '_ {
    |source| MaintenanceError::File { path: path.to_path_buf(), source }
}

/// Reads a file that must not be longer than this.
fn read(path: &Path, max: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(max as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > max { Err(std::io::Error::other(format!("has more than {max} bytes"))) } else { Ok(bytes) }
}

/// All snapshots of a home, the oldest first. A node may run there.
pub fn list(home: &Path) -> Result<Vec<SnapshotInfo>, MaintenanceError> {
    let mut found = Vec::new();
    for height in numbers(&root(home))? {
        for format in numbers(&root(home).join(height.to_string()))? {
            if format != u64::from(super::SNAPSHOT_FORMAT) {
                continue; // not ours to read
            }
            match manifest(home, height, super::SNAPSHOT_FORMAT) {
                Ok(manifest) => found.push(manifest.info()),
                // A stop while one was removed left no manifest.
                Err(MaintenanceError::Snapshot(SnapshotError::Unknown { .. })) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(found)
}

/// Folders whose names are numbers, in their order; what is still being made has another name.
fn numbers(folder: &Path) -> Result<Vec<u64>, MaintenanceError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed(folder))?,
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed(folder))?.file_name();
        numbers.extend(name.to_str().and_then(|name| name.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// The manifest of a snapshot. A node may run there.
pub fn manifest(home: &Path, height: u64, format: u32) -> Result<Manifest, MaintenanceError> {
    let path = folder(home, height, format).join(MANIFEST);
    match read(&path, MANIFEST_BYTES_MAX) {
        Ok(text) => {
            let manifest = Manifest::read(&text)?;
            let misplaced = || SnapshotError::Manifest("it is of another height than its folder".to_owned());
            if manifest.height == height { Ok(manifest) } else { Err(misplaced().into()) }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(SnapshotError::Unknown { height, format }.into()),
        Err(error) => Err(failed(&path)(error)),
    }
}

/// A chunk, checked against the manifest. A node may run there.
pub fn chunk(home: &Path, manifest: &Manifest, number: usize) -> Result<Vec<u8>, MaintenanceError> {
    let path = folder(home, manifest.height, manifest.format).join(chunk_name(number));
    let chunk = read(&path, PIECE_BYTES_MAX).map_err(failed(&path))?;
    manifest.check_chunk(number, &chunk)?;
    Ok(chunk)
}

/// Removes a snapshot. A node may run there.
pub fn delete(home: &Path, height: u64, format: u32) -> Result<(), MaintenanceError> {
    let path = folder(home, height, format);
    // The manifest goes first: without it the rest is no snapshot.
    match fs::remove_file(path.join(MANIFEST)) {
        Err(error) if error.kind() == ErrorKind::NotFound && !path.exists() => {
            return Err(SnapshotError::Unknown { height, format }.into());
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {} // a stop came here before
        outcome => outcome.map_err(failed(&path))?,
    }
    fs::remove_dir_all(&path).map_err(failed(&path))?;
    let of_height = root(home).join(height.to_string());
    match fs::remove_dir(&of_height) {
        Err(error) if error.kind() != ErrorKind::DirectoryNotEmpty => Err(failed(&of_height)(error)),
        _ => Ok(()),
    }
}

/// What a stop left half made or half removed.
fn remove_rest(path: &Path) -> Result<(), MaintenanceError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(path)(error)),
        _ => Ok(()),
    }
}

/// A snapshot in the making: it has another name until it is whole.
pub(super) struct NewFolder {
    home: PathBuf,
    height: u64,
    path: PathBuf,
}

impl NewFolder {
    pub(super) fn make(home: &Path, height: u64) -> Result<Self, MaintenanceError> {
        let target = folder(home, height, super::SNAPSHOT_FORMAT);
        if target.join(MANIFEST).exists() {
            return Err(SnapshotError::Exists(height).into());
        }
        remove_rest(&target)?;
        let path = root(home).join(format!("new-{height}"));
        remove_rest(&path)?;
        fs::create_dir_all(&path).map_err(failed(&path))?;
        Ok(Self { home: home.to_path_buf(), height, path })
    }

    pub(super) fn add(&self, name: &str, bytes: &[u8]) -> Result<(), MaintenanceError> {
        let path = self.path.join(name);
        crate::files::write_durable(&path, bytes, crate::files::PUBLIC).map_err(failed(&path))
    }

    /// Everything is there: the snapshot gets its name.
    pub(super) fn finish(self, manifest: &Manifest) -> Result<SnapshotInfo, MaintenanceError> {
        self.add(MANIFEST, &manifest.to_json())?;
        let target = folder(&self.home, self.height, manifest.format);
        let above = root(&self.home).join(self.height.to_string());
        fs::create_dir_all(&above).map_err(failed(&above))?;
        fs::rename(&self.path, &target).map_err(failed(&target))?;
        sync_folder(&above)?;
        sync_folder(&root(&self.home))?;
        Ok(manifest.info())
    }
}

pub(super) fn sync_folder(path: &Path) -> Result<(), MaintenanceError> {
    fs::File::open(path).and_then(|folder| folder.sync_all()).map_err(failed(path))
}
