//! Keys in a folder, one file each, readable by their owner alone.
//!
//! Life of a key: [`Keyring::add`] derives it and writes its file, [`Keyring::get`] opens it for signing,
//! [`Keyring::rename`] and [`Keyring::delete`] do what they say. Without a passphrase the secret stands in the file as
//! it is, for play networks and tests; after [`Keyring::protected`] it is sealed ([`seal`]), and only name, address and
//! public key are readable. One passphrase is meant for the whole folder. [`Keyring::add_public`] keeps a key that does
//! not sign here: of somebody else, or of several members. [`armor`] carries a single key to and from other programs.
//!
//! Invariants: a file is written whole and never over another one; a key is given out only if it has the address that
//! its file names. Nothing secret is ever printed or logged here.
//!
//! Where a passphrase comes from is the caller's part; [`os`] knows one place.

pub mod armor;
mod file;
mod folder;
mod kdf;
pub mod os;
mod seal;
#[cfg(test)]
mod tests;

use std::fmt;

use akash_types::address::Address;
use akash_types::key::{HdPath, SecretKey, SignerKey};
use zeroize::Zeroizing;

pub use folder::Keyring;

/// A key that can sign.
#[derive(Debug, Clone)]
pub struct Key {
    pub name: String,
    pub address: Address,
    pub secret: SecretKey,
}

/// What is known of a key without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub address: Address,
    pub public_key: SignerKey,
    pub kind: Kind,
    pub sealed: bool,
}

/// What can be done with a key here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It signs.
    Local,
    /// Its secret is elsewhere.
    Offline,
    /// Its members sign.
    Multi,
}

impl Kind {
    /// The name that other programs of this network use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Offline => "offline",
            Self::Multi => "multi",
        }
    }
}

impl Listed {
    /// Of a key whose secret is not here.
    #[must_use]
    pub fn of_public(name: &str, public_key: SignerKey) -> Self {
        let kind = if matches!(public_key, SignerKey::Multisig(_)) { Kind::Multi } else { Kind::Offline };
        Self { name: name.to_owned(), address: public_key.address(), public_key, kind, sealed: false }
    }
}

/// What a key is made from.
#[derive(Clone)]
pub enum Source {
    /// BIP-39 words, and the path from their seed to the key.
    Mnemonic { words: Zeroizing<String>, path: HdPath },
    /// The key itself, of which no words are known.
    Secret(SecretKey),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mnemonic { path, .. } => write!(f, "Mnemonic(at {path})"),
            Self::Secret(secret) => write!(f, "Secret({secret:?})"),
        }
    }
}

/// What seals the keys of a folder, or one exported key.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    #[must_use]
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}
