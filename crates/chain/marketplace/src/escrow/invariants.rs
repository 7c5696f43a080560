//! What holds between any two transactions.

use std::collections::BTreeMap;

use akash_cosmos::bank;
use akash_kernel::{Ctx, Invariant, TxError};
use akash_proto::akash::escrow::types::v1::State;
use akash_types::address::Address;
use akash_types::id::LeaseId;
use akash_types::num::Dec;

use super::STORE;
use super::account::{Account, AccountId};
use super::ledger::Ledger;
use super::payment::Payment;
use super::settlement::{self, Overflow};
use super::state::{self, ACCOUNTS, PAYMENTS};
use crate::{ended, rows};

type Verdict = Result<Result<(), String>, TxError>;

pub fn all() -> Vec<Invariant> {
    vec![
        Invariant { name: "the module account holds funds and balances", check: conservation },
        Invariant { name: "the funds of an open account are its deposits", check: funds },
        Invariant { name: "deposits lie in the order in which they came", check: order },
        Invariant { name: "only an open account has open payments", check: payments },
        Invariant { name: "indexes equal scans", check: indexes },
    ]
}

fn conservation(ctx: &mut Ctx) -> Verdict {
    let mut total: BTreeMap<String, Dec> = BTreeMap::new();
    let mut add = |denom: String, amount: Dec| -> Result<(), Overflow> {
        let sum = total.entry(denom).or_insert(Dec::ZERO);
        *sum = settlement::add(*sum, amount)?;
        Ok(())
    };
    for account in accounts(ctx)? {
        for coin in account.funds {
            add(coin.denom, coin.amount)?;
        }
    }
    for payment in all_payments(ctx)? {
        add(payment.denom, payment.balance)?;
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
    for account in accounts(ctx)? {
        if account.state != State::Open {
            let whole = account.funds.iter().any(|coin| coin.amount >= Dec::ONE || coin.amount.is_negative());
            if whole || !account.deposits.is_empty() {
                return Ok(Err(format!("account {:?} has ended and still holds whole units", account.id)));
            }
            continue;
        }
        for coin in &account.funds {
            let of_denom = account.deposits.iter().filter(|deposit| deposit.balance.denom == coin.denom);
            let sum = of_denom.map(|deposit| deposit.balance.amount).try_fold(Dec::ZERO, settlement::add)?;
            if sum != coin.amount {
                return Ok(Err(format!("account {:?} has funds {coin}, deposits {sum}", account.id)));
            }
        }
    }
    Ok(Ok(()))
}

/// Refunds go by this list, so they go in that order.
fn order(ctx: &mut Ctx) -> Verdict {
    for account in accounts(ctx)? {
        let heights: Vec<i64> = account.deposits.iter().map(|deposit| deposit.height).collect();
        let in_order = heights.windows(2).all(|pair| pair[0] <= pair[1]);
        if !in_order || heights.last().is_some_and(|last| *last > ctx.height()) {
            return Ok(Err(format!("account {:?} has deposits of heights {heights:?}", account.id)));
        }
        if account.deposits.iter().any(|deposit| !deposit.balance.amount.is_positive()) {
            return Ok(Err(format!("account {:?} has an empty deposit", account.id)));
        }
    }
    Ok(Ok(()))
}

fn payments(ctx: &mut Ctx) -> Verdict {
    for payment in all_payments(ctx)? {
        let id = AccountId::Deployment(payment.id.deployment_id().clone());
        let Some(account) = ACCOUNTS.get(ctx, &id)? else {
            return Ok(Err(format!("payment {} has no account", payment.id)));
        };
        let account = Account::from_stored(&account)?;
        let fits = match payment.state {
            State::Open => account.state == State::Open,
            State::Overdrawn => account.state == State::Overdrawn,
            _ => true,
        };
        if !fits {
            return Ok(Err(format!("payment {} is {:?}, its account {:?}", payment.id, payment.state, account.state)));
        }
        if payment.state != State::Open && payment.balance >= Dec::ONE {
            return Ok(Err(format!("payment {} has ended with {} not paid", payment.id, payment.balance)));
        }
    }
    Ok(Ok(()))
}

fn indexes(ctx: &mut Ctx) -> Verdict {
    let accounts = accounts(ctx)?;
    let payments = all_payments(ctx)?;
    let mut due = Vec::new();
    for account in &accounts {
        let of_account = |payment: &&Payment| {
            payment.state == State::Open && AccountId::Deployment(payment.id.deployment_id().clone()) == account.id
        };
        let payments = payments.iter().filter(of_account).cloned().collect();
        let ledger = Ledger { account: account.clone(), payments };
        due.extend(state::due(&ledger)?.map(|height| (height, account.id.clone())));
    }
    let account_keys: Vec<(u8, AccountId)> =
        accounts.iter().map(|account| (state::state_byte(account.state), account.id.clone())).collect();
    let payment_keys: Vec<(u8, LeaseId)> =
        payments.iter().map(|payment| (state::state_byte(payment.state), payment.id.clone())).collect();
    let open = state::state_byte(State::Open);
    let ended_accounts: Vec<u8> = account_keys.iter().map(|(state, _)| *state).filter(|state| *state != open).collect();
    let ended_payments: Vec<u8> = payment_keys.iter().map(|(state, _)| *state).filter(|state| *state != open).collect();
    let verdicts = [
        rows::check_index(ctx, "accounts by state", &state::ACCOUNTS_BY_STATE, account_keys)?,
        rows::check_index(ctx, "payments by state", &state::PAYMENTS_BY_STATE, payment_keys)?,
        rows::check_index(ctx, "accounts by due height", &state::DUE, due)?,
        ended::check(ctx, "accounts", &state::ENDED_ACCOUNTS, ended_accounts.into_iter())?,
        ended::check(ctx, "payments", &state::ENDED_PAYMENTS, ended_payments.into_iter())?,
    ];
    Ok(verdicts.into_iter().collect())
}

fn accounts(ctx: &mut Ctx) -> Result<Vec<Account>, TxError> {
    rows::all(ctx, &ACCOUNTS)?.iter().map(|(_, account)| Account::from_stored(account)).collect()
}

fn all_payments(ctx: &mut Ctx) -> Result<Vec<Payment>, TxError> {
    rows::all(ctx, &PAYMENTS)?.iter().map(|(_, payment)| Payment::from_stored(payment)).collect()
}

#[cfg(test)]
mod tests;
