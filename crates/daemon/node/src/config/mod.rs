//! What a node is told at start.
//!
//! Life of a setting: it is defined once, in its section's file, with its meaning and its default; [`load`] overlays
//! the home's `config/akash.toml`, then `AKASH_NODE_<SECTION>_<KEY>` variables (`AKASH_<KEY>` for the commands' own),
//! then flags, and notes for each where its value comes from ([`Explained`]). [`NodeConfig::to_toml`] writes the file
//! that a person edits.
//!
//! Invariants: an unknown key is an error that names its line and the nearest known key; what `explain` shows is what
//! the node was started with.
//!
//! It does not know what the settings do.

mod chain;
mod client;
mod consensus;
mod grpc;
mod home;
mod load;
mod mempool;
mod metrics;
mod p2p;
mod rest;
mod rpc;
mod section;
mod setting;
mod storage;
#[cfg(test)]
mod tests;
mod write;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use chain::Chain;
pub use client::Client;
pub use consensus::Consensus;
pub use grpc::Grpc;
pub use home::Home;
pub use load::{ConfigError, Explained, Flag, Loaded, Overrides, Source};
pub use mempool::Mempool;
pub use metrics::Metrics;
pub use p2p::P2p;
pub use rest::Rest;
pub use rpc::Rpc;
use section::{Section, Visitor, section};
pub use setting::{GasPrices, Setting};
pub use storage::{Pruning, Storage};

section! {
    /// What concerns the node as a whole.
    pub struct Base in "" {
        /// How this node names itself to others.
        moniker: String = "akash".to_owned(),
    }
}

/// All that a node is told.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    pub home: PathBuf,
    /// How the software names itself to clients.
    pub version: String,
    pub base: Base,
    pub rpc: Rpc,
    pub grpc: Grpc,
    pub rest: Rest,
    pub metrics: Metrics,
    pub p2p: P2p,
    pub mempool: Mempool,
    pub consensus: Consensus,
    pub storage: Storage,
    pub chain: Chain,
    pub client: Client,
}

impl NodeConfig {
    /// Every setting at its default.
    #[must_use]
    pub fn new(home: &Path) -> Self {
        Self {
            home: home.to_path_buf(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            base: Base::default(),
            rpc: Rpc::default(),
            grpc: Grpc::default(),
            rest: Rest::default(),
            metrics: Metrics::default(),
            p2p: P2p::default(),
            mempool: Mempool::default(),
            consensus: Consensus::default(),
            storage: Storage::default(),
            chain: Chain::default(),
            client: Client::default(),
        }
    }

    /// For play networks and tests: everything on loopback, 200 ms blocks, JSON-RPC and gRPC alone.
    #[must_use]
    pub fn play(home: &Path) -> Self {
        let mut config = Self::new(home);
        config.rest.address = None;
        config.metrics.address = None;
        config.p2p.address = loopback(26_656);
        config.consensus.timeout_commit = Duration::from_millis(200);
        config
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.base.visit(visitor);
        self.rpc.visit(visitor);
        self.grpc.visit(visitor);
        self.rest.visit(visitor);
        self.metrics.visit(visitor);
        self.p2p.visit(visitor);
        self.mempool.visit(visitor);
        self.consensus.visit(visitor);
        self.storage.visit(visitor);
        self.chain.visit(visitor);
        self.client.visit(visitor);
    }
}

pub(crate) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}
