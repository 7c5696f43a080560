//! Keys whose secret is not here: of somebody else, or of several members.

use akash_client::Keyring;
use akash_client::keyring::Listed;
use akash_types::key::{MultisigKey, SignerKey};
use anyhow::Result;

use super::super::keyring::{self, Need};
use super::super::public_key;
use super::super::session::explain;
use super::{json_of, text_of};
use crate::args::{Backend, KeyAdd};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

/// Keeps the key that `--pubkey` or `--multisig` describe; `None` if they are not given.
pub fn add(home: &Home, backend: Backend, flags: &KeyAdd, output: &Output) -> Option<Result<()>> {
    if flags.pubkey.is_none() && flags.multisig.is_empty() {
        return None;
    }
    Some(keep(home, backend, flags, output))
}

fn keep(home: &Home, backend: Backend, flags: &KeyAdd, output: &Output) -> Result<()> {
    let keys = keyring::open(home, backend, Need::Public)?;
    let key = match &flags.pubkey {
        Some(text) => public_key::read(text)?,
        None => SignerKey::Multisig(key(&keys, &flags.multisig, flags.multisig_threshold, flags.nosort)?),
    };
    let listed = if flags.dry_run {
        Listed::of_public(&flags.name, key)
    } else {
        keys.add_public(&flags.name, &key).map_err(explain)?
    };
    output.result(text_of(&listed), &json_of(&listed))
}

/// The key of several members, who are named or given by their public keys.
pub fn key(keys: &Keyring, names: &[String], threshold: u32, nosort: bool) -> Result<MultisigKey> {
    let mut members = Vec::new();
    for name in names {
        let found = keyring::find(keys, name).map(|listed| listed.public_key);
        let member = found.or_else(|error| public_key::read(name).map_err(|_| error))?;
        if members.contains(&member) {
            return Err(Failure::new(Exit::Usage, format!("{name} is a member twice"))
                .next("name each one once")
                .into());
        }
        members.push(member);
    }
    if !nosort {
        members.sort_by_key(|member| member.address().as_bytes().to_vec());
    }
    let count = members.len();
    MultisigKey::new(threshold, members).map_err(|_| {
        let text = format!("{threshold} of {count} keys cannot sign");
        Failure::new(Exit::Usage, text)
            .next("--multisig-threshold is between 1 and the number of keys, 64 at most")
            .into()
    })
}
