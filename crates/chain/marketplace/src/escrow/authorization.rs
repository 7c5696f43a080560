//! `DepositAuthorization`: how much of a granter's money somebody may put into escrow, and for what.
//!
//! It works in two ways. A deposit whose sources name grants draws on the granters in their order; such a grant is
//! never deleted, and what comes back of the deposit restores it. And `MsgExec` of a `MsgAccountDeposit` spends it as
//! any other grant: the whole amount must be covered, and it ends at zero.

use akash_cosmos::authz::api as authz;
use akash_kernel::{Acceptance, Ctx, Registry, TxError, sdk_error};
use akash_proto::akash::escrow::v1::deposit_authorization::Scope;
use akash_proto::akash::escrow::v1::{DepositAuthorization, MsgAccountDeposit};
use akash_types::address::Address;
use akash_types::coin::{Coin, Coins};
use prost::{Message, Name};
use prost_types::Any;

use super::account::AccountId;
use super::errors::EscrowError;
use crate::deposit::Deposit;
use crate::fault;

/// The type URL of the message that these grants are about.
pub const MESSAGE: &str = "/akash.escrow.v1.MsgAccountDeposit";

pub fn register(registry: &mut Registry) {
    registry.authorization(|_: &DepositAuthorization| MESSAGE, validate, accept);
}

/// Most denominations of one grant.
const MAX_LIMITS: usize = 64;

/// A grant of this kind, decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Allowance {
    pub scopes: Vec<i32>,
    pub limits: Coins,
}

impl Allowance {
    /// `None` for a grant of another kind.
    pub fn read(authorization: &Any) -> Result<Option<Self>, TxError> {
        if authorization.type_url != type_url() {
            return Ok(None);
        }
        let wire = DepositAuthorization::decode(authorization.value.as_slice());
        let wire = wire.map_err(|_| fault::broken("deposit authorization"))?;
        Ok(Some(Self { limits: limits(&wire)?, scopes: wire.scopes }))
    }

    pub fn covers(&self, account: &AccountId) -> bool {
        self.scopes.contains(&scope(account).into())
    }

    pub fn to_any(&self) -> Any {
        Any { type_url: type_url(), value: self.to_wire().encode_to_vec() }
    }

    fn to_wire(&self) -> DepositAuthorization {
        let spend_limits = Vec::from(&self.limits);
        DepositAuthorization { spend_limit: Some(none()), scopes: self.scopes.clone(), spend_limits }
    }
}

/// Gives coins that come back from escrow to the grant that they were drawn from, if it is still there.
pub fn restore(ctx: &mut Ctx, granter: &Address, grantee: &Address, coin: &Coin) -> Result<(), TxError> {
    let Some(grant) = authz::grant_of(ctx, granter, grantee, MESSAGE)? else { return Ok(()) };
    let Some(allowance) = Allowance::read(&grant.authorization)? else { return Ok(()) };
    // A limit that cannot be counted higher is as good as none, and nobody fills a grant with denominations.
    let higher = allowance.limits.clone().checked_add_coin(coin);
    let Some(limits) = higher.filter(|limits| limits.len() <= MAX_LIMITS) else { return Ok(()) };
    let restored = Allowance { limits, ..allowance };
    authz::replace_grant(ctx, granter, grantee, MESSAGE, Some(restored.to_any()))
}

fn validate(wire: &DepositAuthorization) -> Result<(), TxError> {
    if wire.scopes.is_empty() {
        return Err(EscrowError::InvalidAuthzScope.because("no scope"));
    }
    for (index, scope) in wire.scopes.iter().enumerate() {
        if !matches!(Scope::try_from(*scope), Ok(Scope::Deployment | Scope::Bid)) {
            return Err(EscrowError::InvalidAuthzScope.because(format!("scope {scope}")));
        }
        if wire.scopes.iter().take(index).any(|earlier| earlier == scope) {
            return Err(EscrowError::InvalidAuthzScope.because(format!("scope {scope} is named twice")));
        }
    }
    let invalid = |found: String| Err(sdk_error::invalid_coins(format!("spend limits: {found}")));
    if wire.spend_limit.as_ref().is_some_and(|old| !matches!(old.amount.as_str(), "" | "0")) {
        return invalid("spend_limit is of the past, use spend_limits".to_owned());
    }
    match Coins::try_from(wire.spend_limits.as_slice()) {
        Ok(limits) if limits.is_empty() => invalid("none".to_owned()),
        Ok(limits) if limits.len() > MAX_LIMITS => invalid(format!("more than {MAX_LIMITS} denominations")),
        Ok(_) => Ok(()),
        Err(error) => invalid(error.to_string()),
    }
}

fn accept(
    _ctx: &mut Ctx,
    wire: &DepositAuthorization,
    message: &Any,
) -> Result<Acceptance<DepositAuthorization>, TxError> {
    let message = MsgAccountDeposit::decode(message.value.as_slice());
    let message = message.map_err(|error| sdk_error::tx_decode(error.to_string()))?;
    let account = AccountId::from_wire(message.id.as_ref().ok_or(EscrowError::InvalidId)?)?;
    let amount = Deposit::read(message.deposit.as_ref())?.amount;
    let allowance = Allowance { scopes: wire.scopes.clone(), limits: limits(wire)? };
    if !allowance.covers(&account) {
        return Err(EscrowError::UnauthorizedDepositScope.into());
    }

    let Some(left) = allowance.limits.clone().checked_sub_coin(&amount) else {
        return Err(sdk_error::insufficient_funds("requested amount is more than spend limit"));
    };
    if left.is_empty() {
        return Ok(Acceptance::Delete);
    }
    Ok(Acceptance::Keep(Allowance { limits: left, ..allowance }.to_wire()))
}

/// What may still be spent; a grant of the past has its limit in a field of its own.
fn limits(wire: &DepositAuthorization) -> Result<Coins, TxError> {
    let broken = || fault::broken("deposit authorization");
    let limits = Coins::try_from(wire.spend_limits.as_slice()).map_err(|_| broken())?;
    match wire.spend_limit.as_ref().map(Coin::try_from) {
        Some(Ok(old)) if old.amount.is_positive() => limits.checked_add_coin(&old).ok_or_else(broken),
        _ => Ok(limits),
    }
}

fn scope(account: &AccountId) -> Scope {
    match account {
        AccountId::Deployment(_) => Scope::Deployment,
        AccountId::Bid(_) => Scope::Bid,
    }
}

/// The reference writes the empty coin of the field of the past.
fn none() -> akash_proto::cosmos::base::v1beta1::Coin {
    akash_proto::cosmos::base::v1beta1::Coin { denom: String::new(), amount: "0".to_owned() }
}

fn type_url() -> String {
    format!("/{}", DepositAuthorization::full_name())
}
