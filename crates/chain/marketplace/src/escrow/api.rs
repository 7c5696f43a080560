//! What other modules may do with compute money. Everything that touches an account settles it first, so that a
//! caller learns at once that it ran dry; escrow has then paid everybody, and the caller closes what hangs on it.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::escrow::types::v1::{self as wire, State};
use akash_store::{Kv, Range, key_bytes};
use akash_types::address::Address;
use akash_types::coin::DecCoin;
use akash_types::id::LeaseId;
use akash_types::num::Dec;

use super::account::Account;
pub use super::account::AccountId;
use super::errors::EscrowError;
use super::funding::enter;
pub use super::funding::{Funding, authorize};
pub use super::ledger::Standing;
use super::ledger::{Ledger, take_payout};
use super::payment::Payment;
use super::payout::{self, Payouts};
use super::state::{self, ACCOUNTS, DUE, Entry, PAYMENTS};
use super::{MAX_OPEN_PAYMENTS, invariants};
use crate::fault;

/// Opens an account whose main denomination is `denom`.
pub fn create_account(
    ctx: &mut Ctx,
    id: AccountId,
    owner: &Address,
    denom: &str,
    fundings: Vec<Funding>,
) -> Result<(), TxError> {
    if ACCOUNTS.get(ctx, &id)?.is_some() {
        return Err(EscrowError::AccountExists.into());
    }
    let mut account = Account::new(id, owner.clone(), ctx.height());
    account.funds.push(DecCoin { denom: denom.to_owned(), amount: Dec::ZERO });

    let mut entry = Entry::new(account);
    enter(ctx, &mut entry.ledger.account, fundings)?;
    entry.save(ctx)
}

/// Adds money to an open account. An account whose money ends at this very height is saved by it, for the sweep comes
/// at the end of the block; so is one in its grace period, if the money covers what it owes by now.
pub fn deposit(ctx: &mut Ctx, id: &AccountId, fundings: Vec<Funding>) -> Result<(), TxError> {
    let mut entry = Entry::require(ctx, id)?;
    check_open(&entry.ledger)?;

    enter(ctx, &mut entry.ledger.account, fundings)?;
    entry.save(ctx)
}

/// Brings an open account up to this height, so that something that it pays for can end. Refused in its grace period:
/// what is owed must be covered first.
pub fn settle(ctx: &mut Ctx, id: &AccountId) -> Result<Standing, TxError> {
    let mut entry = Entry::require(ctx, id)?;
    check_open(&entry.ledger)?;

    let Some(standing) = settle_with_grace(ctx, &mut entry.ledger)? else { return Err(in_grace(&entry.ledger)?) };
    let payouts = payouts(&mut entry.ledger, standing)?;
    finish(ctx, entry, payouts)?;
    Ok(standing)
}

/// Starts paying `rate` per block to the lease's provider, from this height on.
pub fn create_payment(ctx: &mut Ctx, id: &LeaseId, rate: DecCoin) -> Result<(), TxError> {
    let mut entry = Entry::require(ctx, &account_of(id))?;
    check_open(&entry.ledger)?;
    match settle_with_grace(ctx, &mut entry.ledger)? {
        Some(Standing::Covered) => {}
        None => return Err(in_grace(&entry.ledger)?),
        // The sweep at the end of this block closes it.
        Some(Standing::RanDry) => return Err(EscrowError::AccountOverdrawn.into()),
    }
    if entry.ledger.account.funds_in(&rate.denom).is_none() {
        return Err(EscrowError::InvalidDenomination.because(rate.denom));
    }
    if !rate.amount.is_positive() {
        return Err(EscrowError::PaymentRateZero.into());
    }
    if PAYMENTS.get(ctx, id)?.is_some() || entry.ledger.payments.len() >= MAX_OPEN_PAYMENTS {
        return Err(EscrowError::PaymentExists.into());
    }

    entry.ledger.payments.push(Payment::new(id.clone(), id.provider().clone(), rate));
    entry.ledger.payments.sort_by(|a, b| a.id.cmp(&b.id));
    entry.save(ctx)
}

/// Pays the provider the whole units that it has earned; in a grace period those that are covered.
pub fn withdraw(ctx: &mut Ctx, id: &LeaseId) -> Result<Standing, TxError> {
    let mut entry = require_open_payment(ctx, id)?;

    let standing = settle_with_grace(ctx, &mut entry.ledger)?.unwrap_or(Standing::Covered);
    let mut payouts = payouts(&mut entry.ledger, standing)?;
    if standing == Standing::Covered {
        payouts.extend(take_payout(payment_mut(&mut entry.ledger, id)?)?);
    }
    finish(ctx, entry, payouts)?;
    Ok(standing)
}

/// Ends a payment of an account that was settled at this height, unless its account's end has ended it before.
pub fn release_payment(ctx: &mut Ctx, id: &LeaseId) -> Result<(), TxError> {
    let stored = PAYMENTS.get(ctx, id)?.ok_or_else(|| fault::missing(format!("payment of lease {id}")))?;
    if Payment::from_stored(&stored)?.state != State::Open {
        return Ok(());
    }
    let mut entry = Entry::require(ctx, &account_of(id))?;
    if entry.ledger.account.settled_at != ctx.height() {
        return Err(TxError::Fault(format!("payment of lease {id} is released before its account is settled")));
    }

    let payment = payment_mut(&mut entry.ledger, id)?;
    payment.state = State::Closed;
    let payouts = take_payout(payment)?.into_iter().collect();
    finish(ctx, entry, payouts)
}

/// Settles an account, pays everybody, gives the rest back, and ends it. There is no grace for that.
pub fn close_account(ctx: &mut Ctx, id: &AccountId) -> Result<Standing, TxError> {
    let mut entry = Entry::require(ctx, id)?;
    check_open(&entry.ledger)?;

    let standing = entry.ledger.settle(ctx.height())?;
    let mut payouts = payouts(&mut entry.ledger, standing)?;
    if standing == Standing::Covered {
        entry.ledger.close();
        payouts.extend(entry.ledger.final_payouts()?);
    }
    finish(ctx, entry, payouts)?;
    Ok(standing)
}

/// The account as it is stored, settled at the height that it names.
pub fn stored_account<S: Kv>(kv: &mut S, id: &AccountId) -> Result<Option<wire::Account>, S::Error> {
    ACCOUNTS.get(kv, id)
}

/// The payment as it is stored, settled at the height that its account names.
pub fn stored_payment<S: Kv>(kv: &mut S, id: &LeaseId) -> Result<Option<wire::Payment>, S::Error> {
    PAYMENTS.get(kv, id)
}

/// Every account that is open, for invariants.
pub fn open_accounts(ctx: &mut Ctx) -> Result<Vec<AccountId>, TxError> {
    invariants::accounts_in(ctx, State::Open)
}

/// The lease of every payment that is open, for invariants.
pub fn open_payments(ctx: &mut Ctx) -> Result<Vec<LeaseId>, TxError> {
    invariants::payments_in(ctx, State::Open)
}

/// Accounts whose money ended, and their grace period too, by this height; the longest due first.
pub fn due(ctx: &mut Ctx, limit: usize) -> Result<Vec<AccountId>, TxError> {
    let grace = state::params(ctx)?.grace_period_blocks;
    let Some(last) = u64::try_from(ctx.height()).ok().and_then(|height| height.checked_sub(grace)) else {
        return Ok(Vec::new());
    };
    let range = Range { end: Some(key_bytes(&last.saturating_add(1))), ..Range::default() };
    Ok(DUE.scan_range(ctx, range, limit)?.into_iter().map(|(_, id)| id).collect())
}

/// Accounts whose money ends at this height and which have a grace period from now on; and its last height.
pub fn entering_grace(ctx: &mut Ctx, limit: usize) -> Result<(Vec<AccountId>, i64), TxError> {
    let grace = state::params(ctx)?.grace_period_blocks;
    let Ok(height) = u64::try_from(ctx.height()) else { return Ok((Vec::new(), 0)) };
    if grace == 0 {
        return Ok((Vec::new(), ctx.height()));
    }
    let found = DUE.scan_under(ctx, &height, limit)?.into_iter().map(|(_, id)| id).collect();
    Ok((found, i64::try_from(height.saturating_add(grace)).unwrap_or(i64::MAX)))
}

/// Settles a ledger as far as its grace period allows; within it there is no standing.
fn settle_with_grace(ctx: &mut Ctx, ledger: &mut Ledger) -> Result<Option<Standing>, TxError> {
    let is_late = ledger.due()?.is_some_and(|due| due <= ctx.height());
    let grace = if is_late { state::params(ctx)?.grace_period_blocks } else { 0 };
    Ok(ledger.settle_with_grace(ctx.height(), grace)?)
}

/// What is to be paid out of a settled ledger: everything, if it ran dry.
fn payouts(ledger: &mut Ledger, standing: Standing) -> Result<Payouts, TxError> {
    match standing {
        Standing::Covered => Ok(Payouts::new()),
        Standing::RanDry => Ok(ledger.final_payouts()?),
    }
}

fn finish(ctx: &mut Ctx, entry: Entry, payouts: Payouts) -> Result<(), TxError> {
    entry.save(ctx)?;
    payout::pay(ctx, payouts)
}

fn in_grace(ledger: &Ledger) -> Result<TxError, TxError> {
    let since = ledger.due()?.unwrap_or_default();
    Ok(EscrowError::AccountOverdrawn.because(format!("nothing left since height {since}, deposit first")))
}

fn check_open(ledger: &Ledger) -> Result<(), TxError> {
    match ledger.account.state {
        State::Open => Ok(()),
        State::Overdrawn => Err(EscrowError::AccountOverdrawn.into()),
        _ => Err(EscrowError::AccountClosed.into()),
    }
}

fn require_open_payment(ctx: &mut Ctx, id: &LeaseId) -> Result<Entry, TxError> {
    let stored = PAYMENTS.get(ctx, id)?.ok_or(EscrowError::PaymentNotFound)?;
    if Payment::from_stored(&stored)?.state != State::Open {
        return Err(EscrowError::PaymentClosed.into());
    }
    Entry::require(ctx, &account_of(id))
}

fn payment_mut<'a>(ledger: &'a mut Ledger, id: &LeaseId) -> Result<&'a mut Payment, TxError> {
    ledger.payments.iter_mut().find(|payment| payment.id == *id).ok_or_else(|| fault::missing(format!("payment {id}")))
}

fn account_of(id: &LeaseId) -> AccountId {
    AccountId::Deployment(id.deployment_id().clone())
}
