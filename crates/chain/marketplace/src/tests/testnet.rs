//! A chain of the modules under test. The tests speak to it in messages and queries, as clients do.

use std::collections::BTreeSet;

use akash_cosmos::bank;
use akash_kernel::testing::Bench;
use akash_kernel::{Event, Modules, QueryCtx, QueryError, Registry, TxError};
use akash_proto::akash::base::deposit::v1::{Deposit, Source};
use akash_proto::akash::base::resources::v1beta4::{Cpu, Gpu, Memory, ResourceValue, Resources, Storage};
use akash_proto::akash::deployment::v1beta4::{GroupSpec, MsgCloseDeployment, MsgCreateDeployment, ResourceUnit};
use akash_proto::akash::escrow::types::v1 as escrow;
use akash_proto::akash::escrow::v1::MsgAccountDeposit;
use akash_proto::akash::ext::escrow::v1 as ext_escrow;
use akash_proto::akash::market::v1::{Lease, LeaseClosedReason};
use akash_proto::akash::market::v1beta5::{
    Bid, MsgCloseBid, MsgCloseLease, MsgCreateBid, MsgCreateLease, MsgWithdrawLease, Order,
};
use akash_proto::akash::provider::v1beta4::MsgCreateProvider;
use akash_proto::akash::take::v1::{self as take, DenomTakeRate};
use akash_types::address::Address;
use akash_types::coin::{Coin, Coins, DecCoin};
use akash_types::id::{BidId, DeploymentId, GroupId, LeaseId, OrderId};
use akash_types::num::{Dec, Int};
use expect_test::Expect;
use prost::{Message, Name};
use prost_types::Any;

use crate::escrow::api::AccountId;

/// What each account of the test has in each denomination at first.
pub const FUNDS: u64 = 1_000_000_000;

pub struct Testnet {
    pub bench: Bench,
    pub modules: Modules,
    registry: Registry,
    /// Events of the last message or block end.
    pub events: Vec<Event>,
    /// Gas of the last message.
    pub gas_used: u64,
    /// Kinds of all events so far.
    pub seen: BTreeSet<String>,
}

/// Who may change parameters.
pub fn gov() -> String {
    Address::module("gov").to_string()
}

pub fn account(name: &str) -> Address {
    Address::module(&format!("account of {name}"))
}

pub fn owner() -> Address {
    account("owner")
}

/// The order that a deployment's first group has at first.
pub fn order(dseq: u64) -> OrderId {
    DeploymentId::new(owner(), dseq).group(1).order(1)
}

pub fn bid(dseq: u64, provider: &str) -> BidId {
    order(dseq).bid(account(provider))
}

pub fn lease(dseq: u64, provider: &str) -> LeaseId {
    bid(dseq, provider).into()
}

pub fn group_of(dseq: u64) -> GroupId {
    DeploymentId::new(owner(), dseq).group(1)
}

impl Testnet {
    /// Funded accounts: the owner, a stranger, and providers `p1` to `p4`, which are registered.
    pub fn new() -> Self {
        let modules = Modules::new(akash_cosmos::modules().into_iter().chain(crate::modules()).collect());
        let registry = modules.registry();
        let bench = Bench::new(&modules.stores()).with_registry(modules.registry());
        let mut net = Self { bench, modules, registry, events: Vec::new(), gas_used: 0, seen: BTreeSet::new() };
        for name in ["owner", "stranger", "p1", "p2", "p3", "p4"] {
            net.fund(&account(name), "uact", FUNDS);
            net.fund(&account(name), "uakt", FUNDS);
        }
        for name in ["p1", "p2", "p3", "p4"] {
            net.register(name).unwrap();
        }
        net.set_take(0, &[]).unwrap();
        net.end_block();
        net
    }

    /// One block behind: deployment 7 with an open order at 100uact.
    pub fn with_open_order() -> Self {
        let mut net = Self::new();
        net.deploy(7, "100uact", "1000000uact").unwrap();
        net.end_block();
        net
    }

    /// Deployment 7 is leased from `p1` at 100uact per block since the present block.
    pub fn with_lease() -> Self {
        let mut net = Self::with_open_order();
        net.bid(7, "p1", "100uact").unwrap();
        net.take(&bid(7, "p1")).unwrap();
        net
    }

    pub fn fund(&mut self, to: &Address, denom: &str, amount: u64) {
        let coins = Coins::from(Coin::new(denom, amount).unwrap());
        let mut ctx = self.bench.ctx();
        bank::api::mint(&mut ctx, "mint", &coins).unwrap();
        bank::api::module_to_account(&mut ctx, "mint", to, &coins).unwrap();
    }

    /// Runs a message as a transaction would.
    pub fn send<M: Message + Name>(&mut self, message: &M) -> Result<(), TxError> {
        let any = Any { type_url: format!("/{}", M::full_name()), value: message.encode_to_vec() };
        let bound = self.registry.bind(&any)?;
        bound.validate()?;
        let mut ctx = self.bench.ctx();
        let result = ctx.checkpoint(|ctx| bound.execute(ctx));
        self.events = ctx.take_events();
        self.gas_used = ctx.gas_used();
        self.seen.extend(self.events.iter().map(|event| event.kind.clone()));
        result.map(|_| ())
    }

    /// Ends the block, checks every invariant, and begins the next one.
    pub fn end_block(&mut self) {
        let mut ctx = self.bench.ctx();
        self.events = self.modules.end_block(&mut ctx).unwrap();
        self.seen.extend(self.events.iter().map(|event| event.kind.clone()));
        let violations = self.modules.check_invariants(&mut ctx).unwrap();
        assert_eq!(violations, Vec::new());
        assert_eq!(crate::escrow::api::due(&mut ctx, 1).unwrap(), Vec::new(), "an account is past its due height");
        self.bench.commit();
        let begun = self.modules.begin_block(&mut self.bench.ctx()).unwrap();
        self.seen.extend(begun.into_iter().map(|event| event.kind));
    }

    /// Names of the invariants that do not hold, pending changes included.
    pub fn violations(&mut self) -> Vec<&'static str> {
        let violations = self.modules.check_invariants(&mut self.bench.ctx()).unwrap();
        violations.into_iter().map(|violation| violation.invariant).collect()
    }

    pub fn end_blocks(&mut self, count: u64) {
        for _ in 0..count {
            self.end_block();
        }
    }

    pub fn query<Q: Message, R: Message + Default>(&self, path: &str, request: &Q) -> Result<R, QueryError> {
        let route = self.registry.query_route(path).expect("the query is registered");
        let mut committed = self.bench.block.clone();
        committed.height -= 1;
        committed.time.seconds -= 5;
        let mut ctx = QueryCtx::new(self.bench.view(), &committed);
        let bytes = route.call(&mut ctx, &request.encode_to_vec())?;
        Ok(R::decode(bytes.as_slice()).unwrap())
    }

    pub fn balance(&mut self, who: &Address, denom: &str) -> Int {
        bank::api::balance(&mut self.bench.ctx(), who, denom).unwrap()
    }

    /// By how much a balance differs from what everybody has at first.
    pub fn change(&mut self, name: &str, denom: &str) -> i64 {
        let change = self.balance(&account(name), denom).checked_sub(Int::from(FUNDS)).unwrap();
        change.to_i64().unwrap()
    }

    /// Names of the typed events, without their package.
    pub fn typed_events(&self) -> Vec<&str> {
        let typed = self.events.iter().filter(|event| event.kind.starts_with("akash."));
        typed.map(|event| event.kind.rsplit('.').next().unwrap_or_default()).collect()
    }
}

/// Messages.
impl Testnet {
    pub fn register(&mut self, name: &str) -> Result<(), TxError> {
        self.send(&MsgCreateProvider {
            owner: account(name).to_string(),
            host_uri: format!("https://{name}.example.com:8443"),
            attributes: Vec::new(),
            info: None,
        })
    }

    pub fn deploy(&mut self, dseq: u64, price: &str, deposit_: &str) -> Result<(), TxError> {
        self.send(&create_deployment(dseq, &[price], deposit_))
    }

    pub fn close(&mut self, dseq: u64) -> Result<(), TxError> {
        self.send(&MsgCloseDeployment { id: Some(DeploymentId::new(owner(), dseq).into()) })
    }

    pub fn bid(&mut self, dseq: u64, provider: &str, price: &str) -> Result<(), TxError> {
        self.bid_on(&bid(dseq, provider), price)
    }

    pub fn bid_on(&mut self, id: &BidId, price: &str) -> Result<(), TxError> {
        self.send(&create_bid(id, price))
    }

    pub fn take(&mut self, id: &BidId) -> Result<(), TxError> {
        self.send(&MsgCreateLease { bid_id: Some(id.into()) })
    }

    pub fn withdraw(&mut self, id: &LeaseId) -> Result<(), TxError> {
        self.send(&MsgWithdrawLease { id: Some(id.into()) })
    }

    pub fn close_lease(&mut self, id: &LeaseId) -> Result<(), TxError> {
        self.send(&MsgCloseLease { id: Some(id.into()), reason: 0 })
    }

    pub fn close_bid(&mut self, id: &BidId) -> Result<(), TxError> {
        self.send(&MsgCloseBid { id: Some(id.into()), reason: LeaseClosedReason::Unstable.into() })
    }

    /// Sets the fee, which is zero at first: a percentage, and those of some denominations.
    pub fn set_take(&mut self, default_take_rate: u32, rates: &[(&str, u32)]) -> Result<(), TxError> {
        let rate = |(denom, rate): &(&str, u32)| DenomTakeRate { denom: (*denom).to_owned(), rate: *rate };
        let denom_take_rates = rates.iter().map(rate).collect();
        let params = Some(take::Params { denom_take_rates, default_take_rate });
        self.send(&take::MsgUpdateParams { authority: gov(), params })
    }

    pub fn set_grace(&mut self, grace_period_blocks: u64) {
        let params = ext_escrow::Params { grace_period_blocks, max_deposits: 100, reserved_deposits: 20 };
        self.send(&ext_escrow::MsgUpdateParams { authority: gov(), params: Some(params) }).unwrap();
    }

    pub fn deposit(&mut self, signer: &Address, dseq: u64, amount: &str) -> Result<(), TxError> {
        self.send(&MsgAccountDeposit {
            signer: signer.to_string(),
            id: Some(AccountId::Deployment(DeploymentId::new(owner(), dseq)).to_wire()),
            deposit: Some(deposit(amount)),
        })
    }
}

/// What is stored, pending changes included.
impl Testnet {
    pub fn order(&mut self, id: &OrderId) -> Order {
        crate::market::testing::order(&mut self.bench.ctx(), id).unwrap().unwrap()
    }

    pub fn bid_of(&mut self, id: &BidId) -> Bid {
        crate::market::testing::bid(&mut self.bench.ctx(), id).unwrap().unwrap()
    }

    pub fn lease_of(&mut self, id: &LeaseId) -> Lease {
        crate::market::testing::lease(&mut self.bench.ctx(), id).unwrap().unwrap()
    }

    pub fn payment(&mut self, id: &LeaseId) -> escrow::PaymentState {
        let payment = crate::escrow::api::stored_payment(&mut self.bench.ctx(), id).unwrap();
        payment.unwrap().state.unwrap()
    }

    pub fn escrow_account(&mut self, dseq: u64) -> escrow::AccountState {
        let id = AccountId::Deployment(DeploymentId::new(owner(), dseq));
        let account = crate::escrow::api::stored_account(&mut self.bench.ctx(), &id).unwrap();
        account.unwrap().state.unwrap()
    }
}

pub fn create_deployment(dseq: u64, prices: &[&str], deposit_: &str) -> MsgCreateDeployment {
    let groups = prices.iter().enumerate();
    MsgCreateDeployment {
        id: Some(DeploymentId::new(owner(), dseq).into()),
        groups: groups.map(|(number, price)| group(&format!("group{number}"), price)).collect(),
        hash: vec![7; 32],
        deposit: Some(deposit(deposit_)),
        reclamation: None,
    }
}

pub fn create_bid(id: &BidId, price: &str) -> MsgCreateBid {
    MsgCreateBid {
        id: Some(id.into()),
        price: Some(price.parse::<DecCoin>().unwrap().into()),
        deposit: Some(deposit("500000uact")),
        resources_offer: Vec::new(),
        reclamation_window: None,
    }
}

pub fn deposit(amount: &str) -> Deposit {
    let amount: Coin = amount.parse().unwrap();
    Deposit { amount: Some(amount.into()), sources: vec![Source::Balance.into()] }
}

/// A group of one unit and one replica.
pub fn group(name: &str, price: &str) -> GroupSpec {
    let value = |number: u64| Some(ResourceValue { val: number.to_string().into_bytes() });
    let resource = Resources {
        id: 1,
        cpu: Some(Cpu { units: value(100), ..Cpu::default() }),
        memory: Some(Memory { quantity: value(1 << 26), ..Memory::default() }),
        gpu: Some(Gpu { units: value(0), ..Gpu::default() }),
        storage: vec![Storage { name: "default".into(), quantity: value(1 << 26), ..Storage::default() }],
        endpoints: Vec::new(),
    };
    let price = price.parse::<DecCoin>().unwrap();
    let unit = ResourceUnit { resource: Some(resource), count: 1, price: Some(price.into()) };
    GroupSpec { name: name.into(), requirements: None, resources: vec![unit] }
}

/// The amount of a decimal coin on the wire.
pub fn dec(coin: Option<akash_proto::cosmos::base::v1beta1::DecCoin>) -> Dec {
    Dec::from_wire(&coin.unwrap().amount).unwrap()
}

/// Compares a verdict: `ok`, or codespace, code and text.
pub fn check(result: Result<(), TxError>, expected: Expect) {
    let text = match result {
        Ok(()) => "ok".to_owned(),
        Err(TxError::Reject(reject)) => format!("{}/{}: {}", reject.codespace, reject.code, reject.text),
        Err(TxError::Fault(fault)) => format!("fault: {fault}"),
    };
    expected.assert_eq(&text);
}
