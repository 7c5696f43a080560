//! `akash init`: the home of one node, and the beginning of a chain.

use std::time::{SystemTime, UNIX_EPOCH};

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_app::{Genesis, GenesisValidator};
use akash_kernel::Time;
use akash_node::NodeConfig;
use akash_types::address::Address;
use akash_types::coin::Coins;
use anyhow::{Context, Result};
use serde_json::json;

use super::explain;
use crate::args::Init;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

pub fn run(home: &Home, flags: &Init, output: &Output) -> Result<()> {
    let root = home.root();
    let is_there = akash_node::is_initialised(root);
    if is_there && !flags.overwrite {
        let text = format!("{} has a genesis already", root.display());
        return Err(Failure::new(Exit::Config, text).next("choose another --home, or give --overwrite").into());
    }
    let validator = akash_node::create_keys(root, &flags.moniker).map_err(explain)?;
    let genesis = match &flags.genesis {
        Some(file) => super::genesis::read(file)?,
        None => {
            let validators = if flags.no_validator { Vec::new() } else { vec![validator] };
            let chain_id = flags.chain_id.clone().unwrap_or_else(chain_id);
            let mut genesis = begin(chain_id, validators, Vec::new())?;
            genesis.initial_height = flags.initial_height;
            genesis
        }
    };
    akash_node::replace_genesis(root, &genesis).map_err(explain)?;
    let mut config = NodeConfig::new(root);
    config.base.moniker.clone_from(&flags.moniker);
    akash_node::write_settings(&config).map_err(explain)?;

    let names = akash_node::names(root).map_err(explain)?;
    let next = if genesis.validators.is_empty() {
        "akash genesis add-validator KEY"
    } else {
        "akash genesis add-account NAME COINS; akash start"
    };
    let text = format!(
        "home      {}\nmoniker   {}\nchain     {}\nnode id   {}\nsettings  config/akash.toml\nnext      {next}",
        root.display(),
        flags.moniker,
        genesis.chain_id,
        names.node_id,
    );
    let value = json!({
        "home": root, "moniker": flags.moniker, "chain_id": genesis.chain_id, "node_id": names.node_id,
        "validators": genesis.validators.len(),
    });
    output.result(text, &value)
}

/// A chain that begins now.
pub fn begin(chain_id: String, validators: Vec<GenesisValidator>, accounts: Vec<(Address, Coins)>) -> Result<Genesis> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock of this machine is before 1970")?;
    let time = Time { seconds: now.as_secs().try_into()?, nanos: now.subsec_nanos() };
    let genesis = play_genesis(PlayGenesis { chain_id, time, accounts, validators, authority: None });
    genesis.map_err(|error| Failure::new(Exit::Usage, error.to_string()).into())
}

/// A name that no other chain of this machine has.
pub fn chain_id() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
    format!("akash-test-{:06x}", now & 0xff_ffff)
}
