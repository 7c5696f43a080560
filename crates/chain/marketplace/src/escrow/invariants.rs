//! What holds between any two transactions. Which accounts and payments are open is read from the indexes, so that what
//! has ended is read only for the money that is left in it, and where the invariant on indexes looks whether they are
//! right.

use std::collections::BTreeMap;

use akash_cosmos::bank;
use akash_kernel::{Ctx, Invariant, TxError};
use akash_proto::akash::escrow::types::v1::{Balance, State};
use akash_proto::cosmos::base::v1beta1::DecCoin;
use akash_types::address::Address;
use akash_types::id::LeaseId;
use akash_types::num::Dec;
use prost::Message;

use super::STORE;
use super::account::AccountId;
use super::settlement;
use super::state::{self, ACCOUNTS, ACCOUNTS_BY_STATE, Entry, PAYMENTS, PAYMENTS_BY_STATE};
use crate::{ended, fault, rows};

type Verdict = Result<Result<(), String>, TxError>;

pub fn all() -> Vec<Invariant> {
    vec![
        Invariant {
            name: "the module account holds funds and balances, fractions of what has ended",
            check: conservation,
        },
        Invariant { name: "the funds of an open account are its deposits", check: funds },
        Invariant { name: "deposits lie in the order in which they came", check: order },
        Invariant { name: "only an open account has open payments", check: payments },
        Invariant { name: "indexes equal scans", check: indexes },
    ]
}

/// What invariants read of an account: its state and its money.
#[derive(Clone, PartialEq, Message)]
struct StoredAccount {
    #[prost(message, optional, tag = "2")]
    state: Option<AccountMoney>,
}

#[derive(Clone, PartialEq, Message)]
struct AccountMoney {
    #[prost(enumeration = "State", tag = "2")]
    state: i32,
    #[prost(message, repeated, tag = "5")]
    funds: Vec<Balance>,
    #[prost(message, repeated, tag = "6")]
    deposits: Vec<StoredDeposit>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredDeposit {
    #[prost(int64, tag = "2")]
    height: i64,
    #[prost(message, optional, tag = "4")]
    balance: Option<DecCoin>,
}

/// The same of a payment.
#[derive(Clone, PartialEq, Message)]
struct StoredPayment {
    #[prost(message, optional, tag = "2")]
    state: Option<PaymentMoney>,
}

#[derive(Clone, PartialEq, Message)]
struct PaymentMoney {
    #[prost(enumeration = "State", tag = "2")]
    state: i32,
    #[prost(message, optional, tag = "4")]
    balance: Option<DecCoin>,
}

/// What the invariant on indexes reads of either.
#[derive(Clone, Copy, PartialEq, Message)]
struct Standing {
    #[prost(message, optional, tag = "2")]
    state: Option<StandingState>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct StandingState {
    #[prost(enumeration = "State", tag = "2")]
    state: i32,
}

fn conservation(ctx: &mut Ctx) -> Verdict {
    let mut total: BTreeMap<String, Dec> = BTreeMap::new();
    for (id, account) in accounts(ctx)? {
        let has_ended = account.state() != State::Open;
        if has_ended && !account.deposits.is_empty() {
            return Ok(Err(format!("account {id:?} has ended and still has deposits")));
        }
        for coin in account.funds {
            let amount = money(&coin.amount)?;
            if has_ended && !is_fraction(amount) {
                return Ok(Err(format!("account {id:?} has ended with {amount} not paid back")));
            }
            add(&mut total, coin.denom, amount)?;
        }
    }
    for (id, payment) in all_payments(ctx)? {
        let has_ended = payment.state() != State::Open;
        let balance = payment.balance.unwrap_or_default();
        let amount = money(&balance.amount)?;
        if has_ended && !is_fraction(amount) {
            return Ok(Err(format!("payment {id} has ended with {amount} not paid")));
        }
        add(&mut total, balance.denom, amount)?;
    }
    for (denom, amount) in total {
        let held = bank::api::balance(ctx, &Address::module(STORE), &denom)?;
        if Dec::from_int(held) != Some(amount) {
            return Ok(Err(format!("the module account holds {held}{denom}, accounts and payments {amount}{denom}")));
        }
    }
    Ok(Ok(()))
}

fn funds(ctx: &mut Ctx) -> Verdict {
    for (id, account) in open_accounts(ctx)? {
        let mut deposited: BTreeMap<String, Dec> = BTreeMap::new();
        for deposit in account.deposits {
            let balance = deposit.balance.unwrap_or_default();
            add(&mut deposited, balance.denom, money(&balance.amount)?)?;
        }
        for coin in account.funds {
            let (funds, deposits) = (money(&coin.amount)?, deposited.remove(&coin.denom).unwrap_or(Dec::ZERO));
            if funds != deposits {
                return Ok(Err(format!("account {id:?} has {funds}{}, deposits of {deposits}", coin.denom)));
            }
        }
        if let Some((denom, amount)) = deposited.pop_first() {
            return Ok(Err(format!("account {id:?} has deposits of {amount}{denom}, no funds")));
        }
    }
    Ok(Ok(()))
}

/// Refunds go by this list, so they go in that order.
fn order(ctx: &mut Ctx) -> Verdict {
    for (id, account) in open_accounts(ctx)? {
        let heights: Vec<i64> = account.deposits.iter().map(|deposit| deposit.height).collect();
        if !heights.is_sorted() || heights.last().is_some_and(|last| *last > ctx.height()) {
            return Ok(Err(format!("account {id:?} has deposits of heights {heights:?}")));
        }
        for deposit in account.deposits {
            if !money(&deposit.balance.unwrap_or_default().amount)?.is_positive() {
                return Ok(Err(format!("account {id:?} has an empty deposit")));
            }
        }
    }
    Ok(Ok(()))
}

/// A payment is open or overdrawn with its account; one that is closed may have left an open account.
fn payments(ctx: &mut Ctx) -> Verdict {
    let accounts = rows::keys(ctx, &ACCOUNTS_BY_STATE)?.into_iter();
    let accounts: BTreeMap<AccountId, u8> = accounts.map(|(state, id)| (id, state)).collect();
    let closed = state::state_byte(State::Closed);
    for (state, id) in rows::keys(ctx, &PAYMENTS_BY_STATE)? {
        let account = accounts.get(&AccountId::Deployment(id.deployment_id().clone()));
        if account.is_none_or(|account| state != closed && state != *account) {
            return Ok(Err(format!("payment {id} has state {state}, its account {account:?}")));
        }
    }
    Ok(Ok(()))
}

fn indexes(ctx: &mut Ctx) -> Verdict {
    let byte = |row: Standing| row.state.map(|state| state::state_byte(state.state()));
    let rows = rows::all(ctx, &ACCOUNTS.partly::<Standing>())?.into_iter();
    let accounts: Vec<(u8, AccountId)> = rows.filter_map(|(id, row)| Some((byte(row)?, id))).collect();
    let rows = rows::all(ctx, &PAYMENTS.partly::<Standing>())?.into_iter();
    let payments: Vec<(u8, LeaseId)> = rows.filter_map(|(id, row)| Some((byte(row)?, id))).collect();
    let open = state::state_byte(State::Open);
    let mut due = Vec::new();
    for (_, id) in accounts.iter().filter(|(state, _)| *state == open) {
        let ledger = Entry::require(ctx, id)?.ledger;
        due.extend(state::due(&ledger)?.map(|height| (height, id.clone())));
    }
    let ended_accounts: Vec<u8> = accounts.iter().map(|(state, _)| *state).filter(|state| *state != open).collect();
    let ended_payments: Vec<u8> = payments.iter().map(|(state, _)| *state).filter(|state| *state != open).collect();
    let verdicts = [
        rows::check_index(ctx, "accounts by state", &ACCOUNTS_BY_STATE, accounts)?,
        rows::check_index(ctx, "payments by state", &PAYMENTS_BY_STATE, payments)?,
        rows::check_index(ctx, "accounts by due height", &state::DUE, due)?,
        ended::check(ctx, "accounts", &state::ENDED_ACCOUNTS, ended_accounts.into_iter())?,
        ended::check(ctx, "payments", &state::ENDED_PAYMENTS, ended_payments.into_iter())?,
    ];
    Ok(verdicts.into_iter().collect())
}

pub fn accounts_in(ctx: &mut Ctx, state: State) -> Result<Vec<AccountId>, TxError> {
    let keys = rows::keys_under(ctx, &ACCOUNTS_BY_STATE, &state::state_byte(state))?;
    Ok(keys.into_iter().map(|(_, id)| id).collect())
}

pub fn payments_in(ctx: &mut Ctx, state: State) -> Result<Vec<LeaseId>, TxError> {
    let keys = rows::keys_under(ctx, &PAYMENTS_BY_STATE, &state::state_byte(state))?;
    Ok(keys.into_iter().map(|(_, id)| id).collect())
}

fn open_accounts(ctx: &mut Ctx) -> Result<Vec<(AccountId, AccountMoney)>, TxError> {
    let mut open = Vec::new();
    for id in accounts_in(ctx, State::Open)? {
        let stored = ACCOUNTS.partly::<StoredAccount>().get(ctx, &id)?;
        let money = stored.and_then(|account| account.state).ok_or_else(|| fault::broken("escrow account"))?;
        open.push((id, money));
    }
    Ok(open)
}

fn accounts(ctx: &mut Ctx) -> Result<Vec<(AccountId, AccountMoney)>, TxError> {
    let rows = rows::all(ctx, &ACCOUNTS.partly::<StoredAccount>())?.into_iter();
    rows.map(|(id, row)| Ok((id, row.state.ok_or_else(|| fault::broken("escrow account"))?))).collect()
}

fn all_payments(ctx: &mut Ctx) -> Result<Vec<(LeaseId, PaymentMoney)>, TxError> {
    let rows = rows::all(ctx, &PAYMENTS.partly::<StoredPayment>())?.into_iter();
    rows.map(|(id, row)| Ok((id, row.state.ok_or_else(|| fault::broken("escrow payment"))?))).collect()
}

fn money(amount: &str) -> Result<Dec, TxError> {
    Dec::from_wire(amount).map_err(|_| fault::broken("amount"))
}

fn is_fraction(amount: Dec) -> bool {
    amount < Dec::ONE && !amount.is_negative()
}

fn add(total: &mut BTreeMap<String, Dec>, denom: String, amount: Dec) -> Result<(), TxError> {
    let sum = total.entry(denom).or_insert(Dec::ZERO);
    *sum = settlement::add(*sum, amount)?;
    Ok(())
}

#[cfg(test)]
mod tests;
