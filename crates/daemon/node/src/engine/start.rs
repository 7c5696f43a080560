//! Builds the engine and its surroundings, and ends them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use malachite::app::config::{ConsensusConfig, NodeConfig as EngineConfig, ValueSyncConfig};
use malachite::{Channels, ConsensusContext, EngineBuilder, EngineHandle, RequestContext, SyncContext, WalContext};
use tokio::sync::{mpsc, oneshot};

use super::adapter::Adapter;
use super::catch_up::CatchUp;
use super::codec::NodeCodec;
use super::context::{Address, Context, LinearTimeouts};
use super::last_sign::LastSignError;
use super::network::{ANSWER_BYTES_MAX, ANSWER_WITHIN, Network, PARALLEL_REQUESTS};
use super::serve::serve;
use super::signer::{BlockSigner, BlockVerifier};
use super::view::View;
use super::watch::Watch;
use crate::chain::executor::{ChainError, Executor};
use crate::chain::validators::address_of;
use crate::p2p::{Gossip, Outgoing, SyncAnswer, network};
use crate::stop::{Fatal, Stop, Stopping};
use crate::upgrade;

/// Requests of ours that may wait for the engine.
const REQUESTS_MAX: usize = 100;
/// Blocks that the engine asks a peer for at once.
const SYNC_BATCH: usize = 20;
const STOP_WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("the consensus engine did not start: {0}")]
    Start(String),
    #[error(transparent)]
    LastSign(#[from] LastSignError),
    #[error("the consensus engine has stopped; the cause is logged above, often a disk that is full or failing")]
    Gone,
    #[error("height {0} was decided for a block that this node does not have")]
    UnknownDecision(u64),
    #[error("persistent peer {peer}: {reason}; expected a form like /ip4/10.0.0.1/tcp/26656")]
    Peer { peer: String, reason: String },
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// How this node takes part.
pub struct Settings {
    pub network: Network,
    pub wal: PathBuf,
    pub data: PathBuf,
    /// Whether transactions are passed on.
    pub broadcast: bool,
    pub pacing: Pacing,
}

/// When blocks are made.
#[derive(Copy, Clone, Debug)]
pub struct Pacing {
    /// From a committed block to the next.
    pub block_interval: Duration,
    pub timeouts: LinearTimeouts,
    /// How long a block without transactions is put off; None: not at all.
    pub empty_blocks_interval: Option<Duration>,
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
    stop: Stop,
    ended: oneshot::Receiver<()>,
}

/// All that the engine's thread owns.
struct Worker {
    settings: Settings,
    executor: Executor,
    signer: BlockSigner,
    me: Address,
    outgoing: Outgoing,
    answers: mpsc::Receiver<SyncAnswer>,
    /// Dropped when the engine answers its peers itself.
    serving: oneshot::Sender<()>,
    view: Arc<View>,
    stopping: Stopping,
    fatal: Fatal,
}

/// Starts network, gossip and engine over a chain. From here on the executor belongs to the engine's thread.
pub async fn start(
    settings: Settings,
    executor: Executor,
    signer: BlockSigner,
    view: Arc<View>,
    fatal: Fatal,
) -> Result<Engine, EngineError> {
    let me = Address(address_of(&signer.public_key()));
    let identity = settings.network.identity(me, &signer).await?;
    let config = settings.network.config()?;
    let (outgoing, incoming) = network::spawn(identity, config, view.peers.clone(), signer.clone())
        .await
        .map_err(|error| EngineError::Start(error.to_string()))?;
    let (stop, stopping) = Stop::new();
    let gossip = Gossip {
        outgoing: outgoing.clone(),
        incoming: incoming.txs,
        mempool: executor.mempool().clone(),
        peers: view.peers.clone(),
        blocks: executor.blocks().clone(),
        broadcast: settings.broadcast,
    };
    tokio::spawn(gossip.run(stopping.clone()));
    let (serving, done) = oneshot::channel::<()>();
    let serve = serve(incoming.requests, executor.blocks().clone(), outgoing.clone());
    tokio::spawn(async move {
        tokio::select! {
            () = serve => {}
            _ = done => {}
        }
    });
    let answers = incoming.answers;
    let worker = Worker { settings, executor, signer, me, outgoing, answers, serving, view, stopping, fatal };
    let (end, ended) = oneshot::channel();
    spawn_worker(worker, end)?;
    Ok(Engine { stop, ended })
}

/// Executing blocks is work without awaiting: it gets a thread of its own and never delays servers.
fn spawn_worker(worker: Worker, end: oneshot::Sender<()>) -> Result<(), EngineError> {
    let runtime = tokio::runtime::Handle::current();
    let body = move || {
        let (seen, fatal) = (worker.stopping.clone(), worker.fatal.clone());
        let (network, data) = (worker.outgoing.clone(), worker.settings.data.clone());
        let run = std::panic::AssertUnwindSafe(|| runtime.block_on(worker.run()));
        match std::panic::catch_unwind(run) {
            Ok(Ok(())) => {}
            Ok(Err(EngineError::Gone)) if seen.is_now() => {}
            Ok(Err(error)) => {
                if let EngineError::Chain(ChainError::Upgrade(needed)) = &error {
                    upgrade::announce(&data, needed);
                }
                fatal.report(error.to_string());
            }
            Err(_) => fatal.report("the thread that executes blocks panicked; the cause is logged above"),
        }
        let stopped = network.actor().stop_and_wait(None, Some(STOP_WITHIN));
        if runtime.block_on(stopped).is_err() {
            tracing::warn!("the network did not end in time");
        }
        let _ = end.send(());
    };
    std::thread::Builder::new()
        .name("engine".to_string())
        .spawn(body)
        .map(drop)
        .map_err(|error| EngineError::Start(error.to_string()))
}

impl Worker {
    async fn run(mut self) -> Result<(), EngineError> {
        let catch_up = CatchUp {
            executor: &mut self.executor,
            me: self.me,
            signed: self.signer.position(),
            outgoing: self.outgoing.clone(),
            answers: self.answers,
            view: self.view.clone(),
        };
        if catch_up.run(self.stopping.clone()).await? {
            return Ok(());
        }
        let chain_id = self.executor.constants().chain_id.to_string();
        let (channels, handle) = build(&self.settings, chain_id, self.me, &self.signer, &self.outgoing).await?;
        drop(self.serving);
        let watch = Watch {
            engine: channels.requests.clone(),
            network: channels.net_requests.clone(),
            data: self.settings.data.clone(),
            peers: self.view.peers.clone(),
            fatal: self.fatal.clone(),
        };
        tokio::spawn(watch.run(self.stopping.clone()));
        let mut adapter = Adapter::new(
            self.executor,
            self.signer,
            self.me,
            &self.settings.pacing,
            channels.network.clone(),
            self.view,
        )?;
        let result = adapter.run(channels.consensus, self.stopping).await;
        drop(adapter);
        stop_actors(handle).await;
        result
    }
}

async fn stop_actors(engine: EngineHandle) {
    engine.actor.get_cell().stop_children(None);
    engine.actor.stop(None);
    if tokio::time::timeout(STOP_WITHIN, engine.handle).await.is_err() {
        tracing::warn!("the consensus engine did not end in time");
    }
}

async fn build(
    settings: &Settings,
    chain_id: String,
    me: Address,
    signer: &BlockSigner,
    outgoing: &Outgoing,
) -> Result<(Channels<Context>, EngineHandle), EngineError> {
    let config = Config {
        moniker: settings.network.moniker.clone(),
        consensus: ConsensusConfig::default(),
        // No interval: where our chain ends is said after every block, and by the gossip task in between.
        sync: ValueSyncConfig {
            status_update_interval: Duration::ZERO,
            request_timeout: ANSWER_WITHIN,
            parallel_requests: PARALLEL_REQUESTS,
            batch_size: SYNC_BATCH,
            max_response_size: format!("{ANSWER_BYTES_MAX} B").parse().map_err(EngineError::Start)?,
            ..ValueSyncConfig::default()
        },
    };
    let verifier = BlockVerifier { chain_id };
    let (to_network, mut messages) = mpsc::channel::<malachite::NetworkMsg<Context>>(1);
    let actor = outgoing.actor().clone();
    let forward = async move {
        while let Some(message) = messages.recv().await {
            if actor.cast(message.into()).is_err() {
                return;
            }
        }
    };
    tokio::spawn(forward);
    EngineBuilder::new(Context, config)
        .with_default_wal(WalContext::new(settings.wal.clone(), NodeCodec))
        .with_custom_network(outgoing.actor().clone(), to_network)
        .with_default_consensus(ConsensusContext::new_validator(me, Box::new(verifier), Box::new(signer.clone())))
        .with_default_sync(SyncContext::new(NodeCodec))
        .with_default_request(RequestContext::new(REQUESTS_MAX))
        .build()
        .await
        .map_err(|error| EngineError::Start(format!("{error:#}")))
}

impl Engine {
    /// Lets the block at work finish, then ends the engine's actors.
    pub async fn stop(self) {
        self.stop.now();
        let _ = self.ended.await;
    }
}
