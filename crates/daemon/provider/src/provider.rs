//! A running provider: its parts put together, started and stopped.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use akash_client::{Client, ClientError, Endpoints};
use akash_cluster::Cluster;
use akash_types::address::Address;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::bid::engine::Engine;
use crate::chain::client::ClientChain;
use crate::chain::trust::Trust;
use crate::chain::{Chain, follow};
use crate::config::ProviderConfig;
use crate::core::Core;
use crate::disk::DiskError;
use crate::gateway::{Gateway, GatewayError};
use crate::journal::Journal;
use crate::lease::reconciler::Reconciler;
use crate::manifest::store::Manifests;
use crate::tx::{Queue, QueueConfig};

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error("another provider works in {0}")]
    InUse(PathBuf),
    #[error("cannot use {path}: {error}")]
    Home { path: PathBuf, error: std::io::Error },
}

/// A provider at work. Dropping it stops it too, but without waiting.
pub struct Provider {
    core: Arc<Core>,
    gateway: SocketAddr,
    stop: CancellationToken,
    parts: JoinSet<&'static str>,
    /// Locked as long as we live, so that no second provider works on the same files.
    _lock: File,
}

impl Provider {
    /// Starts on the files that an earlier process left. The node need not answer yet: until it does, everything that
    /// runs keeps running.
    pub async fn start(config: ProviderConfig, cluster: Arc<dyn Cluster>) -> Result<Self, StartError> {
        let client = Client::new(Endpoints { rpc: config.rpc.clone(), grpc: config.grpc.clone() })?;
        Self::start_on(Arc::new(ClientChain::new(client)), config, cluster).await
    }

    pub(crate) async fn start_on(
        chain: Arc<dyn Chain>,
        config: ProviderConfig,
        cluster: Arc<dyn Cluster>,
    ) -> Result<Self, StartError> {
        let lock = lock(&config.home)?;
        let trust = Arc::new(Trust::open(&config.home)?);
        let gas_price = config.settings.gas_price.clone();
        let (key, home) = (config.key.clone(), config.home.clone());
        let queue = Queue::open(&home, Arc::clone(&chain), Arc::clone(&trust), key, QueueConfig { gas_price })?;
        let (manifests, journal) = (Manifests::open(&home)?, Journal::open(&home));
        let core = Arc::new(Core::new(config, chain, trust, cluster, queue, manifests, journal));
        core.refresh_inventory().await;

        let gateway = Gateway::bind(Arc::clone(&core)).await?;
        let address = gateway.address().map_err(|error| StartError::Home { path: home, error })?;
        let reconciler = Reconciler::open(Arc::clone(&core))?;
        let stop = CancellationToken::new();
        let parts = spawn(&core, gateway, reconciler, &stop);
        tracing::info!(address = %core.address, gateway = %address, "the provider runs");
        Ok(Self { core, gateway: address, stop, parts, _lock: lock })
    }

    /// Where the gateway listens.
    pub const fn gateway_address(&self) -> SocketAddr {
        self.gateway
    }

    pub fn address(&self) -> &Address {
        &self.core.address
    }

    /// Why no bid was made, by order.
    pub fn declined(&self) -> BTreeMap<String, String> {
        self.core.reasons()
    }

    /// Returns only if a part ends that should not, with its name.
    pub async fn wait(&mut self) -> String {
        match self.parts.join_next().await {
            Some(Ok(part)) => format!("the provider's {part} ended"),
            Some(Err(error)) => format!("a part of the provider broke: {error}"),
            None => "the provider was stopped".to_owned(),
        }
    }

    /// Stops cleanly. Workloads keep running, open bids stay open, transactions in flight stay on disk.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.parts.join_next().await.is_some() {}
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn spawn(
    core: &Arc<Core>,
    gateway: Gateway,
    reconciler: Reconciler,
    stop: &CancellationToken,
) -> JoinSet<&'static str> {
    let mut parts = JoinSet::new();
    let (chain, heard, silence) = (Arc::clone(&core.chain), core.heard.clone(), core.config.settings.silence);
    let (queue, height, engine) = (core.queue.clone(), core.heard.height(), Engine::new(Arc::clone(core)));
    parts.spawn(part("follower", follow::run(chain, heard, silence), stop.clone()));
    parts.spawn(part("transaction queue", queue.run(height), stop.clone()));
    parts.spawn(part("bid engine", engine.run(), stop.clone()));
    parts.spawn(part("reconciler", reconciler.run(), stop.clone()));
    let gateway = gateway.run(stop.clone()); // it closes its connections itself
    parts.spawn(async move {
        gateway.await;
        "gateway"
    });
    parts
}

/// The parts bear being dropped at any moment, as they bear a `kill -9`.
async fn part(name: &'static str, work: impl Future<Output = ()>, stop: CancellationToken) -> &'static str {
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
    }
    name
}

fn lock(home: &Path) -> Result<File, StartError> {
    let failed = |error| StartError::Home { path: home.to_owned(), error };
    std::fs::create_dir_all(home).map_err(failed)?;
    let file = File::create(home.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::InUse(home.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}
