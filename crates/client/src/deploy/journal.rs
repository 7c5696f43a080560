//! What a deployment remembers between runs: its number and what was handed to providers. One file of JSON, replaced
//! whole, written through to the disk before anything is sent.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use akash_types::id::LeaseId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum JournalError {
    #[error("cannot read or write {path}: {cause}")]
    Io { path: PathBuf, cause: std::io::Error },
    #[error("{path} is damaged: {reason}")]
    Damaged { path: PathBuf, reason: String },
}

/// The deployment of one SDL file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// The SDL file, absolute.
    pub file: PathBuf,
    pub owner: String,
    pub dseq: u64,
    /// Hex of the manifest that is wanted now.
    pub hash: String,
    /// Names of the services, for lists.
    pub services: Vec<String>,
    /// Leases whose provider took the manifest with this hash.
    pub sent: BTreeSet<(LeaseId, String)>,
    /// Whether all services were seen ready once.
    pub was_ready: bool,
}

impl Journal {
    /// The journal of a file of SDL, or `None` when there is none yet.
    ///
    /// # Errors
    /// When the folder cannot be read or a journal in it is damaged.
    pub fn find(folder: &Path, file: &Path) -> Result<Option<Self>, JournalError> {
        Ok(Self::all(folder)?.into_iter().filter(|journal| journal.file == file).max_by_key(|journal| journal.dseq))
    }

    /// All journals of a folder, oldest deployment first.
    ///
    /// # Errors
    /// When the folder cannot be read or a journal in it is damaged.
    pub fn all(folder: &Path) -> Result<Vec<Self>, JournalError> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(JournalError::Io { path: folder.to_path_buf(), cause }),
        };
        let mut found = Vec::new();
        for entry in entries.flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                found.push(read(&path)?);
            }
        }
        found.sort_by_key(|journal| journal.dseq);
        Ok(found)
    }

    /// Writes it, whole or not at all; when this returns it survives a power cut.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn save(&self, folder: &Path) -> Result<(), JournalError> {
        let path = self.path(folder);
        let draft = path.with_extension("new");
        let write = || {
            fs::create_dir_all(folder)?;
            let mut file = File::create(&draft)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(|cause| JournalError::Io { path: path.clone(), cause })
    }

    /// Forgets it.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn remove(&self, folder: &Path) -> Result<(), JournalError> {
        let path = self.path(folder);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => Err(JournalError::Io { path, cause }),
            _ => Ok(()),
        }
    }

    fn path(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.json", self.dseq))
    }
}

fn read(path: &Path) -> Result<Journal, JournalError> {
    let bytes = fs::read(path).map_err(|cause| JournalError::Io { path: path.to_path_buf(), cause })?;
    serde_json::from_slice(&bytes)
        .map_err(|error| JournalError::Damaged { path: path.to_path_buf(), reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_journal_of_a_file_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let journal = |file: &str, dseq| Journal {
            file: file.into(),
            owner: "akash1x".into(),
            dseq,
            hash: "00".into(),
            services: vec!["web".into()],
            sent: BTreeSet::new(),
            was_ready: false,
        };
        for (file, dseq) in [("/a", 7), ("/a", 12), ("/b", 9)] {
            journal(file, dseq).save(folder.path()).unwrap();
        }
        assert_eq!(Journal::find(folder.path(), Path::new("/a")).unwrap().unwrap().dseq, 12);
        assert_eq!(Journal::find(folder.path(), Path::new("/c")).unwrap(), None);
        journal("/a", 12).remove(folder.path()).unwrap();
        assert_eq!(Journal::find(folder.path(), Path::new("/a")).unwrap().unwrap().dseq, 7);
        fs::write(folder.path().join("1.json"), "{").unwrap();
        assert!(matches!(Journal::all(folder.path()), Err(JournalError::Damaged { .. })));
    }
}
