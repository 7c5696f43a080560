//! The directories and files under the root, and nothing but them.
//!
//! ```text
//! lock                     held by the one process that manages this root
//! images/{blobs,layers,names}/
//! leases/<key>/lease.json  which lease, and its slot
//!              desired.json  the workload; absent once teardown has begun
//!              c/<service>-<number>/  one replica: see `replica`
//! ```
//! A key is the start of a hash of the lease id: short, because socket paths and interface names are.

use super::sys;
use crate::Workload;
use akash_types::id::LeaseId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct State {
    root: PathBuf,
    tag: String,
}

/// Of one lease, for as long as anything of it exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseRecord {
    pub lease: String,
    /// Decides the lease's uplink address and its range of user ids.
    pub slot: u16,
}

impl State {
    /// Make the directories. Containers' users walk through to their root file system, so those are 0711.
    pub fn open(root: &Path) -> io::Result<State> {
        make_directory(root, 0o711)?;
        let root = root.canonicalize()?;
        make_directory(&root.join("leases"), 0o711)?;
        let tag = hash_text(root.as_os_str().as_encoded_bytes(), 5);
        Ok(State { root, tag })
    }

    /// Distinguishes this root from others on the same machine, in five hexadecimal digits.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    #[must_use]
    pub fn images(&self) -> PathBuf {
        self.root.join("images")
    }

    /// The claim of this process on the root. Lives as long as the file does.
    pub fn claim(&self) -> io::Result<File> {
        let file = File::options().create(true).truncate(false).write(true).open(self.root.join("lock"))?;
        if sys::try_lock(&file)? {
            Ok(file)
        } else {
            let root = self.root.display();
            Err(io::Error::new(io::ErrorKind::ResourceBusy, format!("another process manages {root}")))
        }
    }

    #[must_use]
    pub fn lease(&self, lease: &LeaseId) -> LeaseDirectory {
        let key = hash_text(lease.to_string().as_bytes(), 16);
        LeaseDirectory { path: self.root.join("leases").join(&key), key }
    }

    /// Every lease of which something exists.
    pub fn leases(&self) -> io::Result<Vec<(LeaseDirectory, LeaseRecord)>> {
        let mut all = Vec::new();
        for directory in self.lease_directories()? {
            // Without a record it is being made at this moment, or is left of one that was.
            all.extend(directory.record()?.map(|record| (directory, record)));
        }
        Ok(all)
    }

    /// Remove what an earlier life had not yet recorded. Only the one process that manages the root may do so.
    pub fn sweep(&self) -> io::Result<()> {
        for directory in self.lease_directories()? {
            if directory.record()?.is_none() {
                directory.remove()?;
            }
        }
        Ok(())
    }

    fn lease_directories(&self) -> io::Result<Vec<LeaseDirectory>> {
        let directory = |entry: io::Result<std::fs::DirEntry>| {
            let entry = entry?;
            Ok(LeaseDirectory { path: entry.path(), key: entry.file_name().to_string_lossy().into_owned() })
        };
        std::fs::read_dir(self.root.join("leases"))?.map(directory).collect()
    }
}

#[derive(Debug, Clone)]
pub struct LeaseDirectory {
    path: PathBuf,
    key: String,
}

impl LeaseDirectory {
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    #[must_use]
    pub fn replicas(&self) -> PathBuf {
        self.path.join("c")
    }

    #[must_use]
    pub fn replica(&self, name: &str) -> PathBuf {
        self.path.join("c").join(name)
    }

    #[must_use]
    pub fn events(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    pub fn create(&self, record: &LeaseRecord) -> io::Result<()> {
        make_directory(&self.path, 0o711)?;
        make_directory(&self.replicas(), 0o711)?;
        write_json(&self.path.join("lease.json"), record)
    }

    pub fn record(&self) -> io::Result<Option<LeaseRecord>> {
        read_json(&self.path.join("lease.json"))
    }

    pub fn desired(&self) -> io::Result<Option<Workload>> {
        read_json(&self.path.join("desired.json"))
    }

    pub fn set_desired(&self, workload: &Workload) -> io::Result<()> {
        write_json(&self.path.join("desired.json"), workload)
    }

    /// The point from which a teardown goes on, whatever happens.
    pub fn forget_desired(&self) -> io::Result<()> {
        match std::fs::remove_file(self.path.join("desired.json")) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Names of the replicas of which something exists, in order.
    pub fn replica_names(&self) -> io::Result<Vec<String>> {
        let entries = match std::fs::read_dir(self.replicas()) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut names: Vec<String> =
            entries.map(|e| e.map(|e| e.file_name().to_string_lossy().into_owned())).collect::<Result<_, _>>()?;
        names.sort();
        Ok(names)
    }

    pub fn remove(&self) -> io::Result<()> {
        match std::fs::remove_dir_all(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}

/// Made if absent, with exactly this mode.
pub fn make_directory(path: &Path, mode: u32) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(mode).create(path)?;
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
}

/// Written whole or not at all, and on disk when this returns. Only root may read it: it can hold secrets.
pub fn write_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let draft = path.with_extension("draft");
    let mut file = File::options().create(true).truncate(true).write(true).mode(0o600).open(&draft)?;
    file.write_all(&serde_json::to_vec_pretty(value)?)?;
    file.sync_data()?;
    std::fs::rename(draft, path)
}

pub fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// The first hexadecimal digits of SHA-256.
#[must_use]
pub fn hash_text(bytes: &[u8], digits: usize) -> String {
    let mut text = hex::encode(Sha256::digest(bytes));
    text.truncate(digits);
    text
}
