//! What a node is told at start, and where its files lie.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct NodeConfig {
    pub home: PathBuf,
    pub moniker: String,
    pub rpc: SocketAddr,
    pub grpc: SocketAddr,
    pub p2p: SocketAddr,
    /// Time between blocks; zero makes blocks as fast as they can be made.
    pub block_interval: Duration,
    /// Multiaddresses of other nodes, such as `/ip4/127.0.0.1/tcp/26656`.
    pub persistent_peers: Vec<String>,
    /// For example `0.025uakt`; empty takes transactions without a fee.
    pub min_gas_prices: String,
    /// How the software names itself to clients.
    pub version: String,
}

impl NodeConfig {
    /// The ports of CometBFT and the SDK on loopback, 200 ms blocks.
    pub fn play(home: &Path) -> Self {
        let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            home: home.to_path_buf(),
            moniker: "akash".to_string(),
            rpc: loopback(26_657),
            grpc: loopback(9_090),
            p2p: loopback(26_656),
            block_interval: Duration::from_millis(200),
            persistent_peers: Vec::new(),
            min_gas_prices: "0.025uakt".to_string(),
            version: env!("CARGO_PKG_VERSION").to_string(),
        }
    }
}

/// The layout of a node's home.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    pub fn new(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn config(&self) -> PathBuf {
        self.0.join("config")
    }

    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    pub fn genesis(&self) -> PathBuf {
        self.config().join("genesis.json")
    }

    pub fn consensus_key(&self) -> PathBuf {
        self.config().join("priv_validator_key.json")
    }

    pub fn node_key(&self) -> PathBuf {
        self.config().join("node_key.json")
    }

    pub fn last_sign(&self) -> PathBuf {
        self.data().join("priv_validator_state.json")
    }

    pub fn database(&self) -> PathBuf {
        self.data().join("state")
    }

    pub fn wal(&self) -> PathBuf {
        self.data().join("consensus.wal")
    }

    pub fn lock(&self) -> PathBuf {
        self.data().join("LOCK")
    }
}
