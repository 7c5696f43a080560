//! Putting the parts together, and taking them apart.

use std::fs::File;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use akash_app::{App, AppConfig, Genesis};
use akash_types::coin::DecCoins;
use ed25519_consensus::SigningKey;
use tokio::task::JoinHandle;

use crate::blocks::BlockStore;
use crate::chain::executor::{ChainError, Executor};
use crate::chain::published::Published;
use crate::chain::validators::address_of;
use crate::clock::Clock;
use crate::config::{Home, NodeConfig};
use crate::disk::FjallStore;
use crate::engine::context::LinearTimeouts;
use crate::engine::last_sign::{LastSign, Position, Step};
use crate::engine::network::Network;
use crate::engine::signer::BlockSigner;
use crate::engine::{self, Engine};
use crate::error::NodeError;
use crate::maintenance::snapshots;
use crate::metrics::Figures;
use crate::server_state::{Identity, ServerState};
use crate::servers::{Addresses, Listeners};
use crate::stop::{Fatal, Stop, Stopping};
use crate::work::Work;
use crate::{init, keys, servers, upgrade};

/// Connections that are still open when the node stops get this long.
const SERVERS_STOP_WITHIN: Duration = Duration::from_secs(2);

/// A running node. Dropping it stops it without waiting; `stop` is the orderly way.
pub struct Node {
    addresses: Addresses,
    engine: Engine,
    stop: Stop,
    servers: Vec<JoinHandle<()>>,
    fatal: Fatal,
    published: Published,
    blocks: Weak<BlockStore>,
    _lock: File,
}

struct Keys {
    consensus: SigningKey,
    node: SigningKey,
}

impl Node {
    pub async fn start(config: NodeConfig) -> Result<Node, NodeError> {
        let home = Home::new(&config.home);
        let genesis = init::read_genesis(&home)?;
        let lock = init::lock(&home)?;
        engine::check_room(&home.data()).map_err(NodeError::DiskFull)?;
        // The engine opens its own socket; whether it can is tried here, because it would only log.
        drop(servers::bind("p2p", config.p2p.address).await?);
        let listeners = Listeners::bind(&config).await?;
        let keys = Keys {
            consensus: keys::read_consensus_key(&home.consensus_key())?,
            node: keys::read_node_key(&home.node_key())?,
        };
        let executor = open_chain(&home, &genesis, &config).await?;
        let last_sign = LastSign::open(&home.last_sign())?;
        check_last_sign(&executor, &keys.consensus, &last_sign, &home)?;

        let fatal = Fatal::default();
        let (stop, stopping) = Stop::new();
        let state = server_state(&config, genesis, &executor, &keys, &listeners, stopping);
        let signer = BlockSigner::new(
            state.genesis.chain_id.clone(),
            keys.consensus.clone(),
            last_sign,
            fatal.clone(),
            Clock::system(),
        );
        let settings = engine_settings(&config, &home, keys.node);
        let engine = engine::start(settings, executor, signer, state.engine.clone(), fatal.clone()).await?;
        let (published, blocks) = (state.published.clone(), Arc::downgrade(&state.blocks));
        let addresses = listeners.addresses();
        let mut servers = listeners.serve(&state);
        let (storage, stopping) = (config.storage.clone(), state.stopping.clone());
        servers.push(tokio::spawn(snapshots::run(home, storage, published.clone(), blocks.clone(), stopping)));
        Ok(Node { addresses, engine, stop, servers, fatal, published, blocks, _lock: lock })
    }

    /// Where JSON-RPC is served, if it is.
    #[must_use]
    pub fn rpc_address(&self) -> Option<SocketAddr> {
        self.addresses.rpc
    }

    /// Where gRPC is served, if it is.
    #[must_use]
    pub fn grpc_address(&self) -> Option<SocketAddr> {
        self.addresses.grpc
    }

    /// Where REST is served, if it is.
    #[must_use]
    pub fn rest_address(&self) -> Option<SocketAddr> {
        self.addresses.rest
    }

    /// Where metrics are served, if they are.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.addresses.metrics
    }

    /// The last committed height; 0 before the first block.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.published.snapshot().height
    }

    /// Returns only when the node cannot go on, with the reason. It should be stopped then.
    pub async fn wait(&self) -> NodeError {
        NodeError::Stopped(self.fatal.wait().await)
    }

    /// The block at work is finished, then everything ends.
    pub async fn stop(mut self) -> Result<(), NodeError> {
        self.stop.now();
        self.engine.stop().await;
        for mut server in self.servers.drain(..) {
            if tokio::time::timeout(SERVERS_STOP_WITHIN, &mut server).await.is_err() {
                server.abort();
            }
        }
        wait_until_free(&self.blocks).await;
        match self.fatal.reason() {
            Some(reason) => Err(NodeError::Stopped(reason)),
            None => Ok(()),
        }
    }
}

fn engine_settings(config: &NodeConfig, home: &Home, node_key: SigningKey) -> engine::Settings {
    let consensus = &config.consensus;
    let timeouts = LinearTimeouts {
        propose: consensus.timeout_propose,
        propose_delta: consensus.timeout_propose_delta,
        prevote: consensus.timeout_vote,
        prevote_delta: consensus.timeout_vote_delta,
        precommit: consensus.timeout_vote,
        precommit_delta: consensus.timeout_vote_delta,
        ..LinearTimeouts::default()
    };
    engine::Settings {
        network: Network {
            moniker: config.base.moniker.clone(),
            listen: config.p2p.address,
            persistent_peers: config.p2p.persistent_peers.clone(),
            node_key,
            discovery: config.p2p.discovery,
        },
        wal: home.wal(),
        data: home.data(),
        broadcast: config.mempool.broadcast,
        pacing: engine::Pacing {
            block_interval: consensus.timeout_commit,
            timeouts,
            empty_blocks_interval: (!consensus.create_empty_blocks).then_some(consensus.create_empty_blocks_interval),
        },
    }
}

/// Connections that end hold the database for a moment; the home is free only after them.
async fn wait_until_free(blocks: &Weak<BlockStore>) {
    let wait = async {
        while blocks.strong_count() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    if tokio::time::timeout(SERVERS_STOP_WITHIN, wait).await.is_err() {
        tracing::warn!("the database is still in use");
    }
}

/// Opening rebuilds the commitment and may execute blocks: off the event loop.
async fn open_chain(home: &Home, genesis: &Genesis, config: &NodeConfig) -> Result<Executor, NodeError> {
    let (path, genesis) = (home.database(), genesis.clone());
    let (chain, mempool, storage) = (config.chain.clone(), config.mempool.clone(), config.storage.clone());
    let open = move || {
        let prices = &*chain.min_gas_prices;
        let min_gas_prices =
            prices.parse::<DecCoins>().map_err(|error| NodeError::MinGasPrices(format!("{prices:?}: {error}")))?;
        let store = FjallStore::open(&path).map_err(|error| NodeError::Store(error.to_string()))?;
        let blocks = BlockStore::open(store.database())?;
        blocks.set_keep_blocks(storage.keep_blocks);
        let app_config = AppConfig {
            min_gas_prices,
            simulation_gas: chain.simulation_gas,
            skipped_upgrades: chain.unsafe_skip_upgrades,
            store: storage.store_options(),
            ..AppConfig::default()
        };
        let app = App::open(Arc::new(store), app_config)?;
        Ok(Executor::open(app, blocks, &genesis, &mempool)?)
    };
    match tokio::task::spawn_blocking(open).await {
        Ok(executor) => executor.inspect_err(|error| {
            if let NodeError::Chain(ChainError::Upgrade(needed)) = error {
                upgrade::announce(&home.data(), needed);
            }
        }),
        Err(error) => Err(NodeError::Store(error.to_string())),
    }
}

/// A vote state that knows less than the chain: whoever can follow others does so until its key was silent for a
/// while (`engine::catch_up`), but nobody can be waited for when the chain does not go on without this validator.
fn check_last_sign(executor: &Executor, key: &SigningKey, last_sign: &LastSign, home: &Home) -> Result<(), NodeError> {
    let commit = &executor.tip().commit;
    let own = tendermint::account::Id::new(address_of(key.verification_key().as_bytes()));
    if !commit.signatures.iter().any(|entry| entry.is_commit() && entry.validator_address() == Some(own)) {
        return Ok(());
    }
    let validators = &executor.tip().next_validators;
    let power = validators.find(own.as_bytes()).map_or(0, |validator| validator.power);
    if u128::from(power) * 3 < u128::from(validators.total_power()) {
        return Ok(());
    }
    let chain_height = commit.height.value();
    let signed = Position { height: chain_height, round: commit.round.value(), step: Step::Precommit };
    if last_sign.position() >= Some(signed) {
        return Ok(());
    }
    Err(NodeError::SignedElsewhere { chain_height, path: home.last_sign() })
}

fn server_state(
    config: &NodeConfig,
    genesis: Genesis,
    executor: &Executor,
    keys: &Keys,
    listeners: &Listeners,
    stopping: Stopping,
) -> Arc<ServerState> {
    let public_key = keys.consensus.verification_key().to_bytes();
    let identity = Identity {
        moniker: config.base.moniker.clone(),
        node_id: keys::node_id(&keys.node),
        listen_address: format!("tcp://{}", config.p2p.address),
        rpc_address: listeners.addresses().rpc.map_or_else(String::new, |address| format!("tcp://{address}")),
        public_key,
        address: address_of(&public_key),
        app_version: executor.tip().params.app_version,
        version: config.version.clone(),
    };
    Arc::new(ServerState {
        published: executor.published().clone(),
        blocks: executor.blocks().clone(),
        mempool: executor.mempool().clone(),
        figures: Arc::new(Figures::new(&genesis.chain_id)),
        work: Work::default(),
        config: config.clone(),
        genesis,
        identity,
        evidence: executor.evidence().clone(),
        engine: Arc::default(),
        subscribers: Arc::default(),
        stopping,
    })
}
