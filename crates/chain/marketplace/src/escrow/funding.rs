//! Where the money of a deposit comes from, and whose it stays.

use akash_cosmos::authz::api as authz;
use akash_cosmos::bank;
use akash_kernel::{Ctx, TxError};
use akash_proto::akash::base::deposit::v1::Source;
use akash_types::address::Address;
use akash_types::coin::{Coin, Coins, DecCoin};
use akash_types::num::{Dec, Int};

use super::account::{Account, AccountId, Deposit as Entered};
use super::authorization::{self, Allowance};
use super::errors::EscrowError;
use super::{STORE, state};
use crate::deposit::Deposit;
use crate::fault;
use crate::market::errors::MarketError;

/// Grants looked at in one step.
const STEP_GRANTS: usize = 32;
/// Grants that one deposit looks at; whoever has more of them names balances as well.
const MAX_GRANTS: usize = 1024;

/// Money that may be taken from somebody for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funding {
    pub owner: Address,
    pub source: Source,
    pub coin: Coin,
    /// Who uses the owner's grant.
    pub grantee: Option<Address>,
}

/// Finds who pays a deposit, source by source, until it is complete. Grants are reduced here; the coins move when the
/// fundings are entered.
pub fn authorize(
    ctx: &mut Ctx,
    signer: &Address,
    account: &AccountId,
    deposit: &Deposit,
) -> Result<Vec<Funding>, TxError> {
    let mut fundings = Vec::new();
    let mut missing = deposit.amount.amount;
    for source in &deposit.sources {
        let wanted = Coin { denom: deposit.amount.denom.clone(), amount: missing };
        missing = match source {
            _ if !missing.is_positive() => break,
            Source::Grant => from_grants(ctx, signer, account, wanted, &mut fundings)?,
            _ => from_balance(ctx, signer, wanted, &mut fundings)?,
        };
    }
    if missing.is_positive() {
        // PARITY(escrow/insufficient): the code is the market's, whatever the deposit is for.
        // Page: docs/parity/escrow.md.
        return Err(MarketError::InvalidDeposit.because("insufficient"));
    }
    Ok(fundings)
}

/// Moves the money in and writes down whose it is.
pub fn enter(ctx: &mut Ctx, account: &mut Account, fundings: Vec<Funding>) -> Result<(), TxError> {
    if fundings.is_empty() {
        return Ok(());
    }
    let params = state::params(ctx)?;
    for Funding { owner, source, coin, grantee } in fundings {
        let is_own = *grantee.as_ref().unwrap_or(&owner) == account.owner;
        let kept = if is_own { 0 } else { params.reserved_deposits };
        let limit = params.max_deposits.saturating_sub(kept) as usize;
        if account.deposits.len() >= limit {
            return Err(EscrowError::InvalidDeposit.because(format!("account already holds {limit} deposits")));
        }
        bank::api::account_to_module(ctx, &owner, STORE, &Coins::from(coin.clone()))?;
        let amount = Dec::from_int(coin.amount).ok_or_else(|| fault::broken("deposit"))?;
        let balance = DecCoin { denom: coin.denom, amount };
        account.add(Entered { owner, height: ctx.height(), source, balance, grantee })?;
    }
    Ok(())
}

/// Gives what is still missing.
fn from_balance(ctx: &mut Ctx, signer: &Address, wanted: Coin, fundings: &mut Vec<Funding>) -> Result<Int, TxError> {
    // What grants take from the signer himself, who may be his own granter, is not there twice.
    let amount = free(ctx, signer, &wanted.denom, fundings)?.min(wanted.amount);
    if amount.is_positive() {
        let coin = Coin { denom: wanted.denom, amount };
        fundings.push(Funding { owner: signer.clone(), source: Source::Balance, coin, grantee: None });
    }
    less(wanted.amount, amount)
}

/// Draws on granters in their order, each up to its limit and to what it has. Gives what is still missing.
fn from_grants(
    ctx: &mut Ctx,
    signer: &Address,
    account: &AccountId,
    wanted: Coin,
    fundings: &mut Vec<Funding>,
) -> Result<Int, TxError> {
    let mut missing = wanted.amount;
    let (mut after, mut seen) = (None, 0);
    while seen < MAX_GRANTS {
        let granters = authz::granters_to(ctx, signer, authorization::MESSAGE, after.as_ref(), STEP_GRANTS)?;
        let Some(last) = granters.last().cloned() else { break };
        seen += granters.len();
        for granter in granters {
            if !missing.is_positive() {
                return Ok(missing);
            }
            let coin = Coin { denom: wanted.denom.clone(), amount: missing };
            missing = less(missing, from_grant(ctx, &granter, signer, account, coin, fundings)?)?;
        }
        after = Some(last);
    }
    Ok(missing)
}

/// Draws on one grant and writes back what is left of it, nothing included. Gives what it brings.
fn from_grant(
    ctx: &mut Ctx,
    granter: &Address,
    signer: &Address,
    account: &AccountId,
    wanted: Coin,
    fundings: &mut Vec<Funding>,
) -> Result<Int, TxError> {
    let Some(grant) = authz::grant_of(ctx, granter, signer, authorization::MESSAGE)? else { return Ok(Int::ZERO) };
    let Some(allowance) = Allowance::read(&grant.authorization)? else { return Ok(Int::ZERO) };
    let limit = allowance.limits.amount_of(&wanted.denom);
    if !allowance.covers(account) || !limit.is_positive() {
        return Ok(Int::ZERO);
    }
    let amount = free(ctx, granter, &wanted.denom, fundings)?.min(limit).min(wanted.amount);
    if !amount.is_positive() {
        return Ok(Int::ZERO);
    }
    let coin = Coin { denom: wanted.denom, amount };
    let limits = allowance.limits.clone().checked_sub_coin(&coin).ok_or_else(|| fault::broken("spend limit"))?;
    let left = Allowance { limits, ..allowance }.to_any();
    authz::replace_grant(ctx, granter, signer, authorization::MESSAGE, Some(left))?;
    fundings.push(Funding { owner: granter.clone(), source: Source::Grant, coin, grantee: Some(signer.clone()) });
    Ok(amount)
}

/// What somebody can pay beyond the fundings that name him already.
fn free(ctx: &mut Ctx, owner: &Address, denom: &str, fundings: &[Funding]) -> Result<Int, TxError> {
    let mut free = bank::api::spendable(ctx, owner, denom)?;
    for funding in fundings.iter().filter(|funding| funding.owner == *owner) {
        free = less(free, funding.coin.amount)?;
    }
    Ok(free)
}

fn less(amount: Int, part: Int) -> Result<Int, TxError> {
    amount.checked_sub(part).ok_or_else(|| fault::missing("deposit"))
}
