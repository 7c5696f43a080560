//! The chain's objects, reduced to what the provider decides on and converted once.

use akash_proto::akash::base::attributes::v1::Attribute;
use akash_proto::akash::deployment::v1 as deployment_v1;
use akash_proto::akash::deployment::v1beta4::{GroupSpec, QueryDeploymentResponse};
use akash_proto::akash::escrow::types::v1::Account as EscrowAccount;
use akash_proto::akash::market::v1 as market_v1;
use akash_proto::akash::market::v1beta5 as market;
use akash_types::coin::DecCoin;
use akash_types::id::{DeploymentId, LeaseId, OrderId};
use akash_types::num::Dec;

use super::ChainError;

#[derive(Clone, Debug, PartialEq)]
pub struct ProviderView {
    pub host_uri: String,
    pub attributes: Vec<Attribute>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OrderView {
    pub id: OrderId,
    pub open: bool,
    pub spec: GroupSpec,
    /// The tenant wants at least this notice before a lease is taken back, in seconds.
    pub reclamation_min_s: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BidState {
    Open,
    Active,
    Lost,
    Closed,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LeaseView {
    pub id: LeaseId,
    /// Active or reclaiming: it is paid for, and has to run.
    pub live: bool,
    pub price: DecCoin,
    pub created_at: u64,
    /// A notice period was agreed, so that the provider cannot close at once.
    pub reclaimable: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentView {
    pub id: DeploymentId,
    pub active: bool,
    /// Hash of the manifest that the tenant means to run.
    pub hash: Vec<u8>,
    /// By sequence number.
    pub groups: Vec<(u32, GroupSpec)>,
    pub escrow: Escrow,
}

/// The deployment's account as it was settled last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Escrow {
    pub settled_at: u64,
    pub funds: Vec<(String, Dec)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateView {
    pub valid: bool,
    pub cert_pem: Vec<u8>,
    pub pubkey_pem: Vec<u8>,
}

fn broken(what: &str, why: impl std::fmt::Display) -> ChainError {
    ChainError(format!("the node answered with a broken {what}: {why}"))
}

impl TryFrom<market::Order> for OrderView {
    type Error = ChainError;

    fn try_from(order: market::Order) -> Result<Self, ChainError> {
        let id = OrderId::try_from(order.id.as_ref()).map_err(|error| broken("order", error))?;
        let window = order.reclamation.and_then(|reclamation| reclamation.min_window);
        Ok(Self {
            id,
            open: order.state == market::order::State::Open as i32,
            spec: order.spec.ok_or_else(|| broken("order", "no group"))?,
            reclamation_min_s: window.map(|window| window.seconds),
        })
    }
}

impl TryFrom<i32> for BidState {
    type Error = ChainError;

    fn try_from(state: i32) -> Result<Self, ChainError> {
        match market::bid::State::try_from(state) {
            Ok(market::bid::State::Open) => Ok(Self::Open),
            Ok(market::bid::State::Active) => Ok(Self::Active),
            Ok(market::bid::State::Lost) => Ok(Self::Lost),
            Ok(market::bid::State::Closed) => Ok(Self::Closed),
            Ok(market::bid::State::Invalid) | Err(_) => Err(broken("bid", format!("state {state}"))),
        }
    }
}

impl TryFrom<market_v1::Lease> for LeaseView {
    type Error = ChainError;

    fn try_from(lease: market_v1::Lease) -> Result<Self, ChainError> {
        use market_v1::lease::State;
        let id = LeaseId::try_from(lease.id.as_ref()).map_err(|error| broken("lease", error))?;
        let live = match State::try_from(lease.state) {
            Ok(State::Active | State::Reclaiming) => true,
            Ok(State::Closed | State::InsufficientFunds) => false,
            Ok(State::Invalid) | Err(_) => return Err(broken("lease", format!("state {}", lease.state))),
        };
        let price = lease.price.ok_or_else(|| broken("lease", "no price"))?;
        Ok(Self {
            id,
            live,
            price: DecCoin::try_from(&price).map_err(|error| broken("lease", error))?,
            created_at: u64::try_from(lease.created_at).unwrap_or_default(),
            reclaimable: lease.reclamation.is_some_and(|reclamation| reclamation.window.is_some()),
        })
    }
}

impl TryFrom<QueryDeploymentResponse> for DeploymentView {
    type Error = ChainError;

    fn try_from(answer: QueryDeploymentResponse) -> Result<Self, ChainError> {
        let deployment = answer.deployment.ok_or_else(|| broken("deployment", "it is missing"))?;
        let mut groups = Vec::new();
        for group in answer.groups {
            let id = group.id.ok_or_else(|| broken("group", "no id"))?;
            groups.push((id.gseq, group.group_spec.ok_or_else(|| broken("group", "no specification"))?));
        }
        Ok(Self {
            id: DeploymentId::try_from(deployment.id.as_ref()).map_err(|error| broken("deployment", error))?,
            active: deployment.state == deployment_v1::deployment::State::Active as i32,
            hash: deployment.hash,
            groups,
            escrow: escrow(answer.escrow_account)?,
        })
    }
}

fn escrow(account: Option<EscrowAccount>) -> Result<Escrow, ChainError> {
    let state = account.and_then(|account| account.state).unwrap_or_default();
    let mut funds = Vec::new();
    for balance in state.funds {
        let amount = Dec::from_wire(&balance.amount).map_err(|error| broken("escrow account", error))?;
        funds.push((balance.denom, amount));
    }
    Ok(Escrow { settled_at: u64::try_from(state.settled_at).unwrap_or_default(), funds })
}
