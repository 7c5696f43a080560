//! Which keys a command works on: the key ring of the home that `--keyring-backend` chooses.

use std::sync::OnceLock;

use akash_client::keyring::os::{self, OsError};
use akash_client::keyring::{Keyring, Listed, Passphrase};
use akash_client::{ClientError, Key};
use akash_types::address::Address;
use akash_types::key::{HdPath, SecretKey, SignerKey};
use anyhow::Result;

use super::session::explain;
use crate::args::Backend;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::secret;

/// What is going to be done with the keys; it decides whether a passphrase is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Names, addresses and public keys.
    Public,
    /// The secret of a key that is there.
    Secret,
    /// A new key is going to be kept.
    Keep,
}

/// The key ring of the home.
pub fn open(home: &Home, backend: Backend, need: Need) -> Result<Keyring> {
    match backend {
        Backend::Test => Ok(Keyring::open(&home.keys())),
        Backend::File => {
            let keyring = Keyring::open(&home.sealed_keys());
            let what = "passphrase of the key ring";
            let passphrase = match need {
                Need::Public => return Ok(keyring),
                Need::Secret => secret::line(what)?,
                Need::Keep if keyring.list().map_err(explain)?.iter().any(|key| key.sealed) => secret::line(what)?,
                Need::Keep => secret::new_passphrase(what)?,
            };
            Ok(keyring.protected(Passphrase::new(passphrase)))
        }
        Backend::Memory => {
            let failure = Failure::new(Exit::Usage, "the backend memory keeps no keys");
            Err(failure.next("use --keyring-backend test or file").into())
        }
        Backend::Os => {
            let folder = home.root().join("keyring-os");
            let keyring = Keyring::open(&folder);
            let passphrase = match need {
                Need::Public => return Ok(keyring),
                Need::Secret => os::passphrase(&folder),
                Need::Keep => {
                    let has_keys = keyring.list().map_err(explain)?.iter().any(|key| key.sealed);
                    os::passphrase_or_new(&folder, has_keys)
                }
            };
            Ok(keyring.protected(passphrase.map_err(|error| no_service(&error))?))
        }
    }
}

/// A key by its name or address.
pub fn find(keyring: &Keyring, key: &str) -> Result<Listed> {
    let found = match Address::parse(key) {
        Ok(address) => keyring.list().map_err(explain)?.into_iter().find(|listed| listed.address == address),
        Err(_) => keyring.find(key).map_err(explain)?,
    };
    found.ok_or_else(|| unknown_key(key))
}

/// The key that signs. With the backend `memory` it comes from words that are asked for.
pub fn signing_key(home: &Home, backend: Backend, from: &str) -> Result<Key> {
    if backend == Backend::Memory {
        return key_of_words(from);
    }
    // Whether there is such a key is said before a passphrase is asked for.
    let name = find(&open(home, backend, Need::Public)?, from)?.name;
    open(home, backend, Need::Secret)?.require(&name).map_err(explain)
}

/// The key of an account that signs, opened when it is first needed and then kept: what was typed or piped in cannot be
/// asked for again.
pub struct Signer {
    home: Home,
    backend: Backend,
    /// Its name or address.
    from: String,
    key: OnceLock<Key>,
}

impl Signer {
    pub fn new(home: &Home, backend: Backend, from: &str) -> Self {
        Self { home: home.clone(), backend, from: from.to_owned(), key: OnceLock::new() }
    }

    pub fn key(&self) -> Result<&Key> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let key = signing_key(&self.home, self.backend, &self.from)?;
        Ok(self.key.get_or_init(|| key))
    }

    /// What the key ring knows without a passphrase. With the backend `memory` that is nothing, so the key is opened.
    pub fn address_and_public(&self) -> Result<(Address, SignerKey)> {
        if self.backend == Backend::Memory {
            let key = self.key()?;
            return Ok((key.address.clone(), SignerKey::Secp256k1(key.secret.public())));
        }
        let found = find(&open(&self.home, self.backend, Need::Public)?, &self.from)?;
        Ok((found.address, found.public_key))
    }
}

fn no_service(error: &OsError) -> anyhow::Error {
    let next = match error {
        OsError::Unknown(_) => "they were made under another account or session; recover them from their words",
        OsError::NoProgram => {
            "install it (libsecret-tools), or use --keyring-backend file, which asks for a passphrase"
        }
        _ => "use --keyring-backend file, which asks for a passphrase",
    };
    Failure::new(Exit::Config, error.to_string()).next(next).into()
}

/// A text that gives no key.
pub fn unusable(what: &str, reason: impl std::fmt::Display) -> anyhow::Error {
    Failure::new(Exit::Usage, format!("the {what} cannot be used: {reason}")).into()
}

fn key_of_words(name: &str) -> Result<Key> {
    let words = secret::line("words of the key")?;
    let secret = SecretKey::from_mnemonic(&words, &HdPath::default());
    let secret = secret.map_err(|error| unusable("words", error))?;
    Ok(Key { name: name.to_owned(), address: secret.address(), secret })
}

fn unknown_key(key: &str) -> anyhow::Error {
    let error = ClientError::Key { name: key.to_owned(), reason: "there is none of this name or address".to_owned() };
    Failure::new(Exit::Usage, error.to_string()).next("`akash keys list` shows them; `akash keys add` makes one").into()
}
