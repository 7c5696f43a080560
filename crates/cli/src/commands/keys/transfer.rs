//! `akash keys export` and `import`: one key between programs.

use std::fs;
use std::io::{self, BufRead, Read};
use std::path::Path;

use akash_client::keyring::armor::{self, ArmorError};
use akash_client::keyring::{Kind, Listed, Passphrase, Source};
use akash_types::key::{SecretKey, SignerKey};
use anyhow::{Context, Result};
use serde_json::json;
use zeroize::Zeroizing;

use super::super::keyring::{self, Need};
use super::super::session::explain;
use super::{json_of, text_of};
use crate::args::{Backend, KeyExport, KeyImport};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;
use crate::secret;

/// Longest exported key that is read.
const MAX_TEXT_BYTES: u64 = 64 << 10;

pub fn export(home: &Home, backend: Backend, flags: &KeyExport, output: &Output) -> Result<()> {
    keyring::find(&keyring::open(home, backend, Need::Public)?, &flags.name)?;
    let key = keyring::signing_key(home, backend, &flags.name)?;
    if flags.unarmored_hex {
        let text = Zeroizing::new(hex::encode(*key.secret.to_bytes()));
        return output.result(text.as_str(), &json!({ "key": text.as_str() }));
    }
    let passphrase = secret::new_passphrase("passphrase for the exported key")?;
    let text = armor::export(&key.secret, &Passphrase::new(passphrase));
    output.result(text.trim_end(), &json!({ "armor": text }))
}

pub fn import(home: &Home, backend: Backend, flags: &KeyImport, output: &Output) -> Result<()> {
    let secret = match &flags.file {
        Some(file) => {
            let text = armored(file)?;
            let passphrase = Passphrase::new(secret::line("passphrase of the exported key")?);
            armor::import(&text, &passphrase).map_err(unreadable)?
        }
        None => {
            let text = secret::line("key in hex")?;
            let bytes = hex::decode(text.trim()).map(Zeroizing::new);
            let bytes = bytes.map_err(|error| keyring::unusable("key", error))?;
            SecretKey::from_bytes(&bytes).map_err(|error| keyring::unusable("key", error))?
        }
    };
    let (address, public_key) = (secret.address(), SignerKey::Secp256k1(secret.public()));
    let keyring = keyring::open(home, backend, Need::Keep)?;
    keyring.add(&flags.name, &Source::Secret(secret)).map_err(explain)?;
    let (name, sealed) = (flags.name.clone(), matches!(backend, Backend::File | Backend::Os));
    let listed = Listed { name, address, public_key, kind: Kind::Local, sealed };
    output.result(text_of(&listed), &json_of(&listed))
}

fn unreadable(error: ArmorError) -> anyhow::Error {
    match error {
        ArmorError::Passphrase => {
            let failure = Failure::new(Exit::Auth, error.to_string());
            failure.next("give the passphrase under which the key was exported").into()
        }
        other => keyring::unusable("exported key", other),
    }
}

/// The text of a file; of standard input only up to the last line of the key, because a passphrase may follow.
fn armored(file: &Path) -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    if file.as_os_str() == "-" {
        let mut input = io::stdin().lock().take(MAX_TEXT_BYTES);
        while !text.contains(armor::END) {
            if input.read_line(&mut text).context("cannot read the exported key")? == 0 {
                break;
            }
        }
        return Ok(text);
    }
    let failure = |error: io::Error| Failure::new(Exit::Usage, format!("cannot read {}: {error}", file.display()));
    let source = fs::File::open(file).map_err(failure)?;
    source.take(MAX_TEXT_BYTES).read_to_string(&mut text).map_err(failure)?;
    Ok(text)
}
