//! Builds the engine and its surroundings, and ends them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use ed25519_consensus::SigningKey;
use malachite::app::config::{ConsensusConfig, NodeConfig as EngineConfig, P2pConfig, ValueSyncConfig};
use malachite::app::types::Keypair;
use malachite::{
    Channels, ConsensusContext, EngineBuilder, EngineHandle, NetworkContext, NetworkIdentity, RequestContext,
    Signer as _, SyncContext, WalContext,
};
use malachite_codec::Codec as _;
use tokio::sync::{mpsc, oneshot};

use super::adapter::Adapter;
use super::codec::NodeCodec;
use super::context::{Address, Context};
use super::signer::{BlockSigner, BlockVerifier};
use super::watch::Watch;
use crate::chain::executor::{ChainError, Executor};
use crate::chain::validators::address_of;
use crate::stop::{Fatal, Stop, Stopping};

/// Requests of ours that may wait for the engine.
const REQUESTS_MAX: usize = 100;
/// Nodes of a test network share one address.
const CONNECTIONS_PER_ADDRESS: usize = 100;
const STOP_WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("the consensus engine did not start: {0}")]
    Start(String),
    #[error("the consensus engine has stopped; the cause is logged above, often a disk that is full or failing")]
    Gone,
    #[error("height {0} was decided for a block that this node does not have")]
    UnknownDecision(u64),
    #[error("persistent peer {peer}: {reason}; expected a form like /ip4/10.0.0.1/tcp/26656")]
    Peer { peer: String, reason: String },
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// What the engine's own network and log need.
pub struct Network {
    pub moniker: String,
    pub listen: SocketAddr,
    pub persistent_peers: Vec<String>,
    pub node_key: SigningKey,
    pub wal: PathBuf,
    pub data: PathBuf,
    /// Kept up to date for servers.
    pub peers: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct Config {
    moniker: String,
    consensus: ConsensusConfig,
    sync: ValueSyncConfig,
}

impl EngineConfig for Config {
    fn moniker(&self) -> &str {
        &self.moniker
    }

    fn consensus(&self) -> &ConsensusConfig {
        &self.consensus
    }

    fn consensus_mut(&mut self) -> &mut ConsensusConfig {
        &mut self.consensus
    }

    fn value_sync(&self) -> &ValueSyncConfig {
        &self.sync
    }

    fn value_sync_mut(&mut self) -> &mut ValueSyncConfig {
        &mut self.sync
    }
}

/// A running engine with the thread that answers it.
pub struct Engine {
    handle: EngineHandle,
    stop: Stop,
    ended: oneshot::Receiver<()>,
}

fn config(network: &Network) -> Result<Config, EngineError> {
    let protocol = if network.listen.is_ipv4() { "ip4" } else { "ip6" };
    let listen = format!("/{protocol}/{}/tcp/{}", network.listen.ip(), network.listen.port());
    let mut persistent_peers = Vec::new();
    for peer in &network.persistent_peers {
        persistent_peers
            .push(peer.parse().map_err(|error| EngineError::Peer { peer: peer.clone(), reason: format!("{error}") })?);
    }
    let mut p2p = P2pConfig {
        listen_addr: listen.parse().map_err(|error| EngineError::Start(format!("{listen}: {error}")))?,
        persistent_peers,
        ..Default::default()
    };
    p2p.discovery.enabled = true;
    p2p.discovery.max_connections_per_ip = CONNECTIONS_PER_ADDRESS;
    p2p.discovery.ip_throttle_duration = Duration::from_millis(1);
    let consensus = ConsensusConfig { p2p, ..Default::default() };
    Ok(Config { moniker: network.moniker.clone(), consensus, sync: ValueSyncConfig::default() })
}

type Parts = (Channels<Context>, EngineHandle);

async fn build(
    network: &Network,
    chain_id: &str,
    key: &SigningKey,
    signer: &BlockSigner,
) -> Result<Parts, EngineError> {
    let failed = |error: &dyn std::fmt::Display| EngineError::Start(error.to_string());
    let node_key = Keypair::ed25519_from_bytes(network.node_key.to_bytes()).map_err(|error| failed(&error))?;
    let public_key = key.verification_key().to_bytes();
    let me = Address(address_of(&public_key));
    let peer_id = node_key.public().to_peer_id().to_bytes();
    let proof = signer.sign_validator_proof(public_key.to_vec(), peer_id).await.map_err(|error| failed(&error))?;
    let proof = NodeCodec.encode(&proof).map_err(|error| failed(&error))?;
    let identity = NetworkIdentity::new_validator(network.moniker.clone(), node_key, me.to_string(), proof);
    let verifier = BlockVerifier { chain_id: chain_id.to_string() };
    EngineBuilder::new(Context, config(network)?)
        .with_default_wal(WalContext::new(network.wal.clone(), NodeCodec))
        .with_default_network(NetworkContext::new(identity, NodeCodec))
        .with_default_consensus(ConsensusContext::new_validator(me, Box::new(verifier), Box::new(signer.clone())))
        .with_default_sync(SyncContext::new(NodeCodec))
        .with_default_request(RequestContext::new(REQUESTS_MAX))
        .build()
        .await
        .map_err(|error| failed(&format!("{error:#}")))
}

/// Starts the engine over a chain that is caught up. From here on the executor belongs to the engine's thread.
pub async fn start(
    network: Network,
    executor: Executor,
    key: &SigningKey,
    signer: BlockSigner,
    block_interval: Duration,
    fatal: Fatal,
) -> Result<Engine, EngineError> {
    let chain_id = executor.constants().chain_id.to_string();
    let (channels, handle) = build(&network, &chain_id, key, &signer).await?;
    let me = Address(address_of(key.verification_key().as_bytes()));
    let adapter = Adapter::new(executor, signer, me, block_interval, channels.network.clone())?;
    let (stop, stopping) = Stop::new();
    let (end, ended) = oneshot::channel();
    let watch = Watch {
        engine: channels.requests.clone(),
        network: channels.net_requests.clone(),
        data: network.data,
        peers: network.peers,
        fatal: fatal.clone(),
    };
    tokio::spawn(watch.run(stopping.clone()));
    spawn_adapter(adapter, channels.consensus, stopping, fatal, end)?;
    Ok(Engine { handle, stop, ended })
}

/// Executing blocks is work without awaiting: it gets a thread of its own and never delays servers.
fn spawn_adapter(
    mut adapter: Adapter,
    messages: mpsc::Receiver<malachite::AppMsg<Context>>,
    stopping: Stopping,
    fatal: Fatal,
    end: oneshot::Sender<()>,
) -> Result<(), EngineError> {
    let runtime = tokio::runtime::Handle::current();
    let body = move || {
        let seen = stopping.clone();
        let run = std::panic::AssertUnwindSafe(|| runtime.block_on(adapter.run(messages, stopping)));
        match std::panic::catch_unwind(run) {
            Ok(Ok(())) => {}
            Ok(Err(EngineError::Gone)) if seen.is_now() => {}
            Ok(Err(error)) => fatal.report(error.to_string()),
            Err(_) => fatal.report("the thread that executes blocks panicked; the cause is logged above"),
        }
        drop(adapter);
        let _ = end.send(());
    };
    std::thread::Builder::new()
        .name("engine".to_string())
        .spawn(body)
        .map(drop)
        .map_err(|error| EngineError::Start(error.to_string()))
}

impl Engine {
    /// Lets the block at work finish, then ends the engine's actors.
    pub async fn stop(self) {
        self.stop.now();
        let _ = self.ended.await;
        self.handle.actor.get_cell().stop_children(None);
        self.handle.actor.stop(None);
        if tokio::time::timeout(STOP_WITHIN, self.handle.handle).await.is_err() {
            tracing::warn!("the consensus engine did not end in time");
        }
    }
}
