//! `akash node`: work on the data of a node that does not run. What is done is known by `akash_node::maintenance`.

use akash_node::maintenance::snapshots::{self, SnapshotInfo};
use akash_node::maintenance::{self, MaintenanceError, Progress};
use akash_types::address::{Address, Prefix};
use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::explain;
use crate::args::{Export, NodeCommand, Rollback, SettingFlags, Snapshot};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

pub fn run(home: &Home, command: &NodeCommand, output: &Output) -> Result<()> {
    match command {
        NodeCommand::Export(flags) => export(home, flags, output),
        NodeCommand::Rollback(flags) => rollback(home, flags, output),
        NodeCommand::Reindex => reindex(home, output),
        NodeCommand::CheckInvariants { height } => check_invariants(home, *height, output),
        NodeCommand::Prune => prune(home, output),
        NodeCommand::Snapshot(command) => snapshot(home, command, output),
        NodeCommand::ShowNodeId => {
            let id = akash_node::names(home.root()).map_err(explain)?.node_id;
            output.result(&id, &json!({ "node_id": id }))
        }
        NodeCommand::ShowValidator => {
            let key = STANDARD.encode(akash_node::names(home.root()).map_err(explain)?.public_key);
            output.document(&json!({ "@type": "/cosmos.crypto.ed25519.PubKey", "key": key }).to_string())
        }
        NodeCommand::ShowAddress => show_address(home, output),
    }
}

pub fn export(home: &Home, flags: &Export, output: &Output) -> Result<()> {
    let genesis = maintenance::export(home.root(), flags.height, &mut show(output)).map_err(unfit)?;
    let text = serde_json::to_string_pretty(&genesis.to_json())?;
    output.done();
    let Some(file) = &flags.output_document else { return output.document(&text) };
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    output.result(file.display(), &json!({ "file": file, "chain_id": genesis.chain_id }))
}

pub fn rollback(home: &Home, flags: &Rollback, output: &Output) -> Result<()> {
    let done = maintenance::rollback(home.root(), flags.hard, &mut show(output)).map_err(unfit)?;
    let hash = hex::encode_upper(done.app_hash);
    let text = format!("the state is at height {}, its hash is {hash}", done.height);
    output.result(text, &json!({ "height": done.height, "app_hash": hash }))
}

fn reindex(home: &Home, output: &Output) -> Result<()> {
    let done = maintenance::reindex(home.root(), &mut show(output)).map_err(unfit)?;
    let text = format!(
        "{} rows from {} records, {} blocks with {} transactions",
        done.rows, done.records, done.blocks, done.txs
    );
    let value = json!({ "records": done.records, "rows": done.rows, "blocks": done.blocks, "txs": done.txs });
    output.result(text, &value)
}

fn check_invariants(home: &Home, height: Option<u64>, output: &Output) -> Result<()> {
    let broken = maintenance::check_invariants(home.root(), height).map_err(unfit)?;
    let lines: Vec<String> = broken.iter().map(|one| format!("{}: {}", one.invariant, one.found)).collect();
    let text = if lines.is_empty() { "all invariants hold".to_owned() } else { lines.join("\n") };
    output.result(text, &json!({ "holds": lines.is_empty(), "broken": lines }))?;
    if lines.is_empty() {
        return Ok(());
    }
    let failure = Failure::new(Exit::Store, format!("{} invariants do not hold", lines.len()));
    Err(failure.next("keep a copy of the home and report it; `akash node export` writes the state").into())
}

pub fn snapshot(home: &Home, command: &Snapshot, output: &Output) -> Result<()> {
    let root = home.root();
    let made = match command {
        Snapshot::Create => snapshots::create(root, &mut show(output)),
        Snapshot::Restore(name) => snapshots::restore(root, name.height, name.format, &mut show(output)),
        Snapshot::Load { file } => snapshots::load(root, file),
        Snapshot::List => {
            let found = snapshots::list(root).map_err(unfit)?;
            let lines: Vec<String> = found.iter().map(text_of).collect();
            let text = if lines.is_empty() { "no snapshots".to_owned() } else { lines.join("\n") };
            return output.result(text, &found.iter().map(json_of).collect::<Vec<_>>());
        }
        Snapshot::Delete(name) => {
            snapshots::delete(root, name.height, name.format).map_err(unfit)?;
            return output.result(format!("snapshot {} is gone", name.height), &json!({ "deleted": name.height }));
        }
        Snapshot::Dump { name, output_document } => {
            snapshots::dump(root, name.height, name.format, output_document).map_err(unfit)?;
            return output.result(output_document.display(), &json!({ "file": output_document }));
        }
    };
    let made = made.map_err(unfit)?;
    output.result(text_of(&made), &json_of(&made))
}

fn text_of(info: &SnapshotInfo) -> String {
    let SnapshotInfo { height, format, chunks, bytes, .. } = info;
    format!("height {height}, format {format}: {bytes} bytes in {chunks} chunks")
}

fn json_of(info: &SnapshotInfo) -> Value {
    json!({
        "height": info.height, "format": info.format, "chunks": info.chunks, "bytes": info.bytes, "hash": info.hash,
        "app_hash": info.app_hash,
    })
}

fn prune(home: &Home, output: &Output) -> Result<()> {
    let config = super::load(home.root(), &SettingFlags::default(), &[])?.config;
    let done = maintenance::prune(home.root(), &config.storage, &mut show(output)).map_err(unfit)?;
    let (first, last) = done.blocks;
    output.result(format!("blocks {first} to {last} stay"), &json!({ "first_block": first, "last_block": last }))
}

fn show_address(home: &Home, output: &Output) -> Result<()> {
    let key = akash_node::names(home.root()).map_err(explain)?.public_key;
    let address = akash_app::GenesisValidator { public_key: key, power: 1, name: String::new() }.address();
    let address = Address::from_bytes(&address).context("a validator's address has 20 bytes")?;
    let text = address.with_prefix(Prefix::ValidatorConsensus);
    output.result(&text, &json!({ "address": text }))
}

/// Tells what is being done, and how far it is.
fn show(output: &Output) -> impl FnMut(Progress) {
    move |progress: Progress| match progress.total {
        Some(total) if total > 0 => {
            output.waiting(format!("{} ({} %)", progress.step, progress.done.saturating_mul(100) / total));
        }
        _ => output.waiting(progress.step),
    }
}

fn unfit(error: MaintenanceError) -> anyhow::Error {
    match error {
        MaintenanceError::Node(error) => explain(error),
        other => Failure::new(Exit::Store, other.to_string()).into(),
    }
}
