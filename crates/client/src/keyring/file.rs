//! What stands in a key's file.

use akash_types::address::Address;
use akash_types::key::{HdPath, PublicKey, SecretKey, SignerKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::seal::Sealed;
use super::{Key, Kind, Listed, Passphrase, Source};

/// A file. Either the members of [`Open`] are there, or `sealed`.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    pub name: String,
    pub address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    /// Instead of everything below: the amino form of a key whose secret is not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amino_key: Option<String>,
    #[serde(flatten)]
    open: Open,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<Sealed>,
}

/// The secret part. Without a path it is the first one of Akash.
#[derive(Default, Serialize, Deserialize)]
struct Open {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mnemonic: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_key: Option<Zeroizing<String>>,
}

/// Why a file gives no key.
pub(super) enum Closed {
    Passphrase(&'static str),
    Unusable(String),
}

impl From<String> for Closed {
    fn from(reason: String) -> Self {
        Self::Unusable(reason)
    }
}

impl Stored {
    /// Of a key that is made from `source`.
    pub fn new(name: &str, source: &Source, passphrase: Option<&Passphrase>) -> Result<(Self, Key), String> {
        let (open, secret) = Open::from_source(source)?;
        let address = secret.address();
        let mut stored = Self {
            name: name.to_owned(),
            address: address.to_string(),
            public_key: Some(hex::encode(secret.public().to_bytes())),
            amino_key: None,
            open: Open::default(),
            sealed: None,
        };
        match passphrase {
            None => stored.open = open,
            Some(passphrase) => {
                let plain = serde_json::to_vec(&open).map(Zeroizing::new).map_err(|error| error.to_string())?;
                stored.sealed = Some(Sealed::new(&plain, stored.address.as_bytes(), passphrase));
            }
        }
        Ok((stored, Key { name: name.to_owned(), address, secret }))
    }

    /// Of a key whose secret is not here.
    pub fn of_public(name: &str, key: &SignerKey) -> Self {
        Self {
            name: name.to_owned(),
            address: key.address().to_string(),
            public_key: None,
            amino_key: Some(hex::encode(key.to_amino())),
            open: Open::default(),
            sealed: None,
        }
    }

    /// The key itself.
    pub fn key(&self, passphrase: Option<&Passphrase>) -> Result<Key, Closed> {
        if self.amino_key.is_some() {
            let reason = match self.listed()?.kind {
                Kind::Multi => "it is a key of several members; each of them signs with --multisig",
                Kind::Local | Kind::Offline => "only its public key is here",
            };
            return Err(Closed::Unusable(reason.to_owned()));
        }
        let secret = match (&self.sealed, passphrase) {
            (None, _) => self.open.secret()?,
            (Some(_), None) => return Err(Closed::Passphrase("it is encrypted, and there is no passphrase")),
            (Some(sealed), Some(passphrase)) => {
                let plain = sealed.open(self.address.as_bytes(), passphrase);
                let plain = plain.ok_or(Closed::Passphrase("the passphrase is wrong, or its file was changed"))?;
                let open: Open = serde_json::from_slice(&plain).map_err(|_| "its file is damaged".to_owned())?;
                open.secret()?
            }
        };
        let address = secret.address();
        if address.to_string() != self.address {
            return Err("its file names another address than its secret gives".to_owned().into());
        }
        Ok(Key { name: self.name.clone(), address, secret })
    }

    /// What can be read without a passphrase.
    pub fn listed(&self) -> Result<Listed, String> {
        let damaged = |_| "its file is damaged".to_owned();
        let listed = match (&self.amino_key, &self.public_key) {
            (Some(text), _) => {
                let key = SignerKey::from_amino(&hex::decode(text).map_err(damaged)?);
                Listed::of_public(&self.name, key.map_err(|error| error.to_string())?)
            }
            (None, public_key) => {
                let key = match public_key {
                    Some(text) => PublicKey::from_bytes(&hex::decode(text).map_err(damaged)?),
                    // Files of the first version hold the words alone.
                    None => Ok(self.open.secret()?.public()),
                };
                let public_key = SignerKey::Secp256k1(key.map_err(|error| error.to_string())?);
                let (name, address) = (self.name.clone(), public_key.address());
                Listed { name, address, public_key, kind: Kind::Local, sealed: self.is_sealed() }
            }
        };
        let address = Address::parse(&self.address).map_err(|error| error.to_string())?;
        if listed.address != address {
            return Err("its file names another address than its public key has".to_owned());
        }
        Ok(listed)
    }

    pub fn is_sealed(&self) -> bool {
        self.sealed.is_some()
    }
}

impl Open {
    fn from_source(source: &Source) -> Result<(Self, SecretKey), String> {
        match source {
            Source::Mnemonic { words, path } => {
                let words = Zeroizing::new(words.trim().to_owned());
                let secret = SecretKey::from_mnemonic(&words, path).map_err(|error| error.to_string())?;
                let path = (*path != HdPath::default()).then(|| path.to_string());
                Ok((Self { mnemonic: Some(words), path, secret_key: None }, secret))
            }
            Source::Secret(secret) => {
                let text = Zeroizing::new(hex::encode(*secret.to_bytes()));
                Ok((Self { secret_key: Some(text), ..Self::default() }, secret.clone()))
            }
        }
    }

    fn secret(&self) -> Result<SecretKey, String> {
        match (&self.mnemonic, &self.secret_key) {
            (Some(words), _) => {
                let path = self.path.as_deref().map_or(Ok(HdPath::default()), str::parse);
                path.and_then(|path| SecretKey::from_mnemonic(words, &path)).map_err(|error| error.to_string())
            }
            (None, Some(text)) => {
                let bytes = hex::decode(text.as_bytes()).map(Zeroizing::new).map_err(|_| "its file is damaged")?;
                SecretKey::from_bytes(&bytes).map_err(|error| error.to_string())
            }
            (None, None) => Err("its file holds no secret".to_owned()),
        }
    }
}
