//! A payment: what a lease takes out of its deployment's account, block by block.

use akash_kernel::TxError;
use akash_proto::akash::escrow::id::v1 as wire_id;
use akash_proto::akash::escrow::types::v1 as wire;
use akash_types::address::Address;
use akash_types::coin::{Coin, DecCoin};
use akash_types::id::LeaseId;
use akash_types::num::{Dec, Int};

use super::account::AccountId;
use super::errors::EscrowError;
use super::settlement::{self, Overflow};
use crate::fault;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: LeaseId,
    /// Who is paid: the provider.
    pub owner: Address,
    pub state: wire::State,
    pub denom: String,
    /// Per block.
    pub rate: Dec,
    /// Earned and not paid out; once the payment is final, the fraction that could not be.
    pub balance: Dec,
    /// Owed when the account ran dry and never covered.
    pub unsettled: Dec,
    pub withdrawn: Int,
}

impl Payment {
    pub fn new(id: LeaseId, owner: Address, rate: DecCoin) -> Self {
        Self {
            id,
            owner,
            state: wire::State::Open,
            denom: rate.denom,
            rate: rate.amount,
            balance: Dec::ZERO,
            unsettled: Dec::ZERO,
            withdrawn: Int::ZERO,
        }
    }

    /// Takes the whole units of the balance, to be sent to the owner.
    pub fn take_payout(&mut self) -> Result<Int, Overflow> {
        let whole = self.balance.truncate();
        self.balance = settlement::sub(self.balance, Dec::from_int(whole).ok_or(Overflow)?)?;
        self.withdrawn = self.withdrawn.checked_add(whole).ok_or(Overflow)?;
        Ok(whole)
    }

    pub fn to_wire(&self) -> wire::Payment {
        let coin = |amount: Dec| Some((&DecCoin { denom: self.denom.clone(), amount }).into());
        let state = wire::PaymentState {
            owner: self.owner.to_string(),
            state: self.state.into(),
            rate: coin(self.rate),
            balance: coin(self.balance),
            unsettled: coin(self.unsettled),
            withdrawn: Some((&Coin { denom: self.denom.clone(), amount: self.withdrawn }).into()),
        };
        wire::Payment { id: Some(id_to_wire(&self.id)), state: Some(state) }
    }

    /// Reads a record of ours.
    pub fn from_stored(stored: &wire::Payment) -> Result<Self, TxError> {
        let broken = || fault::broken("escrow payment");
        let id = id_from_wire(stored.id.as_ref().ok_or_else(broken)?).map_err(|_| broken())?;
        let state = stored.state.as_ref().ok_or_else(broken)?;
        let coin = |coin: &Option<akash_proto::cosmos::base::v1beta1::DecCoin>| {
            coin.as_ref().and_then(|coin| DecCoin::try_from(coin).ok()).ok_or_else(broken)
        };
        let rate = coin(&state.rate)?;
        let withdrawn = state.withdrawn.as_ref().and_then(|coin| coin.amount.parse().ok()).ok_or_else(broken)?;
        Ok(Self {
            id,
            owner: Address::parse(&state.owner).map_err(|_| broken())?,
            state: wire::State::try_from(state.state).map_err(|_| broken())?,
            denom: rate.denom,
            rate: rate.amount,
            balance: coin(&state.balance)?.amount,
            unsettled: coin(&state.unsettled)?.amount,
            withdrawn,
        })
    }
}

/// The wire's id of a payment: the account's, and the lease's parts behind the deployment.
pub fn id_to_wire(id: &LeaseId) -> wire_id::Payment {
    let account = AccountId::Deployment(id.deployment_id().clone()).to_wire();
    let full = id.to_string();
    let xid = full.get(account.xid.len().saturating_add(1)..).unwrap_or_default().to_owned();
    wire_id::Payment { aid: Some(account), xid }
}

pub fn id_from_wire(id: &wire_id::Payment) -> Result<LeaseId, EscrowError> {
    let account = id.aid.as_ref().ok_or(EscrowError::InvalidId)?;
    if account.scope != i32::from(wire_id::Scope::Deployment) {
        return Err(EscrowError::InvalidId);
    }
    format!("{}/{}", account.xid, id.xid).parse().map_err(|_| EscrowError::InvalidId)
}
