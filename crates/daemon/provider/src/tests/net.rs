//! A network of one provider and one tenant.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use akash_cluster::fake::Fake;
use akash_sdl::Manifest;
use akash_types::address::Address;
use akash_types::cert::{self, Certificate, Validity};
use akash_types::id::{DeploymentId, LeaseId, OrderId};
use akash_types::key::SecretKey;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::fake::FakeChain;
use super::tenant::Tenant;
use crate::chain::view::{BidState, DeploymentView, Escrow};
use crate::core::Core;
use crate::{GatewayCertificate, PriceTable, Provider, ProviderConfig, Settings};

const BLOCK: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(20);

pub const SDL: &str = r#"
version: "2.0"
services:
  web:
    image: play.localhost/hello:1
    expose:
      - port: 8080
        as: 80
        accept: [hello.localhost]
        to: [{global: true}]
profiles:
  compute:
    web:
      resources:
        cpu: {units: 0.1}
        memory: {size: 32Mi}
        storage: {size: 64Mi}
  placement:
    anywhere:
      pricing:
        web: {denom: uact, amount: 1000}
deployment:
  web:
    anywhere: {profile: web, count: 1}
"#;

pub const PRICES: &str = r#"
[uact]
cpu_milli = "0.1"
memory_mib = "0.1"
[uact.storage_mib]
ephemeral = "0.01"
"#;

pub struct Net {
    pub chain: FakeChain,
    pub cluster: Fake,
    pub key: SecretKey,
    pub owner: Address,
    pub settings: Settings,
    pub prices: &'static str,
    server: Certificate,
    client: Certificate,
    home: TempDir,
    provider: Option<Provider>,
    blocks: JoinHandle<()>,
}

impl Drop for Net {
    fn drop(&mut self) {
        self.blocks.abort();
    }
}

pub fn manifest(sdl: &str) -> Manifest {
    akash_sdl::read(sdl).unwrap().manifest().clone()
}

pub fn certificate(owner: &Address, names: &[String]) -> Certificate {
    let now = Core::now();
    cert::generate(owner, names, Validity { not_before: now - 60, not_after: now + 3600 }).unwrap()
}

impl Net {
    /// The chain makes blocks; the provider is not started yet.
    pub fn new() -> Self {
        let chain = FakeChain::new();
        let key = SecretKey::generate();
        let owner = SecretKey::generate().public().address();
        let server = certificate(&key.public().address(), &["localhost".to_owned()]);
        let client = certificate(&owner, &[]);
        chain.publish_certificate(&owner, &client.serial.to_string(), &client.cert_pem, &client.pubkey_pem);
        let blocks = tokio::spawn({
            let chain = chain.clone();
            async move {
                loop {
                    sleep(BLOCK).await;
                    chain.tick();
                }
            }
        });
        let settings = Settings { compare_every: Duration::from_millis(200), ..Settings::default() };
        let home = tempfile::tempdir().unwrap();
        let (cluster, prices, provider) = (Fake::new(), PRICES, None);
        Self { chain, cluster, key, owner, settings, prices, server, client, home, provider, blocks }
    }

    pub fn config(&self) -> ProviderConfig {
        ProviderConfig {
            home: self.home.path().to_owned(),
            key: self.key.clone(),
            rpc: String::new(),
            grpc: String::new(),
            gateway: SocketAddr::from(([127, 0, 0, 1], 0)),
            domain: "localhost".into(),
            ingress_port: 8080,
            pricing: PriceTable::from_toml(self.prices).unwrap(),
            host_uri: "https://localhost:8443".into(),
            certificate: GatewayCertificate {
                cert_pem: self.server.cert_pem.clone(),
                key_pem: self.server.key_pem.to_string(),
            },
            settings: self.settings.clone(),
        }
    }

    pub async fn start(&mut self) {
        let (chain, cluster) = (Arc::new(self.chain.clone()), Arc::new(self.cluster.clone()));
        self.provider = Some(Provider::start_on(chain, self.config(), cluster).await.unwrap());
    }

    pub async fn stop(&mut self) {
        if let Some(provider) = self.provider.take() {
            provider.stop().await;
        }
    }

    /// As `kill -9`: nothing is told that it ends. (Waits only until the files are free for the next process.)
    pub async fn kill(&mut self) {
        self.stop().await;
    }

    pub fn provider(&self) -> &Provider {
        self.provider.as_ref().unwrap()
    }

    pub fn tenant(&self) -> Tenant {
        Tenant::new(self.provider().gateway_address(), &self.server, Some(&self.client))
    }

    pub fn stranger(&self, certificate: Option<&Certificate>) -> Tenant {
        Tenant::new(self.provider().gateway_address(), &self.server, certificate)
    }

    pub fn revoke_tenant(&self) {
        self.chain.revoke_certificate(&self.owner, &self.client.serial.to_string());
    }

    pub fn address(&self) -> Address {
        self.key.public().address()
    }

    pub fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// The tenant's transaction: a deployment with the groups and the hash of this SDL.
    pub fn order(&self, dseq: u64, sdl: &str) -> OrderId {
        self.order_of(&self.owner, dseq, sdl)
    }

    pub fn order_of(&self, owner: &Address, dseq: u64, sdl: &str) -> OrderId {
        let sdl = akash_sdl::read(sdl).unwrap();
        let groups = sdl.groups().into_iter().zip(1u32..).map(|(spec, gseq)| (gseq, spec)).collect();
        let id = DeploymentId::new(owner.clone(), dseq);
        let escrow = Escrow { settled_at: 1, funds: vec![("uact".into(), "500000000".parse().unwrap())] };
        let hash = sdl.manifest().hash().to_vec();
        self.chain.deploy(DeploymentView { id, active: true, hash, groups, escrow }).remove(0)
    }

    pub async fn bid_is(&self, order: &OrderId, state: BidState) {
        eventually("the bid", || self.chain.bid_state(order, &self.address()) == Some(state)).await;
    }

    /// From an order to a running, ready workload.
    pub async fn running_lease(&self, dseq: u64, sdl: &str) -> LeaseId {
        let order = self.order(dseq, sdl);
        self.bid_is(&order, BidState::Open).await;
        let lease = self.chain.accept(&order, &self.address());
        let (status, body) = self.tenant().put_manifest(dseq, &manifest(sdl).canonical_json()).await;
        assert_eq!((status, body.as_str()), (200, ""));
        self.is_running(&lease, true).await;
        lease
    }

    pub async fn is_running(&self, lease: &LeaseId, expected: bool) {
        use akash_cluster::Cluster as _;
        for _ in 0..PATIENCE.as_millis() / 10 {
            let deployments = self.cluster.deployments().await;
            if deployments.is_ok_and(|all| all.iter().any(|workload| workload.lease == *lease) == expected) {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("lease {lease} should be running: {expected}");
    }

    /// So many more blocks.
    pub async fn blocks(&self, count: u32) {
        sleep(BLOCK * count).await;
    }
}

pub async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..PATIENCE.as_millis() / 10 {
        if condition() {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: not within {PATIENCE:?}");
}
