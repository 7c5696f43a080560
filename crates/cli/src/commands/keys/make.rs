//! `akash keys add`.

use akash_client::keyring::{Kind, Listed, Source};
use akash_types::key::{HdPath, Mnemonic, SignerKey};
use anyhow::Result;
use serde_json::json;

use super::super::keyring::{self, Need};
use super::super::session::explain;
use super::{json_of, multi, text_of};
use crate::args::{Backend, HdFlags, KeyAdd};
use crate::home::Home;
use crate::output::Output;
use crate::secret;

pub fn add(home: &Home, backend: Backend, flags: &KeyAdd, output: &Output) -> Result<()> {
    if let Some(done) = multi::add(home, backend, flags, output) {
        return done;
    }
    let path = hd_path(&flags.path)?;
    let words = if flags.recover { secret::line("words of the key")? } else { Mnemonic::generate().words() };
    let mnemonic = Mnemonic::parse(words.trim()).map_err(|error| keyring::unusable("words", error))?;
    let secret = mnemonic.secret_key(&path, "").map_err(|error| keyring::unusable("words", error))?;
    if !flags.dry_run && backend != Backend::Memory {
        let keyring = keyring::open(home, backend, Need::Keep)?;
        keyring.add(&flags.name, &Source::Mnemonic { words: words.clone(), path }).map_err(explain)?;
    }

    let listed = Listed {
        name: flags.name.clone(),
        address: secret.address(),
        public_key: SignerKey::Secp256k1(secret.public()),
        kind: Kind::Local,
        sealed: matches!(backend, Backend::File | Backend::Os),
    };
    let mut value = json_of(&listed);
    let shows_words = !flags.recover && !flags.no_backup;
    if shows_words {
        value["mnemonic"] = json!(words.as_str());
    }
    output.result(text_of(&listed), &value)?;
    if shows_words && output.is_text() {
        eprintln!("\nThese words are the key. Write them down and show them to nobody:\n\n{}", words.as_str());
    }
    Ok(())
}

fn hd_path(flags: &HdFlags) -> Result<HdPath> {
    match &flags.hd_path {
        Some(text) => text.parse().map_err(|error| keyring::unusable("path", error)),
        None => HdPath::akash(flags.account, flags.index)
            .ok_or_else(|| keyring::unusable("path", "its numbers are below 2147483648")),
    }
}
