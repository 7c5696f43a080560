//! `akash query`: whatever the modules of the chain answer, over JSON-RPC.
//!
//! [`table`] names the queries as the Go client does, [`tree`] makes commands of them, [`super::request`] turns flags
//! into a request, [`extra`] has the few that are more than one question. Answers are printed as the node writes JSON.

mod extra;
mod table;
pub mod tree;

use akash_client::Client;
use akash_types::json;
use anyhow::{Context, Result};
use clap::{ArgMatches, FromArgMatches};
use prost::Message;
use prost_reflect::DynamicMessage;
use serde_json::Value;

use super::online;
use super::session::explain;
use crate::args::{Query, QueryFlags};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;
use tree::Entry;

pub async fn run(home: &Home, query: &Query, output: &Output) -> Result<()> {
    let (path, matches) = leaf(&query.0);
    let flags = QueryFlags::from_arg_matches(matches)?;
    let client = online::client(home, flags.node.as_deref())?;
    if let Some(answer) = extra::run(&path, &client, matches, flags.height).await {
        return output.answer(&answer?);
    }
    let entries = tree::entries();
    let entry = entries.iter().find(|entry| entry.path == path).context("a command without a query")?;
    let answer = ask(&client, entry, matches, flags.height).await?;
    output.answer(&answer)
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

async fn ask(client: &Client, entry: &Entry, matches: &ArgMatches, height: u64) -> Result<Value> {
    let input = entry.method.input();
    let given = entry.request().read(matches, &[]).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let request = json::decode(&input, &given).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let bytes = client.rpc().query(&entry.wire_path(), &request.encode_to_vec(), height).await.map_err(explain)?;
    let answer = DynamicMessage::decode(entry.method.output(), &*bytes).context("the answer cannot be read")?;
    let mut answer = json::encode(&answer);
    Ok(if entry.part.is_empty() { answer } else { answer[entry.part].take() })
}
