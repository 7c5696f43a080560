//! Takes an SDL file to a URL: deployment, bids, lease, manifest, ready.
//!
//! A saga with a journal on disk. The journal is written *before* the transaction that it speaks of, and holds
//! nothing that the chain or a gateway can tell: [`plan::next`] is a pure function from (journal, facts, limits) to
//! the next action, so resuming after a kill is the same as running. One file has one journal; a second run with the
//! same contents finds the deployment up, with other contents it updates it.
//!
//! Life cycle: [`Journal::open`] finds or begins → [`Run::run`] repeats gather facts, decide, act → a URL, or a failure
//! that says what to do. Invariants: one journal never makes two deployments (its number is fixed before the first
//! broadcast and taken only if the chain has none of it); an answer that did not come changes nothing.
//!
//! It does not know how progress is shown ([`DeployEvent`]s go to a callback) nor who asked.

pub mod facts;
pub mod journal;
pub mod look;
pub mod plan;
pub mod run;

use std::time::Duration;

use akash_types::coin::{Coin, DecCoin};
use akash_types::id::LeaseId;
use serde::Serialize;
use thiserror::Error;

use crate::{ClientError, gateway};

pub use journal::{Journal, JournalError};
pub use run::Run;

/// How long to wait for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a first bid on each order.
    pub bids: Duration,
    /// After that, for better ones.
    pub better_bids: Duration,
    /// For all services to be ready.
    pub ready: Duration,
    /// For a lease whose provider says all the while what is wrong, such as an image that does not exist.
    pub trouble: Duration,
    /// For a node or gateway that does not answer.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bids: Duration::from_secs(60),
            better_bids: Duration::from_secs(2),
            ready: Duration::from_secs(300),
            trouble: Duration::from_secs(30),
            silence: Duration::from_secs(60),
        }
    }
}

/// What a deployment has come to; told while it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum DeployEvent {
    /// An earlier run began this one.
    Resumed {
        dseq: u64,
    },
    Created {
        dseq: u64,
        hash: String,
        height: u64,
        deposit: Coin,
    },
    Updated {
        dseq: u64,
        hash: String,
    },
    Bid {
        provider: String,
        price: DecCoin,
    },
    Leased {
        lease: LeaseId,
        price: DecCoin,
    },
    ManifestSent {
        provider: String,
    },
    /// Nothing to do but wait, and for what. Repeats while it lasts.
    Waiting {
        what: String,
    },
    Ready {
        urls: Vec<String>,
    },
    Closed {
        dseq: u64,
    },
}

/// How a deployment ends well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    pub dseq: u64,
    pub urls: Vec<String>,
    /// Nothing had to be done.
    pub unchanged: bool,
}

#[derive(Debug, Error)]
pub enum DeployError {
    #[error("no provider made an offer within {seconds} s, so the deployment was closed and its deposit came back")]
    NoBids { seconds: u64 },
    #[error("not ready after {seconds} s: {reasons}")]
    NotReady { dseq: u64, seconds: u64, reasons: String },
    #[error("deployment {dseq} is closed")]
    Closed { dseq: u64 },
    #[error("the provider ended the lease of deployment {dseq}: {reason}")]
    LeaseEnded { dseq: u64, reason: String },
    #[error("the groups of deployment {dseq} are others than those of the file, and groups cannot be changed")]
    OtherGroups { dseq: u64 },
    #[error("the deposit of {deposit} cannot be paid: the account holds {holds}")]
    Funds { deposit: Coin, holds: Coin },
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("provider {provider} refused the manifest: {cause}")]
    Manifest { provider: String, cause: gateway::GatewayError },
    #[error("provider {provider} does not answer: {cause}")]
    Gateway { provider: String, cause: gateway::GatewayError },
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("the network's answer makes no sense: {0}")]
    Nonsense(String),
}
