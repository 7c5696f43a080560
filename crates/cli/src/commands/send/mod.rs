//! `akash tx` with a network: one pipeline from messages to a block.
//!
//! [`table`] and [`tree`] make commands of all messages that clients can send, [`own`] has those whose arguments are
//! files or more than fields. [`pipeline`] does the rest the same way for each: terms, simulation, a question, the
//! signature, broadcast, and waiting for a block. With `--generate-only` it ends before the signature, with `--offline`
//! it asks no node.

mod own;
mod pipeline;
mod table;
pub mod tree;

use akash_types::json;
use anyhow::{Context, Result};
use clap::{ArgMatches, FromArgMatches};
use prost::Message;
use prost_types::Any;

use crate::args::TxFlags;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;
pub use pipeline::Sending;
use tree::Entry;

pub async fn run(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let (path, matches) = leaf(matches);
    if let Some(done) = own::run(&path, home, matches, output).await {
        return done;
    }
    let entries = tree::entries();
    let entry = entries.iter().find(|entry| entry.path == path).context("a command without a message")?;
    let mut flags = TxFlags::from_arg_matches(matches)?;
    let signer = entry.signer();
    // Where the message begins with the signer it is an argument, which says more than a flag or a variable.
    if let Some(given) = signer.as_deref().and_then(|flag| matches.get_raw(flag)?.next()) {
        flags.from = Some(given.to_string_lossy().into_owned());
    }
    let sending = Sending::open(home, &flags, output)?;
    let message = message(entry, matches, &sending)?;
    sending.send(vec![message]).await
}

fn message(entry: &Entry, matches: &ArgMatches, sending: &Sending<'_>) -> Result<Any> {
    let usage = |text: String| Failure::new(Exit::Usage, text);
    let from = sending.from().to_string();
    let defaults: Vec<(String, String)> = entry.signer().map(|flag| (flag, from.clone())).into_iter().collect();
    let defaults: Vec<(&str, String)> = defaults.iter().map(|(flag, value)| (flag.as_str(), value.clone())).collect();
    let mut given = entry.request().read(matches, &defaults).map_err(|error| usage(error.to_string()))?;
    // A name of a key stands for its address.
    if let Some(signer) = entry.signer_path() {
        let pointer = format!("/{}", signer.join("/"));
        if let Some(value) = given.pointer_mut(&pointer) {
            *value = from.into();
        }
    }
    let message = json::decode(&entry.message, &given).map_err(|error| usage(error.to_string()))?;
    Ok(Any { type_url: format!("/{}", entry.message.full_name()), value: message.encode_to_vec() })
}

/// The words of the command, and the flags of the last one.
fn leaf(matches: &ArgMatches) -> (String, &ArgMatches) {
    let (mut words, mut matches) = (Vec::new(), matches);
    while let Some((name, inner)) = matches.subcommand() {
        words.push(name);
        matches = inner;
    }
    (words.join(" "), matches)
}
