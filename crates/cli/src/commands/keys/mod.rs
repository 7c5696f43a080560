//! `akash keys`: the key ring of the home. [`make`] and [`multi`] bring keys in, [`transfer`] carries them elsewhere.
//!
//! Secrets come by [`crate::secret`] alone, never as arguments. They leave in three places only: the words of a new key
//! (on standard error, or as a member of the JSON), `export`, and `mnemonic`.

mod make;
mod multi;
mod transfer;

use akash_client::keyring::Listed;
use akash_types::address::{Address, Prefix, decode_bech32};
use akash_types::key::{Mnemonic, SignerKey};
use anyhow::Result;
use serde_json::{Value, json};

use super::keyring::{self, Need};
use super::public_key;
use super::session::explain;
use crate::args::{Backend, Bech, KeyShow, Keys, KeysCommand};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

pub fn run(home: &Home, flags: &Keys, output: &Output) -> Result<()> {
    let backend = flags.keyring.keyring_backend;
    match &flags.command {
        KeysCommand::Add(flags) => make::add(home, backend, flags, output),
        KeysCommand::List { list_names } => list(home, backend, *list_names, output),
        KeysCommand::Show(flags) => show(home, backend, flags, output),
        KeysCommand::Delete { name, yes } => delete(home, backend, name, *yes, output),
        KeysCommand::Export(flags) => transfer::export(home, backend, flags, output),
        KeysCommand::Import(flags) => transfer::import(home, backend, flags, output),
        KeysCommand::Rename { from, to } => rename(home, backend, from, to, output),
        KeysCommand::Parse { address } => parse(address, output),
        KeysCommand::Mnemonic => {
            let words = Mnemonic::generate().words();
            output.result(words.as_str(), &json!({ "mnemonic": words.as_str() }))
        }
    }
}

fn list(home: &Home, backend: Backend, names: bool, output: &Output) -> Result<()> {
    let keys = match backend {
        Backend::Memory => Vec::new(),
        _ => keyring::open(home, backend, Need::Public)?.list().map_err(explain)?,
    };
    if names {
        let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
        return output.result(names.join("\n"), &names);
    }
    let width = keys.iter().map(|key| key.name.len()).max().unwrap_or(0);
    let lines: Vec<String> = keys.iter().map(|key| format!("{:width$}  {}", key.name, key.address)).collect();
    if lines.is_empty() && output.is_text() {
        output.note("there are no keys; `akash keys add NAME` makes one");
        return Ok(());
    }
    output.result(lines.join("\n"), &keys.iter().map(json_of).collect::<Vec<_>>())
}

fn show(home: &Home, backend: Backend, flags: &KeyShow, output: &Output) -> Result<()> {
    let keys = keyring::open(home, backend, Need::Public)?;
    let key = match flags.key.as_slice() {
        [one] => keyring::find(&keys, one)?,
        several => {
            let key = multi::key(&keys, several, flags.multisig_threshold, flags.nosort)?;
            Listed::of_public("multi", SignerKey::Multisig(key))
        }
    };
    let address = shown_address(&key, flags.bech);
    if flags.address {
        return output.print(address);
    }
    if flags.pubkey {
        return output.print(public_key_text(&key.public_key));
    }
    let (mut text, mut value) = (text_of(&key), json_of(&key));
    if flags.bech != Bech::Acc {
        text = text.replace(&key.address.to_string(), &address);
        value["address"] = json!(address);
    }
    output.result(text, &value)
}

fn shown_address(key: &Listed, bech: Bech) -> String {
    key.address.with_prefix(match bech {
        Bech::Acc => Prefix::Account,
        Bech::Val => Prefix::ValidatorOperator,
        Bech::Cons => Prefix::ValidatorConsensus,
    })
}

fn delete(home: &Home, backend: Backend, name: &str, yes: bool, output: &Output) -> Result<()> {
    let keys = keyring::open(home, backend, Need::Public)?;
    let key = keyring::find(&keys, name)?;
    if !yes {
        output.confirm(&format!("Remove the key {} ({}) for ever?", key.name, key.address))?;
    }
    keys.delete(&key.name).map_err(explain)?;
    output.result(format!("removed {} ({})", key.name, key.address), &json!({ "removed": json_of(&key) }))
}

fn rename(home: &Home, backend: Backend, from: &str, to: &str, output: &Output) -> Result<()> {
    let keys = keyring::open(home, backend, Need::Public)?;
    keyring::find(&keys, from)?;
    keys.rename(from, to).map_err(explain)?;
    let key = keyring::find(&keys, to)?;
    output.result(format!("{from} is now {to} ({})", key.address), &json_of(&key))
}

/// Between bech32 and hex, in the shapes of other programs of this network.
fn parse(text: &str, output: &Output) -> Result<()> {
    if let Ok((human, bytes)) = decode_bech32(text) {
        let bytes = hex::encode_upper(bytes);
        return output.result(format!("human: {human}\nbytes: {bytes}"), &json!({ "human": human, "bytes": bytes }));
    }
    let address = hex::decode(text).ok().and_then(|bytes| Address::from_bytes(&bytes).ok());
    let address = address.ok_or_else(|| {
        let failure = Failure::new(Exit::Usage, format!("{text:?} is neither a bech32 text nor 20 to 32 bytes in hex"));
        failure.next("a mistyped letter breaks the checksum of an address; copy it whole")
    })?;
    let prefixes = [Prefix::Account, Prefix::ValidatorOperator, Prefix::ValidatorConsensus];
    let formats = prefixes.map(|prefix| address.with_prefix(prefix));
    output.result(formats.join("\n"), &json!({ "formats": formats }))
}

/// A key as other programs of this network write it: the public key is a text that holds JSON.
fn json_of(key: &Listed) -> Value {
    json!({
        "name": key.name, "type": key.kind.as_str(), "address": key.address.to_string(),
        "pubkey": public_key_text(&key.public_key),
    })
}

fn text_of(key: &Listed) -> String {
    let pubkey = public_key_text(&key.public_key);
    let text =
        format!("name:    {}\ntype:    {}\naddress: {}\npubkey:  {pubkey}", key.name, key.kind.as_str(), key.address);
    match &key.public_key {
        SignerKey::Multisig(multisig) => {
            let members = multisig.members().iter().map(|member| format!("\n         {}", member.address()));
            format!("{text}\nsigned:  by {} of{}", multisig.threshold(), members.collect::<String>())
        }
        _ => text,
    }
}

/// With `@type` in front, as the chain writes it.
fn public_key_text(key: &SignerKey) -> String {
    public_key::to_text(key)
}
