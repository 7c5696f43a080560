//! What stands in a key's file.

use akash_types::address::Address;
use akash_types::key::{HdPath, PublicKey, SecretKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::seal::Sealed;
use super::{Key, Listed, Passphrase, Source};

/// A file. Either the members of [`Open`] are there, or `sealed`.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    pub name: String,
    pub address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
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

impl Stored {
    /// Of a key that is made from `source`.
    pub fn new(name: &str, source: &Source, passphrase: Option<&Passphrase>) -> Result<(Self, Key), String> {
        let (open, secret) = Open::from_source(source)?;
        let address = secret.address();
        let mut stored = Self {
            name: name.to_owned(),
            address: address.to_string(),
            public_key: Some(hex::encode(secret.public().to_bytes())),
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

    /// The key itself.
    pub fn key(&self, passphrase: Option<&Passphrase>) -> Result<Key, String> {
        let secret = match (&self.sealed, passphrase) {
            (None, _) => self.open.secret()?,
            (Some(_), None) => return Err("it is encrypted, and there is no passphrase".to_owned()),
            (Some(sealed), Some(passphrase)) => {
                let plain = sealed.open(self.address.as_bytes(), passphrase);
                let plain = plain.ok_or("the passphrase is wrong, or its file was changed")?;
                let open: Open = serde_json::from_slice(&plain).map_err(|_| "its file is damaged")?;
                open.secret()?
            }
        };
        let address = secret.address();
        if address.to_string() != self.address {
            return Err("its file names another address than its secret gives".to_owned());
        }
        Ok(Key { name: self.name.clone(), address, secret })
    }

    /// What can be read without a passphrase.
    pub fn listed(&self) -> Result<Listed, String> {
        let public_key = match &self.public_key {
            Some(text) => {
                let bytes = hex::decode(text).map_err(|_| "its file is damaged")?;
                PublicKey::from_bytes(&bytes).map_err(|error| error.to_string())?
            }
            // Files of the first version hold the words alone.
            None => self.open.secret()?.public(),
        };
        let address = Address::parse(&self.address).map_err(|error| error.to_string())?;
        if public_key.address() != address {
            return Err("its file names another address than its public key has".to_owned());
        }
        Ok(Listed { name: self.name.clone(), address, public_key, sealed: self.is_sealed() })
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
