//! A chain in memory, for tests: it checks signatures and sequences, keeps a mempool, executes the provider's messages,
//! and can be down, behind, or forgetful. Blocks are made by [`FakeChain::tick`] alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akash_proto::akash::base::attributes::v1::Attribute;
use akash_proto::akash::market::v1::{EventBidCreated, EventLeaseClosed, EventLeaseCreated, EventOrderCreated};
use akash_proto::akash::market::v1beta5::{MsgCloseBid, MsgCreateBid, MsgWithdrawLease};
use akash_types::address::Address;
use akash_types::coin::{Coin, DecCoin};
use akash_types::event::encode_event;
use akash_types::id::{BidId, DeploymentId, LeaseId, OrderId};
use akash_types::key::PublicKey;
use akash_types::tx::{self, Decoded, decode_any};
use async_trait::async_trait;
use futures::StreamExt;
use prost_types::Any;
use tokio::sync::broadcast;

use crate::chain::view::{BidState, CertificateView, DeploymentView, LeaseView, OrderView, ProviderView};
use crate::chain::{Account, Answer, BlockEvents, BlockStream, Chain, ChainError, Head, Simulated, Verdict};

pub const CHAIN_ID: &str = "fake-1";
const ACCOUNT_NUMBER: u64 = 4;
const GAS: u64 = 100_000;

type Events = Vec<(String, Vec<(String, String)>)>;

/// A handle; clones share one chain.
#[derive(Clone)]
pub struct FakeChain {
    state: Arc<Mutex<State>>,
    blocks: broadcast::Sender<BlockEvents>,
}

#[derive(Default)]
struct State {
    height: u64,
    down: bool,
    /// The mempool says yes and loses everything.
    forgetful: bool,
    /// No block tells of its events.
    mute: bool,
    sequence: u64,
    mempool: Vec<Vec<u8>>,
    included: BTreeMap<[u8; 32], Verdict>,
    /// What was executed, as `kind id`.
    executed: Vec<String>,
    events: Events,
    orders: BTreeMap<OrderId, OrderView>,
    bids: BTreeMap<BidId, (BidState, DecCoin)>,
    leases: BTreeMap<LeaseId, LeaseView>,
    deployments: BTreeMap<DeploymentId, DeploymentView>,
    certificates: BTreeMap<(Address, String), CertificateView>,
    refused_owners: BTreeSet<Address>,
}

impl FakeChain {
    pub fn new() -> Self {
        let state = State { height: 1, ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), blocks: broadcast::channel(1024).0 }
    }

    /// Makes one block of what is in the mempool.
    pub fn tick(&self) {
        let mut state = self.state();
        state.height += 1;
        for bytes in std::mem::take(&mut state.mempool) {
            state.deliver(&bytes);
        }
        let events = std::mem::take(&mut state.events);
        let events = if state.mute { Vec::new() } else { events };
        let block = BlockEvents { height: state.height, events };
        let _ = self.blocks.send(block); // nobody listens, maybe
    }

    pub fn set_down(&self, down: bool) {
        self.state().down = down;
    }

    pub fn set_forgetful(&self, forgetful: bool) {
        self.state().forgetful = forgetful;
    }

    pub fn set_mute(&self, mute: bool) {
        self.state().mute = mute;
    }

    /// As if another program had used the provider's key.
    pub fn bump_sequence(&self) {
        self.state().sequence += 1;
    }

    /// The chain refuses every bid on orders of this owner.
    pub fn refuse(&self, owner: &Address) {
        self.state().refused_owners.insert(owner.clone());
    }

    pub fn publish_certificate(&self, owner: &Address, serial: &str, cert_pem: &str, pubkey_pem: &str) {
        let (cert_pem, pubkey_pem) = (cert_pem.as_bytes().to_vec(), pubkey_pem.as_bytes().to_vec());
        let view = CertificateView { valid: true, cert_pem, pubkey_pem };
        self.state().certificates.insert((owner.clone(), serial.to_owned()), view);
    }

    pub fn revoke_certificate(&self, owner: &Address, serial: &str) {
        if let Some(view) = self.state().certificates.get_mut(&(owner.clone(), serial.to_owned())) {
            view.valid = false;
        }
    }

    /// A deployment with its open orders, one per group.
    pub fn deploy(&self, deployment: DeploymentView) -> Vec<OrderId> {
        let mut state = self.state();
        let mut orders = Vec::new();
        for (gseq, spec) in &deployment.groups {
            let id = deployment.id.group(*gseq).order(1);
            let view = OrderView { id: id.clone(), open: true, spec: spec.clone(), reclamation_min_s: None };
            state.orders.insert(id.clone(), view);
            state.events.push(encode_event(&EventOrderCreated { id: Some((&id).into()) }));
            orders.push(id);
        }
        state.deployments.insert(deployment.id.clone(), deployment);
        orders
    }

    pub fn update_hash(&self, id: &DeploymentId, hash: &[u8]) {
        self.state().deployments.get_mut(id).unwrap().hash = hash.to_vec();
    }

    pub fn set_funds(&self, id: &DeploymentId, denom: &str, amount: &str) {
        let mut state = self.state();
        let height = state.height;
        let escrow = &mut state.deployments.get_mut(id).unwrap().escrow;
        escrow.settled_at = height;
        escrow.funds = vec![(denom.to_owned(), amount.parse().unwrap())];
    }

    /// The tenant takes the provider's bid.
    pub fn accept(&self, order: &OrderId, provider: &Address) -> LeaseId {
        let mut state = self.state();
        let bid = order.bid(provider.clone());
        let entry = state.bids.get_mut(&bid).unwrap();
        entry.0 = BidState::Active;
        let price = entry.1.clone();
        let id = LeaseId::from(bid);
        state.orders.get_mut(order).unwrap().open = false;
        let height = state.height;
        let view =
            LeaseView { id: id.clone(), live: true, price: price.clone(), created_at: height, reclaimable: false };
        state.leases.insert(id.clone(), view);
        state.events.push(encode_event(&EventLeaseCreated { id: Some((&id).into()), price: Some((&price).into()) }));
        id
    }

    pub fn close_order(&self, order: &OrderId) {
        self.state().orders.get_mut(order).unwrap().open = false;
    }

    /// The tenant ends the lease.
    pub fn close_lease(&self, lease: &LeaseId) {
        let mut state = self.state();
        state.end_lease(lease);
    }

    pub fn bid_state(&self, order: &OrderId, provider: &Address) -> Option<BidState> {
        self.state().bids.get(&order.bid(provider.clone())).map(|(state, _)| *state)
    }

    pub fn bid_price(&self, order: &OrderId, provider: &Address) -> Option<DecCoin> {
        self.state().bids.get(&order.bid(provider.clone())).map(|(_, price)| price.clone())
    }

    pub fn is_live(&self, lease: &LeaseId) -> bool {
        self.state().leases.get(lease).is_some_and(|lease| lease.live)
    }

    pub fn executed(&self) -> Vec<String> {
        self.state().executed.clone()
    }

    pub fn mempool(&self) -> usize {
        self.state().mempool.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self) -> Answer<MutexGuard<'_, State>> {
        let state = self.state();
        if state.down { Err(ChainError("the test says so".into())) } else { Ok(state) }
    }
}

fn refuse(codespace: &str, code: u32, log: &str) -> Verdict {
    Verdict { codespace: codespace.into(), code, log: log.into() }
}

fn sequence_of(decoded: &Decoded) -> u64 {
    decoded.auth_info.signer_infos[0].sequence
}

impl State {
    /// What the mempool and the block check alike.
    fn check(&self, decoded: &Decoded, ahead: u64) -> Verdict {
        if sequence_of(decoded) != self.sequence + ahead {
            return refuse("sdk", 32, "account sequence mismatch");
        }
        let key = PublicKey::from_any(decoded.auth_info.signer_infos[0].public_key.as_ref().unwrap()).unwrap();
        let bytes = tx::sign_bytes(&decoded.body_bytes, &decoded.auth_info_bytes, CHAIN_ID, ACCOUNT_NUMBER);
        match key.verify(&bytes, &decoded.signatures[0]) {
            Ok(()) => Verdict::ok(),
            Err(_) => refuse("sdk", 4, "signature verification failed"),
        }
    }

    fn deliver(&mut self, bytes: &[u8]) {
        let decoded = tx::decode(bytes).unwrap();
        let verdict = self.check(&decoded, 0);
        if !verdict.is_ok() {
            return; // as a proposer would leave it out
        }
        self.sequence += 1;
        let verdict = self.execute_all(&decoded.body.messages);
        self.included.insert(decoded.hash, verdict);
    }

    /// All or nothing.
    fn execute_all(&mut self, messages: &[Any]) -> Verdict {
        let (bids, leases, executed) = (self.bids.clone(), self.leases.clone(), self.executed.clone());
        for message in messages {
            let verdict = self.execute(message);
            if !verdict.is_ok() {
                (self.bids, self.leases, self.executed) = (bids, leases, executed);
                return verdict;
            }
        }
        Verdict::ok()
    }

    fn execute(&mut self, message: &Any) -> Verdict {
        if let Some(create) = decode_any::<MsgCreateBid>(message) {
            return self.create_bid(&create.unwrap());
        }
        if let Some(close) = decode_any::<MsgCloseBid>(message) {
            return self.close_bid(&close.unwrap());
        }
        if let Some(withdraw) = decode_any::<MsgWithdrawLease>(message) {
            let id = LeaseId::try_from(withdraw.unwrap().id.as_ref()).unwrap();
            self.executed.push(format!("withdraw {id}"));
            return Verdict::ok();
        }
        refuse("sdk", 6, "unknown request")
    }

    fn create_bid(&mut self, message: &MsgCreateBid) -> Verdict {
        let id = BidId::try_from(message.id.as_ref()).unwrap();
        let price = DecCoin::try_from(message.price.as_ref().unwrap()).unwrap();
        if self.refused_owners.contains(id.owner()) {
            return refuse("market", 5, "attribute mismatch");
        }
        if self.bids.contains_key(&id) {
            return refuse("market", 21, "bid exists");
        }
        if !self.orders.get(&id.order).is_some_and(|order| order.open) {
            return refuse("market", 13, "order closed");
        }
        assert!(message.deposit.is_some() && !message.resources_offer.is_empty());
        self.bids.insert(id.clone(), (BidState::Open, price.clone()));
        self.events.push(encode_event(&EventBidCreated { id: Some((&id).into()), price: Some((&price).into()) }));
        self.executed.push(format!("create-bid {id}"));
        Verdict::ok()
    }

    fn close_bid(&mut self, message: &MsgCloseBid) -> Verdict {
        let id = BidId::try_from(message.id.as_ref()).unwrap();
        match self.bids.get_mut(&id).map(|(state, _)| state) {
            Some(state @ BidState::Open) => *state = BidState::Closed,
            Some(BidState::Active) => self.end_lease(&LeaseId::from(id.clone())),
            _ => return refuse("market", 11, "bid not active"),
        }
        self.executed.push(format!("close-bid {} {id}", message.reason));
        Verdict::ok()
    }

    fn end_lease(&mut self, id: &LeaseId) {
        self.leases.get_mut(id).unwrap().live = false;
        self.bids.get_mut(&BidId::from(id.clone())).unwrap().0 = BidState::Closed;
        self.events.push(encode_event(&EventLeaseClosed { id: Some(id.into()), reason: 1 }));
    }
}

#[async_trait]
impl Chain for FakeChain {
    async fn head(&self) -> Answer<Head> {
        let state = self.ask()?;
        Ok(Head { chain_id: CHAIN_ID.into(), height: state.height, catching_up: false })
    }

    async fn provider(&self, _owner: &Address) -> Answer<Option<ProviderView>> {
        drop(self.ask()?);
        Ok(Some(ProviderView { host_uri: "https://localhost:8443".into(), attributes: Vec::new() }))
    }

    async fn audited(&self, _provider: &Address) -> Answer<BTreeMap<String, Vec<Attribute>>> {
        drop(self.ask()?);
        Ok(BTreeMap::new())
    }

    async fn bid_deposits(&self) -> Answer<Vec<Coin>> {
        drop(self.ask()?);
        Ok(vec!["500000uakt".parse().unwrap(), "500000uact".parse().unwrap()])
    }

    async fn open_orders(&self) -> Answer<Vec<OrderView>> {
        Ok(self.ask()?.orders.values().filter(|order| order.open).cloned().collect())
    }

    async fn order(&self, id: &OrderId) -> Answer<Option<OrderView>> {
        Ok(self.ask()?.orders.get(id).cloned())
    }

    async fn open_bids(&self, provider: &Address) -> Answer<Vec<BidId>> {
        let state = self.ask()?;
        let open = state.bids.iter().filter(|(id, (bid, _))| *bid == BidState::Open && id.provider == *provider);
        Ok(open.map(|(id, _)| id.clone()).collect())
    }

    async fn bid(&self, id: &BidId) -> Answer<Option<BidState>> {
        Ok(self.ask()?.bids.get(id).map(|(state, _)| *state))
    }

    async fn live_leases(&self, provider: &Address) -> Answer<Vec<LeaseView>> {
        let state = self.ask()?;
        Ok(state.leases.values().filter(|lease| lease.live && lease.id.provider == *provider).cloned().collect())
    }

    async fn leases_of(&self, deployment: &DeploymentId) -> Answer<Vec<LeaseView>> {
        let state = self.ask()?;
        let live = state.leases.values().filter(|lease| lease.live && lease.id.deployment_id() == deployment);
        Ok(live.cloned().collect())
    }

    async fn lease(&self, id: &LeaseId) -> Answer<Option<LeaseView>> {
        Ok(self.ask()?.leases.get(id).cloned())
    }

    async fn deployment(&self, id: &DeploymentId) -> Answer<Option<DeploymentView>> {
        Ok(self.ask()?.deployments.get(id).cloned())
    }

    async fn certificate(&self, owner: &Address, serial: &str) -> Answer<Option<CertificateView>> {
        Ok(self.ask()?.certificates.get(&(owner.clone(), serial.to_owned())).cloned())
    }

    async fn account(&self, _address: &Address) -> Answer<Option<Account>> {
        Ok(Some(Account { number: ACCOUNT_NUMBER, sequence: self.ask()?.sequence }))
    }

    async fn simulate(&self, tx: &[u8]) -> Answer<Simulated> {
        let mut state = self.ask()?;
        let decoded = tx::decode(tx).unwrap();
        let (bids, leases, executed) = (state.bids.clone(), state.leases.clone(), state.executed.clone());
        let events = state.events.clone();
        let verdict = state.execute_all(&decoded.body.messages);
        (state.bids, state.leases, state.executed, state.events) = (bids, leases, executed, events);
        Ok(if verdict.is_ok() { Simulated::Gas(GAS) } else { Simulated::Refused(verdict) })
    }

    async fn broadcast(&self, tx: &[u8]) -> Answer<Verdict> {
        let mut state = self.ask()?;
        let decoded = tx::decode(tx).unwrap();
        if state.mempool.iter().any(|waiting| waiting == tx) {
            return Ok(refuse("sdk", 19, "tx already in mempool"));
        }
        let verdict = state.check(&decoded, state.mempool.len() as u64);
        if verdict.is_ok() && !state.forgetful {
            state.mempool.push(tx.to_vec());
        }
        Ok(verdict)
    }

    async fn transaction(&self, hash: &[u8; 32]) -> Answer<Option<Verdict>> {
        Ok(self.ask()?.included.get(hash).cloned())
    }

    async fn blocks(&self, _from: u64) -> Answer<BlockStream> {
        drop(self.ask()?);
        let blocks = futures::stream::unfold(self.blocks.subscribe(), |mut blocks| async move {
            loop {
                match blocks.recv().await {
                    Ok(block) => return Some((Ok(block), blocks)),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        Ok(blocks.boxed())
    }
}
