//! What closing a deployment reads: in proportion to its own leases, whatever else there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use akash_app::{App, BlockInput};
use akash_kernel::Time;
use akash_proto::akash::deployment::v1beta4::{MsgCloseDeployment, MsgCreateDeployment};
use akash_proto::akash::market::v1beta5::{MsgCreateBid, MsgCreateLease};
use akash_proto::akash::provider::v1beta4::MsgCreateProvider;
use akash_store::{Batch, ByteStore, ByteView, Range, Rows, StoreError, Table};
use akash_types::coin::Coins;
use akash_types::id::{BidId, DeploymentId};
use akash_types::tx::{Unsigned, encode_any};
use prost_types::Any;

use super::chain::{Chain, config, deposit, group, price};

const TENANT: usize = 0;
const PROVIDER: usize = 1;
const GAS: u64 = 10_000_000;
/// Leases of each of the other deployments.
const OTHERS_LEASES: u32 = 2;

/// A store that counts what is read from it.
struct Counting {
    store: Arc<dyn ByteStore>,
    reads: Arc<AtomicU64>,
}

struct CountingView {
    view: Arc<dyn ByteView>,
    reads: Arc<AtomicU64>,
}

impl ByteStore for Counting {
    fn snapshot(&self) -> Result<Arc<dyn ByteView>, StoreError> {
        Ok(Arc::new(CountingView { view: self.store.snapshot()?, reads: self.reads.clone() }))
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        self.store.write(batch)
    }

    fn forget_undo(&self, up_to: u64) {
        self.store.forget_undo(up_to);
    }
}

impl ByteView for CountingView {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.view.get(table, key)
    }

    fn rows(&self, table: Table, range: &Range) -> Rows<'_> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        Box::new(self.view.rows(table, range).inspect(|_| {
            self.reads.fetch_add(1, Ordering::Relaxed);
        }))
    }
}

/// A tenant and a provider that have nothing to do but with each other.
struct Market {
    chain: Chain,
    sequences: [u64; 2],
}

impl Market {
    fn new() -> Self {
        let mut market = Self { chain: Chain::new(), sequences: [0; 2] };
        let owner = market.chain.address(PROVIDER).to_string();
        let host_uri = "https://provider.example.com:8443".to_owned();
        let message = MsgCreateProvider { owner, host_uri, attributes: Vec::new(), info: None };
        market.pass(PROVIDER, vec![encode_any(&message)]);
        market
    }

    fn id(&self, dseq: u64) -> DeploymentId {
        DeploymentId::new(self.chain.address(TENANT), dseq)
    }

    /// Deployments, each of whose groups has a lease.
    fn lease(&mut self, dseqs: std::ops::Range<u64>, groups: u32) {
        let provider = self.chain.address(PROVIDER);
        let (mut created, mut bids, mut leases) = (Vec::new(), Vec::new(), Vec::new());
        for dseq in dseqs {
            let id = self.id(dseq);
            let message = MsgCreateDeployment {
                id: Some((&id).into()),
                groups: (1..=groups).map(|number| group(&format!("g{number}"))).collect(),
                hash: vec![7; 32],
                deposit: Some(deposit(500_000)),
                reclamation: None,
            };
            created.push(encode_any(&message));
            for group in 1..=groups {
                let bid = BidId::new(id.group(group).order(1), provider.clone(), 0);
                let message = MsgCreateBid {
                    id: Some((&bid).into()),
                    price: Some(price("1")),
                    deposit: Some(deposit(500_000)),
                    ..MsgCreateBid::default()
                };
                bids.push(encode_any(&message));
                leases.push(encode_any(&MsgCreateLease { bid_id: Some((&bid).into()) }));
            }
        }
        self.pass(TENANT, created);
        self.pass(PROVIDER, bids);
        self.pass(TENANT, leases);
    }

    /// What is read in the block that closes a deployment.
    fn reads_of_closing(&mut self, dseq: u64) -> u64 {
        let id = self.id(dseq);
        let tx = self.sign(TENANT, encode_any(&MsgCloseDeployment { id: Some((&id).into()) }));
        let reads = Arc::new(AtomicU64::new(0));
        let store = Counting { store: self.chain.store.clone(), reads: reads.clone() };
        let mut app = App::open(Arc::new(store), config()).expect("memory does not fail");
        reads.store(0, Ordering::Relaxed);
        let time = Time { seconds: 1_800_000_000, nanos: 0 };
        let input = BlockInput { height: app.height() + 1, time, txs: vec![tx.into()], ..BlockInput::default() };
        let outcome = app.execute(&input).expect("the state is sound");
        assert!(outcome.tx_results[0].is_ok(), "{}", outcome.tx_results[0].log);
        reads.load(Ordering::Relaxed)
    }

    fn sign(&mut self, signer: usize, message: Any) -> Vec<u8> {
        let fee = Coins::parse("250000uakt").expect("coins");
        let unsigned = Unsigned { messages: vec![message], fee, gas_limit: GAS, ..Unsigned::default() };
        let sequence = self.sequences[signer];
        self.sequences[signer] += 1;
        self.chain.sign(signer, sequence, &unsigned)
    }

    fn pass(&mut self, signer: usize, messages: Vec<Any>) {
        let txs: Vec<Vec<u8>> = messages.into_iter().map(|message| self.sign(signer, message)).collect();
        for outcome in self.chain.block(&txs).tx_results {
            assert!(outcome.is_ok(), "{}/{}: {}", outcome.codespace, outcome.code, outcome.log);
        }
    }
}

/// The reads of closing a deployment with so many leases next to so many other deployments.
fn reads(leases: u32, others: u64) -> u64 {
    let mut market = Market::new();
    market.lease(1..others / 2 + 1, OTHERS_LEASES);
    market.lease(1_000..1_001, leases);
    market.lease(2_000..2_000 + others / 2, OTHERS_LEASES);
    market.reads_of_closing(1_000)
}

#[test]
fn closing_a_deployment_costs_in_proportion_to_its_own_leases() {
    let (two, four, eight) = (reads(2, 10), reads(4, 10), reads(8, 10));
    let each = (four - two) / 2;
    assert!(each > 0 && each < 100, "one lease costs {each} reads");
    assert_eq!((four - two, eight - four), (2 * each, 4 * each), "{two}, {four}, {eight}");
    let without = two - 2 * each;
    assert!(without < 50, "{without} reads without any lease");
    assert_eq!(reads(4, 60), four, "what others have costs nothing");
}
