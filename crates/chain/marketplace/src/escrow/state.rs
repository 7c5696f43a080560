//! What escrow stores, and how a [`Ledger`] goes in and out.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::escrow::types::v1::{self as wire, State};
use akash_proto::akash::ext::escrow::v1::{Pace, Params};
use akash_store::{Index, Item, Kv, Map, Range, Record, key_bytes};
use akash_types::id::LeaseId;

use super::account::{Account, AccountId};
use super::errors::EscrowError;
use super::ledger::Ledger;
use super::payment::Payment;
use super::{MAX_OPEN_PAYMENTS, STORE, params};
use crate::ended::{self, Ended};
use crate::{fault, rows};

pub const ACCOUNTS: Map<AccountId, wire::Account> = Map::new(STORE, 0x11);
pub const PAYMENTS: Map<LeaseId, wire::Payment> = Map::new(STORE, 0x12);
pub const PARAMS: Item<Params> = Item::new(STORE, 0x14);
/// Two heights of the past with their times: the older one is far enough back to reckon the pace of blocks from.
pub const OLDER_PACE: Item<Pace> = Item::new(STORE, 0x15);
pub const NEWER_PACE: Item<Pace> = Item::new(STORE, 0x16);
/// How many accounts and payments have ended, by state.
pub const ENDED_ACCOUNTS: Ended<u8> = Ended::new(STORE, 0x17);
pub const ENDED_PAYMENTS: Ended<u8> = Ended::new(STORE, 0x18);
/// (state, account).
pub const ACCOUNTS_BY_STATE: Index<(u8, AccountId)> = Index::new(STORE, 0x21);
/// (state, payment): the open payments of an account lie together.
pub const PAYMENTS_BY_STATE: Index<(u8, LeaseId)> = Index::new(STORE, 0x22);
/// (first height at which the account does not cover what it owes, account).
pub const DUE: Index<(u64, AccountId)> = Index::new(STORE, 0x23);

pub fn params<S: Kv>(kv: &mut S) -> Result<Params, S::Error> {
    Ok(PARAMS.get(kv)?.unwrap_or(params::DEFAULT))
}

/// All states in an index key.
pub const STATES: [u8; 4] = [0, 1, 2, 3];

/// The number of a state in an index key.
pub fn state_byte(state: State) -> u8 {
    match state {
        State::Invalid => 0,
        State::Open => 1,
        State::Closed => 2,
        State::Overdrawn => 3,
    }
}

/// A ledger between reading and writing; it remembers what was stored, so that only changes are written.
#[derive(Debug)]
pub struct Entry {
    pub ledger: Ledger,
    stored: Option<Ledger>,
}

impl Entry {
    pub fn new(account: Account) -> Self {
        Self { ledger: Ledger { account, payments: Vec::new() }, stored: None }
    }

    pub fn load<S: Kv>(kv: &mut S, id: &AccountId) -> Result<Option<Self>, S::Error>
    where
        S::Error: From<TxError>,
    {
        let Some(account) = ACCOUNTS.get(kv, id)? else { return Ok(None) };
        let ledger = Ledger { account: Account::from_stored(&account)?, payments: open_payments(kv, id)? };
        Ok(Some(Self { stored: Some(ledger.clone()), ledger }))
    }

    pub fn require(ctx: &mut Ctx, id: &AccountId) -> Result<Self, TxError> {
        Self::load(ctx, id)?.ok_or_else(|| EscrowError::AccountNotFound.into())
    }

    pub fn save(self, ctx: &mut Ctx) -> Result<(), TxError> {
        let Self { ledger, stored } = self;
        let old_account = stored.as_ref().map(|ledger| &ledger.account);
        if old_account != Some(&ledger.account) {
            save_account(ctx, &ledger.account, old_account)?;
        }
        for payment in &ledger.payments {
            let old = stored.iter().flat_map(|ledger| &ledger.payments).find(|old| old.id == payment.id);
            if old != Some(payment) {
                save_payment(ctx, payment, old)?;
            }
        }
        let due_before = stored.as_ref().map(due).transpose()?.flatten();
        move_due(ctx, &ledger.account.id, due_before, due(&ledger)?)
    }
}

/// When the sweep must look at an account; never, once it is final.
pub fn due(ledger: &Ledger) -> Result<Option<u64>, TxError> {
    let due = if ledger.is_open() { ledger.due()? } else { None };
    Ok(due.and_then(|height| u64::try_from(height).ok()))
}

pub fn insert_account(ctx: &mut Ctx, account: &Account) -> Result<(), TxError> {
    save_account(ctx, account, None)
}

pub fn insert_payment(ctx: &mut Ctx, payment: &Payment) -> Result<(), TxError> {
    save_payment(ctx, payment, None)
}

/// Enters every open account by its due height; for a state that was just read from a file.
pub fn index_due(ctx: &mut Ctx) -> Result<(), TxError> {
    for (_, id) in rows::keys(ctx, &ACCOUNTS_BY_STATE)? {
        let entry = Entry::require(ctx, &id)?;
        let after = due(&entry.ledger)?;
        move_due(ctx, &id, None, after)?;
    }
    Ok(())
}

fn open_payments<S: Kv>(kv: &mut S, id: &AccountId) -> Result<Vec<Payment>, S::Error>
where
    S::Error: From<TxError>,
{
    let AccountId::Deployment(deployment) = id else { return Ok(Vec::new()) };
    let under = (state_byte(State::Open), deployment.clone());
    let ids = PAYMENTS_BY_STATE.scan_under(kv, &under, MAX_OPEN_PAYMENTS)?;
    let mut payments = Vec::with_capacity(ids.len());
    for (_, id) in ids {
        let stored = PAYMENTS.get(kv, &id)?.ok_or_else(|| fault::missing(format!("payment {id}")))?;
        payments.push(Payment::from_stored(&stored)?);
    }
    Ok(payments)
}

fn save_account(ctx: &mut Ctx, account: &Account, old: Option<&Account>) -> Result<(), TxError> {
    let state = state_byte(account.state);
    match account.state {
        State::Open => ACCOUNTS.put(ctx, &account.id, &account.to_wire())?,
        _ => ACCOUNTS.archive(ctx, &account.id, &account.to_wire())?,
    }
    if old.map(|old| old.state) == Some(account.state) {
        return Ok(());
    }
    if let Some(old) = old {
        ACCOUNTS_BY_STATE.remove(ctx, &(state_byte(old.state), old.id.clone()))?;
    }
    if account.state != State::Open {
        ended::add(ctx, &ENDED_ACCOUNTS, &state)?;
    }
    ACCOUNTS_BY_STATE.insert(ctx, &(state, account.id.clone()))
}

fn save_payment(ctx: &mut Ctx, payment: &Payment, old: Option<&Payment>) -> Result<(), TxError> {
    let state = state_byte(payment.state);
    match payment.state {
        State::Open => PAYMENTS.put(ctx, &payment.id, &payment.to_wire())?,
        _ => PAYMENTS.archive(ctx, &payment.id, &payment.to_wire())?,
    }
    if old.map(|old| old.state) == Some(payment.state) {
        return Ok(());
    }
    if let Some(old) = old {
        PAYMENTS_BY_STATE.remove(ctx, &(state_byte(old.state), old.id.clone()))?;
    }
    if payment.state != State::Open {
        ended::add(ctx, &ENDED_PAYMENTS, &state)?;
    }
    PAYMENTS_BY_STATE.insert(ctx, &(state, payment.id.clone()))
}

/// The index rows that follow from a record.
pub fn index(ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
    if let Some((id, payment)) = PAYMENTS.decode(record)? {
        let payment = Payment::from_stored(&payment)?;
        return PAYMENTS_BY_STATE.insert(ctx, &(state_byte(payment.state), id));
    }
    let Some((id, account)) = ACCOUNTS.decode(record)? else { return Ok(()) };
    let account = Account::from_stored(&account)?;
    ACCOUNTS_BY_STATE.insert(ctx, &(state_byte(account.state), id.clone()))?;
    if account.state != State::Open {
        return Ok(());
    }
    let payments = scan_open_payments(ctx, &id)?;
    move_due(ctx, &id, None, due(&Ledger { account, payments })?)
}

/// The open payments of an account out of all that it ever had: for when there is no index yet.
fn scan_open_payments(ctx: &mut Ctx, id: &AccountId) -> Result<Vec<Payment>, TxError> {
    let AccountId::Deployment(deployment) = id else { return Ok(Vec::new()) };
    let (mut range, mut open) = (Range::prefix(key_bytes(deployment)), Vec::new());
    loop {
        let rows = PAYMENTS.scan_range(ctx, range.clone(), MAX_OPEN_PAYMENTS)?;
        let Some((last, _)) = rows.last() else { return Ok(open) };
        range = range.after(&key_bytes(last));
        for (_, stored) in rows {
            let payment = Payment::from_stored(&stored)?;
            if payment.state == State::Open {
                open.push(payment);
            }
        }
    }
}

fn move_due(ctx: &mut Ctx, id: &AccountId, before: Option<u64>, after: Option<u64>) -> Result<(), TxError> {
    if before == after {
        return Ok(());
    }
    if let Some(height) = before {
        DUE.remove(ctx, &(height, id.clone()))?;
    }
    if let Some(height) = after {
        DUE.insert(ctx, &(height, id.clone()))?;
    }
    Ok(())
}
