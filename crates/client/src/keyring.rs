//! Keys in a folder, one file each, readable by their owner alone. For play networks and tests: the mnemonic is not
//! encrypted.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use akash_types::address::Address;
use akash_types::key::{HdPath, Mnemonic, SecretKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::ClientError;

const OWNER_ONLY: u32 = 0o600;
const MAX_NAME_BYTES: usize = 64;

/// A key that can sign.
#[derive(Debug, Clone)]
pub struct Key {
    pub name: String,
    pub address: Address,
    pub secret: SecretKey,
}

/// A folder of key files.
#[derive(Debug, Clone)]
pub struct Keyring {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    name: String,
    address: String,
    mnemonic: Zeroizing<String>,
}

impl Keyring {
    #[must_use]
    pub fn open(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    /// The file of a key.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    /// Makes a key from a new mnemonic of 24 words.
    ///
    /// # Errors
    /// When the name is taken or the folder cannot be written.
    pub fn create(&self, name: &str) -> Result<Key, ClientError> {
        let mnemonic = Mnemonic::generate();
        self.import(name, &mnemonic.words())
    }

    /// Keeps a key under a name that is free.
    ///
    /// # Errors
    /// When the words are no mnemonic, the name is taken or the folder cannot be written.
    pub fn import(&self, name: &str, mnemonic: &str) -> Result<Key, ClientError> {
        check_name(name)?;
        let key = key_from(name, mnemonic)?;
        let stored = Stored {
            name: name.to_owned(),
            address: key.address.to_string(),
            mnemonic: Zeroizing::new(mnemonic.trim().to_owned()),
        };
        let text = serde_json::to_vec_pretty(&stored).map(Zeroizing::new);
        let text = text.map_err(|error| problem(name, &error))?;
        fs::create_dir_all(&self.folder).map_err(|error| problem(name, &error))?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(OWNER_ONLY);
        let written = options.open(self.path(name)).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()
        });
        match written {
            Ok(()) => Ok(key),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(problem(name, &"the name is taken")),
            Err(error) => Err(problem(name, &error)),
        }
    }

    /// The key of this name; `None` when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged.
    pub fn get(&self, name: &str) -> Result<Option<Key>, ClientError> {
        check_name(name)?;
        let text = match fs::read(self.path(name)) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(problem(name, &error)),
        };
        let stored: Stored = serde_json::from_slice(&text).map_err(|_| problem(name, &"its file is damaged"))?;
        let key = key_from(name, &stored.mnemonic)?;
        if key.address.to_string() != stored.address {
            return Err(problem(name, &"its file names another address than its mnemonic gives"));
        }
        Ok(Some(key))
    }

    /// The key of this name.
    ///
    /// # Errors
    /// As [`Keyring::get`], and when there is none.
    pub fn require(&self, name: &str) -> Result<Key, ClientError> {
        self.get(name)?.ok_or_else(|| problem(name, &format!("there is none in {}", self.folder.display())))
    }
}

fn key_from(name: &str, mnemonic: &str) -> Result<Key, ClientError> {
    let secret = SecretKey::from_mnemonic(mnemonic.trim(), &HdPath::default());
    let secret = secret.map_err(|error| problem(name, &error))?;
    Ok(Key { name: name.to_owned(), address: secret.public().address(), secret })
}

/// A name becomes a file name.
fn check_name(name: &str) -> Result<(), ClientError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    Err(problem(name, &"a name has 1 to 64 letters, digits, - and _"))
}

fn problem(name: &str, reason: &dyn std::fmt::Display) -> ClientError {
    ClientError::Key { name: name.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn key_is_kept_and_readable_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Keyring::open(folder.path());
        let made = keyring.create("tenant").unwrap();
        assert_eq!(keyring.require("tenant").unwrap().address, made.address);
        let mode = fs::metadata(keyring.path("tenant")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, OWNER_ONLY);
        assert!(keyring.create("tenant").unwrap_err().to_string().contains("the name is taken"));
        assert!(keyring.get("other").unwrap().is_none());
    }

    #[test]
    fn name_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Keyring::open(folder.path());
        for name in ["", "../x", "a/b", "a.b", &"x".repeat(65)] {
            assert!(keyring.create(name).is_err(), "{name}");
        }
    }
}
