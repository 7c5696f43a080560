use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use akash_types::key::{HdPath, Mnemonic, SignerKey};
use zeroize::Zeroizing;

use super::file::{Closed, Stored};
use super::{Key, Listed, Passphrase, Source};
use crate::ClientError;

pub(super) const OWNER_ONLY: u32 = 0o600;
const MAX_NAME_BYTES: usize = 64;
const MAX_FILE_BYTES: u64 = 64 << 10;
/// Keys beyond this number are not listed.
const MAX_KEYS: usize = 10_000;

/// A folder of key files.
#[derive(Debug, Clone)]
pub struct Keyring {
    folder: PathBuf,
    passphrase: Option<Passphrase>,
}

impl Keyring {
    /// A folder whose keys are readable by whoever can read their files.
    #[must_use]
    pub fn open(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), passphrase: None }
    }

    /// The same folder: new keys are sealed with the passphrase, and those that are sealed are opened with it.
    #[must_use]
    pub fn protected(self, passphrase: Passphrase) -> Self {
        Self { passphrase: Some(passphrase), ..self }
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
        self.import(name, &Mnemonic::generate().words())
    }

    /// Keeps the first key of a mnemonic under a name that is free.
    ///
    /// # Errors
    /// When the words are no mnemonic, the name is taken or the folder cannot be written.
    pub fn import(&self, name: &str, mnemonic: &str) -> Result<Key, ClientError> {
        let words = Zeroizing::new(mnemonic.to_owned());
        self.add(name, &Source::Mnemonic { words, path: HdPath::default() })
    }

    /// Keeps a key under a name that is free.
    ///
    /// # Errors
    /// When the source gives no key, the name is taken, the passphrase is not that of the other keys, or the folder
    /// cannot be written.
    pub fn add(&self, name: &str, source: &Source) -> Result<Key, ClientError> {
        check_name(name)?;
        if self.path(name).exists() {
            return Err(taken(name));
        }
        self.check_passphrase(name)?;
        let stored = Stored::new(name, source, self.passphrase.as_ref());
        let (stored, key) = stored.map_err(|reason| problem(name, &reason))?;
        self.write(&stored)?;
        Ok(key)
    }

    /// Keeps a key whose secret is not here under a name that is free.
    ///
    /// # Errors
    /// When the name is taken or the folder cannot be written.
    pub fn add_public(&self, name: &str, key: &SignerKey) -> Result<Listed, ClientError> {
        check_name(name)?;
        self.write(&Stored::of_public(name, key))?;
        Ok(Listed::of_public(name, key.clone()))
    }

    /// The key of this name; `None` when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or opened, or is damaged.
    pub fn get(&self, name: &str) -> Result<Option<Key>, ClientError> {
        let Some(stored) = self.read(name)? else { return Ok(None) };
        stored.key(self.passphrase.as_ref()).map(Some).map_err(|closed| match closed {
            Closed::Passphrase(reason) => wrong_passphrase(name, reason),
            Closed::Unusable(reason) => problem(name, &reason),
        })
    }

    /// The key of this name.
    ///
    /// # Errors
    /// As [`Keyring::get`], and when there is none.
    pub fn require(&self, name: &str) -> Result<Key, ClientError> {
        self.get(name)?.ok_or_else(|| self.absent(name))
    }

    /// What is known of a key without opening it; `None` when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged.
    pub fn find(&self, name: &str) -> Result<Option<Listed>, ClientError> {
        let Some(stored) = self.read(name)? else { return Ok(None) };
        stored.listed().map(Some).map_err(|reason| problem(name, &reason))
    }

    /// All keys, by name.
    ///
    /// # Errors
    /// When the folder or one of the files cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, ClientError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(problem(&self.folder.display().to_string(), &error)),
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.strip_suffix(".json").map(str::to_owned))
            .filter(|name| check_name(name).is_ok()) // certificates lie here too; their names have a dot
            .take(MAX_KEYS)
            .collect();
        names.sort();
        let found: Result<Vec<_>, _> = names.iter().map(|name| self.find(name)).collect();
        Ok(found?.into_iter().flatten().collect())
    }

    /// Gives a key another name that is free.
    ///
    /// # Errors
    /// When there is no such key, the new name is taken, or the folder cannot be written.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), ClientError> {
        check_name(to)?;
        let mut stored = self.read(from)?.ok_or_else(|| self.absent(from))?;
        stored.name = to.to_owned();
        self.write(&stored)?;
        fs::remove_file(self.path(from)).map_err(|error| problem(from, &error))
    }

    /// Removes a key for ever.
    ///
    /// # Errors
    /// When there is none, or the folder cannot be written.
    pub fn delete(&self, name: &str) -> Result<(), ClientError> {
        check_name(name)?;
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Err(self.absent(name)),
            done => done.map_err(|error| problem(name, &error)),
        }
    }

    /// One passphrase for the whole folder: it must open a key that is sealed already.
    fn check_passphrase(&self, name: &str) -> Result<(), ClientError> {
        let Some(passphrase) = &self.passphrase else { return Ok(()) };
        let Some(other) = self.list()?.into_iter().find(|key| key.sealed) else { return Ok(()) };
        let opened = self.read(&other.name)?.is_none_or(|stored| stored.key(Some(passphrase)).is_ok());
        let differs = || wrong_passphrase(name, &format!("the passphrase is not that of the key {}", other.name));
        if opened { Ok(()) } else { Err(differs()) }
    }

    fn read(&self, name: &str) -> Result<Option<Stored>, ClientError> {
        check_name(name)?;
        let file = match fs::File::open(self.path(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(problem(name, &error)),
        };
        let mut text = Zeroizing::new(Vec::new());
        file.take(MAX_FILE_BYTES).read_to_end(&mut text).map_err(|error| problem(name, &error))?;
        let mut stored: Stored = serde_json::from_slice(&text).map_err(|_| problem(name, &"its file is damaged"))?;
        stored.name = name.to_owned(); // the file's name counts, also after it was moved by hand
        Ok(Some(stored))
    }

    fn write(&self, stored: &Stored) -> Result<(), ClientError> {
        let name = &stored.name;
        let text = serde_json::to_vec_pretty(stored).map(Zeroizing::new).map_err(|error| problem(name, &error))?;
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
        made.map_err(|error| problem(name, &error))?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(OWNER_ONLY);
        let written = options.open(self.path(name)).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()
        });
        match written {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(taken(name)),
            done => done.map_err(|error| problem(name, &error)),
        }
    }

    fn absent(&self, name: &str) -> ClientError {
        problem(name, &format!("there is none in {}", self.folder.display()))
    }
}

/// A name becomes a file name.
fn check_name(name: &str) -> Result<(), ClientError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    Err(problem(name, &"a name has 1 to 64 letters, digits, - and _"))
}

fn taken(name: &str) -> ClientError {
    problem(name, &"the name is taken")
}

fn wrong_passphrase(name: &str, reason: &str) -> ClientError {
    ClientError::Passphrase { name: name.to_owned(), reason: reason.to_owned() }
}

fn problem(name: &str, reason: &dyn std::fmt::Display) -> ClientError {
    ClientError::Key { name: name.to_owned(), reason: reason.to_string() }
}
