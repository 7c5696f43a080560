//! The marketplace under load: blocks of 1,000 transactions over 100,000 live objects, signatures and commit included.
//!
//! `cargo bench -p akash-app --bench market`. 40 % bids, 15 % deployments, 15 % leases, 15 % withdrawals, 10 %
//! closings, 5 % deposits; every transaction passes. Signing is not measured; the state is in memory. The program has
//! its two threads.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_app::{App, AppConfig, BlockInput};
use akash_kernel::Time;
use akash_proto::akash::base::deposit::v1::{Deposit, Source};
use akash_proto::akash::base::resources::v1beta4::{Cpu, Gpu, Memory, ResourceValue, Resources, Storage};
use akash_proto::akash::deployment::v1beta4::{GroupSpec, MsgCloseDeployment, MsgCreateDeployment, ResourceUnit};
use akash_proto::akash::escrow::id::v1 as escrow_id;
use akash_proto::akash::escrow::v1::MsgAccountDeposit;
use akash_proto::akash::market::v1beta5::{MsgCreateBid, MsgCreateLease, MsgWithdrawLease};
use akash_proto::akash::provider::v1beta4::MsgCreateProvider;
use akash_proto::cosmos::base::v1beta1::{Coin, DecCoin};
use akash_store::MemoryStore;
use akash_types::address::Address;
use akash_types::coin::Coins;
use akash_types::id::{BidId, DeploymentId, LeaseId, OrderId};
use akash_types::key::SecretKey;
use akash_types::tx::{self, Unsigned, encode_any};
use bytes::Bytes;
use divan::Bencher;
use divan::counter::ItemsCount;
use prost_types::Any;

const CHAIN_ID: &str = "bench-1";
const TENANTS: usize = 4_000;
const PROVIDERS: usize = 200;
const BLOCK_TXS: usize = 1_000;
/// Deployment, group, order and account for each deployment; bid and its account; lease and payment: about 100,000.
const DEPLOYMENTS: usize = 14_000;
const BIDS: usize = 15_000;
const LEASES: usize = 7_000;
const GAS: u64 = 1_000_000;
const DEPOSIT: u64 = 5_000_000;

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn mix_one_core(bencher: Bencher) {
    let market = RefCell::new(Market::new());
    bencher
        .counter(ItemsCount::new(BLOCK_TXS))
        .with_inputs(|| market.borrow_mut().mixed_block())
        .bench_local_values(|txs| market.borrow_mut().run(txs));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn bids_one_core(bencher: Bencher) {
    let market = RefCell::new(Market::new());
    let block = || {
        let mut market = market.borrow_mut();
        (0..BLOCK_TXS).map(|_| market.bid()).collect::<Vec<_>>()
    };
    bencher
        .counter(ItemsCount::new(BLOCK_TXS))
        .with_inputs(block)
        .bench_local_values(|txs| market.borrow_mut().run(txs));
}

/// The chain, and what a client that sent everything would know of it.
struct Market {
    app: App,
    keys: Vec<SecretKey>,
    addresses: Vec<Address>,
    sequences: Vec<u64>,
    next_tenant: usize,
    next_dseq: u64,
    /// Open orders, with the number of providers that bid on each.
    orders: VecDeque<(OrderId, usize)>,
    /// One bid of each order that has one, the oldest first.
    bids: VecDeque<BidId>,
    /// Live leases, in the order of their last withdrawal.
    leases: VecDeque<LeaseId>,
}

impl Market {
    fn new() -> Self {
        let keys: Vec<SecretKey> = (1..=TENANTS + PROVIDERS).map(key).collect();
        let coins = Coins::parse("100000000000000uact,100000000000000uakt").expect("coins");
        let genesis = play_genesis(PlayGenesis {
            chain_id: CHAIN_ID.to_owned(),
            time: Time { seconds: 1_700_000_000, nanos: 0 },
            accounts: keys.iter().map(|key| (key.address(), coins.clone())).collect(),
            validators: Vec::new(),
            authority: None,
        })
        .expect("a sound genesis");
        let mut app = App::open(Arc::new(MemoryStore::new()), AppConfig::default()).expect("memory does not fail");
        app.init_chain(&genesis).expect("a sound genesis");
        let addresses = keys.iter().map(SecretKey::address).collect();
        let sequences = vec![0; keys.len()];
        let (orders, bids, leases) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        let mut market = Self { app, keys, addresses, sequences, next_tenant: 0, next_dseq: 1, orders, bids, leases };
        market.fill();
        market
    }

    fn fill(&mut self) {
        let providers = (TENANTS..TENANTS + PROVIDERS).map(|provider| self.register(provider)).collect();
        self.run(providers);
        for (count, step) in
            [(DEPLOYMENTS, Self::deploy as fn(&mut Self) -> Bytes), (BIDS, Self::bid), (LEASES, Self::lease)]
        {
            for block in (0..count).step_by(BLOCK_TXS) {
                let txs = (block..count.min(block + BLOCK_TXS)).map(|_| step(self)).collect();
                self.run(txs);
            }
        }
    }

    /// In an order in which a chain would see them: mixed.
    fn mixed_block(&mut self) -> Vec<Bytes> {
        let mut txs = Vec::with_capacity(BLOCK_TXS);
        for _ in 0..BLOCK_TXS / 20 {
            for _ in 0..3 {
                txs.extend([self.bid(), self.bid(), self.deploy(), self.lease(), self.withdraw()]);
            }
            txs.extend([self.bid(), self.bid(), self.close(), self.close(), self.deposit()]);
        }
        txs
    }

    fn run(&mut self, txs: Vec<Bytes>) {
        let height = self.app.height() + 1;
        let time = Time { seconds: 1_700_000_000 + height, nanos: 0 };
        let outcome = self.app.execute(&BlockInput { height, time, txs, ..BlockInput::default() });
        for result in outcome.expect("the state is sound").tx_results {
            assert!(result.is_ok(), "{}/{}: {}", result.codespace, result.code, result.log);
        }
        self.app.commit().expect("memory does not fail");
    }

    fn register(&mut self, provider: usize) -> Bytes {
        let owner = self.addresses[provider].to_string();
        let host_uri = "https://provider.example.com:8443".to_owned();
        let message = MsgCreateProvider { owner, host_uri, attributes: Vec::new(), info: None };
        self.sign(provider, encode_any(&message))
    }

    fn deploy(&mut self) -> Bytes {
        let tenant = self.next_tenant;
        self.next_tenant = (tenant + 1) % TENANTS;
        let id = DeploymentId::new(self.addresses[tenant].clone(), self.next_dseq);
        self.next_dseq += 1;
        self.orders.push_back((id.group(1).order(1), 0));
        let message = MsgCreateDeployment {
            id: Some((&id).into()),
            groups: vec![group()],
            hash: vec![7; 32],
            deposit: Some(deposit(DEPOSIT)),
            reclamation: None,
        };
        self.sign(tenant, encode_any(&message))
    }

    /// On each open order in turn, by the next provider.
    fn bid(&mut self) -> Bytes {
        let (order, count) = self.orders.pop_front().expect("more deployments than leases are made");
        let provider = TENANTS + (order.dseq() as usize + count) % PROVIDERS;
        let id = BidId::new(order.clone(), self.addresses[provider].clone(), 0);
        if count == 0 {
            self.bids.push_back(id.clone());
        }
        self.orders.push_back((order, count + 1));
        let message = MsgCreateBid {
            id: Some((&id).into()),
            price: Some(price("1.5")),
            deposit: Some(deposit(500_000)),
            resources_offer: Vec::new(),
            reclamation_window: None,
        };
        self.sign(provider, encode_any(&message))
    }

    fn lease(&mut self) -> Bytes {
        let bid = self.bids.pop_front().expect("more bids than leases are made");
        self.orders.retain(|(order, _)| *order != bid.order);
        self.leases.push_back(bid.clone().into());
        let tenant = self.number_of(bid.owner());
        self.sign(tenant, encode_any(&MsgCreateLease { bid_id: Some((&bid).into()) }))
    }

    fn withdraw(&mut self) -> Bytes {
        let lease = self.leases.pop_front().expect("more leases than closings are made");
        let provider = self.number_of(lease.provider());
        let message = MsgWithdrawLease { id: Some((&lease).into()) };
        self.leases.push_back(lease);
        self.sign(provider, encode_any(&message))
    }

    fn close(&mut self) -> Bytes {
        let lease = self.leases.pop_front().expect("more leases than closings are made");
        let tenant = self.number_of(lease.owner());
        self.sign(tenant, encode_any(&MsgCloseDeployment { id: Some(lease.deployment_id().into()) }))
    }

    fn deposit(&mut self) -> Bytes {
        let lease = self.leases.back().expect("more leases than closings are made").clone();
        let account =
            escrow_id::Account { scope: escrow_id::Scope::Deployment.into(), xid: lease.deployment_id().to_string() };
        let signer = lease.owner().to_string();
        let message = MsgAccountDeposit { signer, id: Some(account), deposit: Some(deposit(1_000)) };
        let tenant = self.number_of(lease.owner());
        self.sign(tenant, encode_any(&message))
    }

    fn number_of(&self, address: &Address) -> usize {
        self.addresses.iter().position(|known| known == address).expect("one of ours")
    }

    fn sign(&mut self, signer: usize, message: Any) -> Bytes {
        let unsigned = Unsigned {
            messages: vec![message],
            fee: Coins::parse("25000uakt").expect("coins"),
            gas_limit: GAS,
            ..Unsigned::default()
        };
        let sequence = self.sequences[signer];
        self.sequences[signer] += 1;
        tx::sign_direct(&unsigned, &self.keys[signer], CHAIN_ID, signer as u64, sequence).into()
    }
}

fn group() -> GroupSpec {
    let value = |number: u64| Some(ResourceValue { val: number.to_string().into_bytes() });
    let resource = Resources {
        id: 1,
        cpu: Some(Cpu { units: value(100), ..Cpu::default() }),
        memory: Some(Memory { quantity: value(1 << 26), ..Memory::default() }),
        gpu: Some(Gpu { units: value(0), ..Gpu::default() }),
        storage: vec![Storage { name: "default".into(), quantity: value(1 << 26), ..Storage::default() }],
        endpoints: Vec::new(),
    };
    let unit = ResourceUnit { resource: Some(resource), count: 1, price: Some(price("100")) };
    GroupSpec { name: "group".into(), requirements: None, resources: vec![unit] }
}

fn price(amount: &str) -> DecCoin {
    let amount: akash_types::num::Dec = amount.parse().expect("a decimal");
    DecCoin { denom: "uact".into(), amount: amount.to_wire() }
}

fn deposit(amount: u64) -> Deposit {
    let amount = Coin { denom: "uact".into(), amount: amount.to_string() };
    Deposit { amount: Some(amount), sources: vec![Source::Balance.into()] }
}

fn key(number: usize) -> SecretKey {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&(number as u64).to_be_bytes());
    SecretKey::from_bytes(&bytes).expect("a key")
}
