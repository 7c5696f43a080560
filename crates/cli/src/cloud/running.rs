//! Everything that runs while `akash up` runs.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use akash_client::gateway::Identity;
use akash_client::{Client, Endpoints, Keyring};
use akash_cluster::Cluster;
use akash_cluster::embedded::{Embedded, EmbeddedConfig, LoopbackRegistries, OpenError};
use akash_cluster::registry::Registry;
use akash_node::config::GasPrices;
use akash_node::{Node, NodeConfig};
use akash_provider::{PriceTable, Provider, ProviderConfig, Settings};
use akash_types::key::SecretKey;
use anyhow::{Context, Result, anyhow};
use tokio::time::{Instant, sleep};

use super::{DOMAIN, GAS_PRICE, PROVIDER, sample};
use crate::failure::{Exit, Failure};
use crate::home::{Cloud, Home, Ports};
use crate::output::Output;

const BLOCK_INTERVAL: Duration = Duration::from_millis(200);
/// The first block of a new chain takes a moment; a chain that makes none for so long is broken.
const FIRST_BLOCK_LIMIT: Duration = Duration::from_secs(30);
const PRICES: &str = include_str!("prices.toml");

/// A cloud that runs.
pub struct Running {
    node: Node,
    provider: Provider,
    cluster: Arc<Embedded>,
    registry: Registry,
}

impl Running {
    /// Starts all parts, each when those that it needs answer.
    pub async fn start(home: &Home, cloud: &Cloud, output: &Output) -> Result<Self> {
        output.waiting("starting containers");
        let cluster = open_cluster(home, Some(cloud.ports)).await?;
        let registry = sample::serve(loopback(cloud.ports.registry)).await?;
        output.waiting("starting the chain");
        let node = start_node(home, cloud).await?;
        let client = client_of(cloud)?;
        let height = wait_for_block(&client).await?;
        output.step(format!("chain {} at height {height}", cloud.chain_id));
        output.waiting("starting the provider");
        let provider = start_provider(home, cloud, &client, Arc::clone(&cluster)).await?;
        output.step(format!("provider {} takes orders", cloud.provider));
        Ok(Self { node, provider, cluster, registry })
    }

    /// Waits until a part ends that should not.
    pub async fn failed(&mut self) -> anyhow::Error {
        tokio::select! {
            reason = self.node.wait() => anyhow!("the node stopped: {reason}"),
            reason = self.provider.wait() => anyhow!("the provider stopped: {reason}"),
        }
    }

    /// Stops all parts in the opposite order. Containers end too; the next start runs them again.
    pub async fn stop(self) -> Result<()> {
        self.provider.stop().await;
        self.cluster.stop_containers().await.context("cannot stop all containers")?;
        self.node.stop().await.context("the node did not stop well")?;
        drop(self.registry);
        Ok(())
    }
}

/// The provider keeps the manifests, so that it runs them again at the next start.
pub async fn end_containers(cluster: &Embedded) -> Result<()> {
    for workload in cluster.deployments().await.context("cannot list the containers")? {
        cluster.teardown(&workload.lease).await.context("cannot end the containers")?;
    }
    Ok(())
}

/// A client of the node of this cloud.
pub fn client_of(cloud: &Cloud) -> Result<Client> {
    let endpoints = Endpoints {
        rpc: format!("http://127.0.0.1:{}", cloud.ports.rpc),
        grpc: format!("http://127.0.0.1:{}", cloud.ports.grpc),
    };
    Ok(Client::new(endpoints)?)
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// The containers of this home; with `ports` also their ingress and the registry for the sample.
pub async fn open_cluster(home: &Home, ports: Option<Ports>) -> Result<Arc<Embedded>> {
    let mut config = EmbeddedConfig::new(home.cluster());
    if let Some(ports) = ports {
        config.ingress = Some(loopback(ports.ingress));
        let sample = [(sample::REGISTRY_HOST.to_owned(), loopback(ports.registry))];
        config.loopback_registries = LoopbackRegistries::Named(sample.into());
    }
    Ok(Arc::new(Embedded::open(config).await.map_err(explain_open)?))
}

/// Why there can be no containers, and what to do.
pub fn explain_open(error: OpenError) -> anyhow::Error {
    let next = match &error {
        OpenError::Rights(_) => "run as root on Linux, for example with sudo",
        OpenError::Busy(_) => "another process manages these containers; end it first",
        _ => return error.into(),
    };
    Failure::new(Exit::Config, error.to_string()).next(next).into()
}

async fn start_node(home: &Home, cloud: &Cloud) -> Result<Node> {
    let mut config = NodeConfig::play(&home.node());
    config.base.moniker = "play".to_owned();
    config.rpc.address = Some(loopback(cloud.ports.rpc));
    config.grpc.address = Some(loopback(cloud.ports.grpc));
    config.rest.address = Some(loopback(cloud.ports.rest));
    config.p2p.address = loopback(cloud.ports.p2p);
    config.consensus.timeout_commit = BLOCK_INTERVAL;
    config.chain.min_gas_prices = GasPrices::parse(GAS_PRICE).map_err(anyhow::Error::msg)?;
    Node::start(config).await.context("cannot start the node")
}

async fn wait_for_block(client: &Client) -> Result<u64> {
    let deadline = Instant::now() + FIRST_BLOCK_LIMIT;
    loop {
        match client.rpc().status().await {
            Ok(status) if status.height > 0 => return Ok(status.height),
            Ok(_) => {}
            Err(error) if error.is_unknown() => {}
            Err(error) => return Err(error.into()),
        }
        if Instant::now() > deadline {
            return Err(anyhow!("the chain made no block within {} s", FIRST_BLOCK_LIMIT.as_secs()));
        }
        sleep(Duration::from_millis(20)).await;
    }
}

async fn start_provider(home: &Home, cloud: &Cloud, client: &Client, cluster: Arc<Embedded>) -> Result<Provider> {
    let key = Keyring::open(&home.keys()).require(PROVIDER)?;
    let identity = Identity::open_or_create(&home.provider(), &key.address, &[DOMAIN.to_owned()])?;
    let config = provider_config(&home.provider(), cloud, key.secret, &identity)?;
    akash_provider::register(client, &config, &identity).await.context("cannot register the provider")?;
    Provider::start(config, cluster).await.context("cannot start the provider")
}

fn provider_config(folder: &Path, cloud: &Cloud, key: SecretKey, identity: &Identity) -> Result<ProviderConfig> {
    Ok(ProviderConfig {
        home: folder.to_path_buf(),
        key,
        rpc: format!("http://127.0.0.1:{}", cloud.ports.rpc),
        grpc: format!("http://127.0.0.1:{}", cloud.ports.grpc),
        gateway: loopback(cloud.ports.gateway),
        domain: DOMAIN.to_owned(),
        ingress_port: cloud.ports.ingress,
        pricing: PriceTable::from_toml(PRICES)?,
        host_uri: format!("https://localhost:{}", cloud.ports.gateway),
        certificate: identity.into(),
        settings: Settings { gas_price: GAS_PRICE.parse()?, ..Settings::default() },
    })
}
