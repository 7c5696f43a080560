//! Small files that survive a `kill -9`: written beside, synced, renamed, and the folder synced.
//!
//! A reader sees the old file or the new one, never a part. Files are small and rare, so this is plain blocking I/O.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

const TEMPORARY: &str = "tmp";

#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: io::Error },
    #[error("{path} is damaged: {error}")]
    Damaged { path: PathBuf, error: serde_json::Error },
}

impl DiskError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { path: path.to_owned(), error }
    }
}

/// Replaces the file as a whole, durably. Only the owner may read it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(DiskError::io(folder))?;
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(TEMPORARY);
    let beside = PathBuf::from(name);
    let write_all = || -> io::Result<()> {
        let mut file = fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        File::open(folder)?.sync_all()
    };
    write_all().map_err(DiskError::io(path))
}

pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), DiskError> {
    let damaged = |error| DiskError::Damaged { path: path.to_owned(), error };
    write(path, &serde_json::to_vec_pretty(value).map_err(damaged)?)
}

pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, DiskError> {
    match fs::read(path) {
        Ok(bytes) => {
            let damaged = |error| DiskError::Damaged { path: path.to_owned(), error };
            serde_json::from_slice(&bytes).map(Some).map_err(damaged)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DiskError::io(path)(error)),
    }
}

/// Removes a file; one that is not there is a success.
pub fn remove(path: &Path) -> Result<(), DiskError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(DiskError::io(path)(error)),
    }
}

/// The `.json` files of a folder in the order of their names; leftovers of interrupted writes are passed over.
pub fn list_json(folder: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(DiskError::io(folder)(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(DiskError::io(folder))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_read_back() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a/b.json");
        assert_eq!(read_json::<Vec<u8>>(&path).unwrap(), None);
        write_json(&path, &vec![1, 2, 3]).unwrap();
        write_json(&path, &vec![4]).unwrap();
        assert_eq!(read_json::<Vec<u8>>(&path).unwrap(), Some(vec![4]));
        assert_eq!(list_json(&home.path().join("a")).unwrap(), vec![path.clone()]);
        remove(&path).unwrap();
        remove(&path).unwrap();
        assert_eq!(read_json::<Vec<u8>>(&path).unwrap(), None);
    }

    #[test]
    fn a_damaged_file_is_an_error_and_not_an_absence() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("x.json");
        fs::write(&path, b"{").unwrap();
        assert!(matches!(read_json::<Vec<u8>>(&path), Err(DiskError::Damaged { .. })));
    }
}
