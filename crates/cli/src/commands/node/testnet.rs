//! `akash testnet init`: a network of several nodes on this machine.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use akash_app::GenesisValidator;
use akash_client::{Key, Keyring};
use akash_node::NodeConfig;
use akash_types::coin::Coins;
use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{explain, init};
use crate::args::{Testnet, TestnetInit};
use crate::commands::session;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

/// JSON-RPC, gRPC, REST, metrics, p2p.
const PORTS: usize = 5;

pub fn run(command: &Testnet, output: &Output) -> Result<()> {
    let Testnet::Init(flags) = command;
    check_empty(flags)?;
    let funds = Coins::parse(&flags.funds).map_err(|error| {
        Failure::new(Exit::Usage, format!("--funds {:?}: {error}", flags.funds)).next("write coins as 5uact,7uakt")
    })?;
    let members = (0..flags.validators).map(|number| member(flags, number)).collect::<Result<Vec<Member>>>()?;

    let chain_id = flags.chain_id.clone().unwrap_or_else(init::chain_id);
    let validators = members.iter().map(|member| member.validator.clone()).collect();
    let accounts = members.iter().map(|member| (member.key.address.clone(), funds.clone())).collect();
    let genesis = init::begin(chain_id.clone(), validators, accounts)?;
    for (config, member) in configs(&members)?.iter().zip(&members) {
        akash_node::write_settings(config).map_err(explain)?;
        akash_node::init(&member.home, &genesis).map_err(explain)?;
    }
    report(&chain_id, &members, &funds, output)
}

/// One validator to be.
struct Member {
    name: String,
    home: PathBuf,
    validator: GenesisValidator,
    /// Of its account.
    key: Key,
}

fn check_empty(flags: &TestnetInit) -> Result<()> {
    let taken = flags.output_dir.join("node0");
    if !taken.exists() {
        return Ok(());
    }
    let failure = Failure::new(Exit::Config, format!("{} is there already", taken.display()));
    Err(failure.next("choose another --output-dir, or remove it").into())
}

fn member(flags: &TestnetInit, number: u16) -> Result<Member> {
    let name = format!("node{number}");
    let home = flags.output_dir.join(&name);
    fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
    let home = home.canonicalize().with_context(|| format!("cannot find {}", home.display()))?;
    let validator = akash_node::create_keys(&home, &name).map_err(explain)?;
    let key = Keyring::open(&Home::new(&home).keys()).create(&name).map_err(session::explain)?;
    Ok(Member { name, home, validator, key })
}

/// Settings of all, with ports that are free now.
fn configs(members: &[Member]) -> Result<Vec<NodeConfig>> {
    // All sockets stay open until all ports are known, so that no port is given twice.
    let sockets: std::io::Result<Vec<TcpListener>> =
        (0..members.len() * PORTS).map(|_| TcpListener::bind(("127.0.0.1", 0))).collect();
    let addresses: std::io::Result<Vec<SocketAddr>> =
        sockets.context("cannot find free ports")?.iter().map(TcpListener::local_addr).collect();
    let addresses = addresses.context("cannot find free ports")?;
    let own: Vec<&[SocketAddr]> = addresses.chunks_exact(PORTS).collect();
    let peer = |address: &SocketAddr| format!("/ip4/127.0.0.1/tcp/{}", address.port());
    let config = |(place, member): (usize, &Member)| {
        let mut config = NodeConfig::new(&member.home);
        config.base.moniker.clone_from(&member.name);
        let [rpc, grpc, rest, metrics, p2p] = [0, 1, 2, 3, 4].map(|port: usize| own[place][port]);
        (config.rpc.address, config.grpc.address) = (Some(rpc), Some(grpc));
        (config.rest.address, config.metrics.address) = (Some(rest), Some(metrics));
        config.p2p.address = p2p;
        let others = own.iter().enumerate().filter(|(other, _)| *other != place);
        config.p2p.persistent_peers = others.map(|(_, ports)| peer(&ports[4])).collect();
        config
    };
    Ok(members.iter().enumerate().map(config).collect())
}

fn report(chain_id: &str, members: &[Member], funds: &Coins, output: &Output) -> Result<()> {
    let nodes: Vec<Value> = members.iter().map(json_of).collect::<Result<_>>()?;
    let mut lines = vec![format!("chain {chain_id}, {} validator(s); each account holds {funds}", members.len())];
    for member in members {
        let (home, address) = (member.home.display(), &member.key.address);
        lines.push(format!("{}  {address}  akash start --dev --home {home}", member.name));
    }
    lines.push("keys: akash keys list --home HOME; they are not encrypted".to_owned());
    output.result(lines.join("\n"), &json!({ "chain_id": chain_id, "funds": funds.to_string(), "nodes": nodes }))
}

fn json_of(member: &Member) -> Result<Value> {
    let config = super::load(&member.home, &crate::args::SettingFlags::default(), &[])?.config;
    let keyring = Keyring::open(&Home::new(&member.home).keys());
    Ok(json!({
        "name": member.name, "home": member.home, "address": member.key.address.to_string(),
        "key_file": keyring.path(&member.name), "rpc": config.rpc.address, "grpc": config.grpc.address,
        "rest": config.rest.address, "p2p": config.p2p.address,
    }))
}
