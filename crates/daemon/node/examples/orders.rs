//! Figures for `docs/benchmarks.md`: `cargo run --release -p akash-node --example orders -- CLOSED [MORE_CLOSED]`.
//!
//! Fills a validator with closed orders, 1,000 open ones with a bid each, and 1,000 leases, by transactions. Then it
//! stops the node, starts it again, and times the start and the first queries over gRPC; the same again after so many
//! more closed orders. What grows with history shows as a difference between the two.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_kernel::Time;
use akash_node::{Node, NodeConfig};
use akash_proto::akash::base::deposit::v1::{Deposit, Source};
use akash_proto::akash::base::resources::v1beta4::{Cpu, Gpu, Memory, ResourceValue, Resources, Storage};
use akash_proto::akash::deployment::v1beta4::{GroupSpec, MsgCloseDeployment, MsgCreateDeployment, ResourceUnit};
use akash_proto::akash::market::v1::LeaseFilters;
use akash_proto::akash::market::v1beta5::{
    BidFilters, MsgCreateBid, MsgCreateLease, OrderFilters, QueryBidsRequest, QueryBidsResponse, QueryLeasesRequest,
    QueryLeasesResponse, QueryOrdersRequest, QueryOrdersResponse,
};
use akash_proto::akash::provider::v1beta4::MsgCreateProvider;
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use akash_proto::cosmos::base::v1beta1::{Coin, DecCoin};
use akash_types::coin::Coins;
use akash_types::id::{BidId, DeploymentId};
use akash_types::key::SecretKey;
use akash_types::tx::{self, Unsigned, encode_any};
use prost::Message;
use prost_types::Any;
use tendermint_rpc::{Client as _, HttpClient};
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;

const CHAIN_ID: &str = "figures-1";
const OPEN: u64 = 1_000;
const LEASES: u64 = 1_000;
/// Messages of one transaction: a mebibyte is the mempool's limit.
const BATCH: usize = 1_000;
const GAS_OF_MESSAGE: u64 = 400_000;
/// Transactions sent and not yet in a block.
const AHEAD: u64 = 6;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let counts: Vec<u64> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let folder = std::env::temp_dir().join(format!("akash-orders-{}", std::process::id()));
    let mut market = Market::new(&folder)?;
    let mut node = Node::start(config(&folder)?).await?;
    market.open_and_lease(&node).await?;
    let mut closed = 0;
    for count in counts {
        let start = Instant::now();
        market.close(&node, count).await?;
        closed += count;
        println!("{closed} closed orders, {count} of them made in {:.0} s", start.elapsed().as_secs_f64());
        node.stop().await?;
        let start = Instant::now();
        node = Node::start(config(&folder)?).await?;
        market.measure(&node, start).await?;
    }
    node.stop().await?;
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

fn config(home: &Path) -> Result<NodeConfig, Failure> {
    let any = "127.0.0.1:0".parse()?;
    let mut config = NodeConfig::play(home);
    (config.rpc.address, config.grpc.address, config.p2p.address) = (Some(any), Some(any), any);
    config.consensus.timeout_commit = Duration::ZERO;
    Ok(config)
}

/// Tenant and provider, and what they send next.
struct Market {
    folder: PathBuf,
    tenant: SecretKey,
    provider: SecretKey,
    sequences: [u64; 2],
    next_dseq: u64,
}

impl Market {
    fn new(folder: &Path) -> Result<Self, Failure> {
        let (tenant, provider) = (SecretKey::from_bytes(&[7; 32])?, SecretKey::from_bytes(&[8; 32])?);
        let funds = Coins::parse("1000000000000000000uakt,1000000000000000000uact")?;
        let genesis = play_genesis(PlayGenesis {
            chain_id: CHAIN_ID.to_string(),
            time: Time { seconds: 1_704_067_200, nanos: 0 },
            accounts: vec![(tenant.address(), funds.clone()), (provider.address(), funds)],
            validators: vec![akash_node::create_keys(folder, "validator")?],
            authority: None,
        })?;
        akash_node::init(folder, &genesis)?;
        Ok(Self { folder: folder.to_owned(), tenant, provider, sequences: [0, 0], next_dseq: 1 })
    }

    async fn open_and_lease(&mut self, node: &Node) -> Result<(), Failure> {
        let owner = self.provider.address().to_string();
        let host_uri = "https://provider.example.com:8443".to_owned();
        let message = MsgCreateProvider { owner, host_uri, attributes: Vec::new(), info: None };
        self.send(node, 1, vec![encode_any(&message)]).await?;
        let ids: Vec<DeploymentId> = (0..OPEN + LEASES).map(|_| self.next_id()).collect();
        let bids: Vec<BidId> = ids.iter().map(|id| id.group(1).order(1).bid(self.provider.address())).collect();
        let create = ids.iter().map(|id| encode_any(&create(id))).collect();
        self.send(node, 0, create).await?;
        self.send(node, 1, bids.iter().map(|id| encode_any(&bid(id))).collect()).await?;
        let lease = |id: &BidId| encode_any(&MsgCreateLease { bid_id: Some(id.into()) });
        self.send(node, 0, bids[..LEASES as usize].iter().map(lease).collect()).await
    }

    async fn close(&mut self, node: &Node, count: u64) -> Result<(), Failure> {
        for first in (0..count).step_by(100 * BATCH) {
            let ids: Vec<_> = (first..count.min(first + 100 * BATCH as u64)).map(|_| self.next_id()).collect();
            let close = |id: &DeploymentId| encode_any(&MsgCloseDeployment { id: Some(id.into()) });
            let messages = ids.iter().flat_map(|id| [encode_any(&create(id)), close(id)]).collect();
            self.send(node, 0, messages).await?;
        }
        Ok(())
    }

    fn next_id(&mut self) -> DeploymentId {
        self.next_dseq += 1;
        DeploymentId::new(self.tenant.address(), self.next_dseq)
    }

    /// In as few transactions as possible; returns when all are in blocks.
    async fn send(&mut self, node: &Node, account: usize, messages: Vec<Any>) -> Result<(), Failure> {
        let rpc = HttpClient::new(format!("http://{}", node.rpc_address().ok_or("no RPC")?).as_str())?;
        let mut hashes = Vec::new();
        for batch in messages.chunks(BATCH) {
            let gas_limit = GAS_OF_MESSAGE * batch.len() as u64;
            let fee = Coins::parse(&format!("{}uakt", gas_limit / 40 + 1))?;
            let unsigned = Unsigned { messages: batch.to_vec(), fee, gas_limit, ..Unsigned::default() };
            let key = if account == 0 { &self.tenant } else { &self.provider };
            let sequence = self.sequences[account];
            self.sequences[account] += 1;
            let signed = tx::sign_direct(&unsigned, key, CHAIN_ID, account as u64, sequence);
            let answer = rpc.broadcast_tx_sync(signed).await?;
            if answer.code.is_err() {
                return Err(answer.log.into());
            }
            hashes.push(answer.hash);
            if hashes.len() as u64 > AHEAD {
                wait(&rpc, hashes.remove(0)).await?;
            }
        }
        for hash in hashes {
            wait(&rpc, hash).await?;
        }
        Ok(())
    }

    async fn measure(&self, node: &Node, start: Instant) -> Result<(), Failure> {
        let url = format!("http://{}", node.grpc_address().ok_or("no gRPC")?);
        let mut grpc = Grpc::new(Channel::from_shared(url)?.connect().await?);
        println!("  ready after {:.2} s with {} MiB", start.elapsed().as_secs_f64(), resident_mib()?);
        let page = || Some(PageRequest { limit: 5_000, ..PageRequest::default() });
        let provider = self.provider.address().to_string();
        for round in ["first", "second"] {
            let filters = Some(OrderFilters { state: "open".into(), ..OrderFilters::default() });
            let request = QueryOrdersRequest { filters, pagination: page() };
            let path = "/akash.market.v1beta5.Query/Orders";
            let (orders, time): (QueryOrdersResponse, _) = ask(&mut grpc, path, request).await?;
            println!("  {round} query: {} open orders in {time:.1} ms", orders.orders.len());
            let filters = Some(BidFilters { provider: provider.clone(), state: "open".into(), ..Default::default() });
            let request = QueryBidsRequest { filters, pagination: page() };
            let (bids, time): (QueryBidsResponse, _) =
                ask(&mut grpc, "/akash.market.v1beta5.Query/Bids", request).await?;
            println!("  {round} query: {} open bids of the provider in {time:.1} ms", bids.bids.len());
            let filters =
                Some(LeaseFilters { provider: provider.clone(), state: "active".into(), ..Default::default() });
            let request = QueryLeasesRequest { filters, pagination: page() };
            let path = "/akash.market.v1beta5.Query/Leases";
            let (leases, time): (QueryLeasesResponse, _) = ask(&mut grpc, path, request).await?;
            println!("  {round} query: {} active leases of the provider in {time:.1} ms", leases.leases.len());
        }
        println!("  on disk {} MiB", folder_mib(&self.folder)?);
        Ok(())
    }
}

async fn wait(rpc: &HttpClient, hash: tendermint::Hash) -> Result<(), Failure> {
    for _ in 0..60_000 {
        if let Ok(found) = rpc.tx(hash, false).await {
            let result = found.tx_result;
            return if result.code.is_ok() { Ok(()) } else { Err(result.log.into()) };
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err("a transaction is in no block".into())
}

/// The answer and how long it took, in milliseconds.
async fn ask<Q, R>(grpc: &mut Grpc<Channel>, path: &'static str, request: Q) -> Result<(R, f64), Failure>
where
    Q: Message + Default + Send + Sync + 'static,
    R: Message + Default + Send + Sync + 'static,
{
    grpc.ready().await?;
    let start = Instant::now();
    let codec = ProstCodec::<Q, R>::default();
    let answer = grpc.unary(tonic::Request::new(request), path.parse()?, codec).await?;
    Ok((answer.into_inner(), start.elapsed().as_secs_f64() * 1000.0))
}

fn create(id: &DeploymentId) -> MsgCreateDeployment {
    let value = |number: u64| Some(ResourceValue { val: number.to_string().into_bytes() });
    let resource = Resources {
        id: 1,
        cpu: Some(Cpu { units: value(100), ..Cpu::default() }),
        memory: Some(Memory { quantity: value(1 << 26), ..Memory::default() }),
        gpu: Some(Gpu { units: value(0), ..Gpu::default() }),
        storage: vec![Storage { name: "default".into(), quantity: value(1 << 26), ..Storage::default() }],
        endpoints: Vec::new(),
    };
    let unit = ResourceUnit { resource: Some(resource), count: 1, price: Some(price("1000000000000000000")) };
    let group = GroupSpec { name: "group".into(), requirements: None, resources: vec![unit] };
    let deposit = Some(deposit("5000000000"));
    MsgCreateDeployment { id: Some(id.into()), groups: vec![group], hash: vec![7; 32], deposit, reclamation: None }
}

fn bid(id: &BidId) -> MsgCreateBid {
    let (price, deposit) = (Some(price("1000000000000000")), Some(deposit("500000")));
    MsgCreateBid { id: Some(id.into()), price, deposit, resources_offer: Vec::new(), reclamation_window: None }
}

/// In the digits of the wire.
fn price(amount: &str) -> DecCoin {
    DecCoin { denom: "uact".into(), amount: amount.into() }
}

fn deposit(amount: &str) -> Deposit {
    let amount = Some(Coin { denom: "uact".into(), amount: amount.into() });
    Deposit { amount, sources: vec![Source::Balance.into()] }
}

fn resident_mib() -> Result<u64, Failure> {
    let text = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = text.split(' ').nth(1).ok_or("no resident pages")?.parse()?;
    Ok((pages * 4096) >> 20)
}

fn folder_mib(folder: &Path) -> Result<u64, Failure> {
    let mut bytes = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let about = entry.metadata()?;
            if about.is_dir() { folders.push(entry.path()) } else { bytes += about.len() }
        }
    }
    Ok(bytes >> 20)
}
