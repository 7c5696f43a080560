//! The chain as the provider needs it: what it asks, what it sends, what it hears.
//!
//! [`Chain`] is a port with two implementations: `akash-client` over a node's RPC and gRPC, and a fake for tests. Its
//! answers have three values: `Ok(Some(..))`, `Ok(None)` (the chain says that there is no such thing) and an error
//! (unknown). Whether a "no" may be acted upon is decided by [`trust`]; what was heard in events is only a hint to look
//! ([`follow`]).
//!
//! It does not know how bids are priced or workloads run.

pub mod client;
pub mod follow;
pub mod hint;
pub mod trust;
pub mod view;

use std::collections::BTreeMap;

use akash_proto::akash::base::attributes::v1::Attribute;
use akash_types::address::Address;
use akash_types::coin::Coin;
use akash_types::id::{BidId, DeploymentId, LeaseId, OrderId};
use async_trait::async_trait;
use futures::stream::BoxStream;

use view::{BidState, CertificateView, DeploymentView, LeaseView, OrderView, ProviderView};

/// The question has no answer at the moment.
#[derive(Clone, Debug, thiserror::Error)]
#[error("chain unknown: {0}")]
pub struct ChainError(pub String);

pub type Answer<T> = Result<T, ChainError>;

/// Where the node stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub chain_id: String,
    pub height: u64,
    pub catching_up: bool,
}

/// What is needed to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    pub number: u64,
    pub sequence: u64,
}

/// Why a transaction was not accepted, or what came of it: the chain's code (0 is success) and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub codespace: String,
    pub code: u32,
    pub log: String,
}

impl Verdict {
    pub fn ok() -> Self {
        Self { codespace: String::new(), code: 0, log: String::new() }
    }

    pub const fn is_ok(&self) -> bool {
        self.code == 0
    }

    /// One of the SDK's own codes.
    pub fn is_sdk(&self, code: u32) -> bool {
        self.codespace == "sdk" && self.code == code
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}: {}", self.codespace, self.code, self.log)
    }
}

/// What a simulation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Simulated {
    Gas(u64),
    Refused(Verdict),
}

/// What transactions of one block said, as (type, attributes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockEvents {
    pub height: u64,
    pub events: Vec<(String, Vec<(String, String)>)>,
}

pub type BlockStream = BoxStream<'static, Answer<BlockEvents>>;

#[async_trait]
pub trait Chain: Send + Sync + 'static {
    async fn head(&self) -> Answer<Head>;

    async fn provider(&self, owner: &Address) -> Answer<Option<ProviderView>>;
    /// Attributes by auditor.
    async fn audited(&self, provider: &Address) -> Answer<BTreeMap<String, Vec<Attribute>>>;
    /// The least deposit of a bid, per accepted denomination.
    async fn bid_deposits(&self) -> Answer<Vec<Coin>>;

    async fn open_orders(&self) -> Answer<Vec<OrderView>>;
    async fn order(&self, id: &OrderId) -> Answer<Option<OrderView>>;
    async fn open_bids(&self, provider: &Address) -> Answer<Vec<BidId>>;
    async fn bid(&self, id: &BidId) -> Answer<Option<BidState>>;
    /// Active and reclaiming leases of a provider.
    async fn live_leases(&self, provider: &Address) -> Answer<Vec<LeaseView>>;
    /// Active and reclaiming leases of a deployment, whoever has them.
    async fn leases_of(&self, deployment: &DeploymentId) -> Answer<Vec<LeaseView>>;
    async fn lease(&self, id: &LeaseId) -> Answer<Option<LeaseView>>;
    async fn deployment(&self, id: &DeploymentId) -> Answer<Option<DeploymentView>>;
    async fn certificate(&self, owner: &Address, serial: &str) -> Answer<Option<CertificateView>>;

    async fn account(&self, address: &Address) -> Answer<Option<Account>>;
    async fn simulate(&self, tx: &[u8]) -> Answer<Simulated>;
    /// The mempool's verdict. An error leaves open whether the transaction arrived.
    async fn broadcast(&self, tx: &[u8]) -> Answer<Verdict>;
    /// What came of a transaction; `None` when no block has it.
    async fn transaction(&self, hash: &[u8; 32]) -> Answer<Option<Verdict>>;

    /// Blocks from a height on (0: from now on), without gaps, until the connection is lost.
    async fn blocks(&self, from: u64) -> Answer<BlockStream>;
}
