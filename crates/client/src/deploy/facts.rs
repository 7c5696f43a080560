//! What the chain and the gateways say at one moment.

use std::time::Duration;

use akash_types::coin::DecCoin;
use akash_types::id::{BidId, LeaseId, OrderId};

use crate::gateway::LeaseStatus;

/// The deployment on chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    Absent,
    Active { hash: String, groups: Vec<u32> },
    Closed,
}

/// An offer that can be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub bid: BidId,
    pub price: DecCoin,
}

/// An order that waits for offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOrder {
    pub id: OrderId,
    pub offers: Vec<Offer>,
}

/// A lease that stands, and what its provider says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StandingLease {
    pub id: LeaseId,
    pub status: ServiceFact,
}

/// What is known of the containers of a lease.
#[derive(Debug, Clone, PartialEq)]
pub enum ServiceFact {
    /// The gateway was not asked or did not answer.
    Unknown(String),
    /// The provider has nothing of it yet.
    Nothing,
    Status(LeaseStatus),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub deployment: Presence,
    pub orders: Vec<OpenOrder>,
    pub leases: Vec<StandingLease>,
    /// The newest reason for which a lease of a group ended that has none now.
    pub ended: Option<String>,
    /// Whether our certificate is on chain.
    pub certified: bool,
    pub waited: Waited,
}

/// For how long this run has been waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waited {
    /// Without an offer for some order.
    pub for_bids: Duration,
    /// Since every order had one.
    pub for_better: Duration,
    /// Since the manifest was sent.
    pub for_ready: Duration,
    /// Since a provider began to say, without a break, why something does not run.
    pub in_trouble: Duration,
}
