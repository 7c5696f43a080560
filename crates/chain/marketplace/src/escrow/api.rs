//! What other modules may do with compute money. Everything that touches an account settles it first, so that a
//! caller learns at once that it ran dry; escrow has then paid everybody, and the caller closes what hangs on it.

use akash_cosmos::bank;
use akash_kernel::{Ctx, TxError};
use akash_proto::akash::base::deposit::v1::Source;
use akash_proto::akash::escrow::types::v1::{self as wire, State};
use akash_store::{Kv, Range, key_bytes};
use akash_types::address::Address;
use akash_types::coin::{Coin, Coins, DecCoin};
use akash_types::id::LeaseId;
use akash_types::num::Dec;

pub use super::account::AccountId;
use super::account::{Account, Deposit as Entered};
use super::errors::EscrowError;
pub use super::ledger::Standing;
use super::ledger::{Ledger, Payouts, take_payout};
use super::payment::Payment;
use super::state::{ACCOUNTS, DUE, Entry, PAYMENTS};
use super::{MAX_DEPOSITS, MAX_OPEN_PAYMENTS, RESERVED_DEPOSITS, STORE};
use crate::deposit::Deposit;
use crate::errors::SharedError;
use crate::fault;
use crate::market::errors::MarketError;

/// Money that may be taken from somebody for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funding {
    pub owner: Address,
    pub source: Source,
    pub coin: Coin,
}

/// Finds who pays a deposit, source by source, until it is complete. Takes nothing yet.
pub fn authorize(ctx: &mut Ctx, signer: &Address, deposit: &Deposit) -> Result<Vec<Funding>, TxError> {
    let mut fundings = Vec::new();
    let mut missing = deposit.amount.amount;
    for source in &deposit.sources {
        if !missing.is_positive() {
            break;
        }
        if *source != Source::Balance {
            return Err(SharedError::InvalidDepositSource.because("deposits out of grants are not supported yet"));
        }
        let amount = bank::api::spendable(ctx, signer, &deposit.amount.denom)?.min(missing);
        if amount.is_positive() {
            missing = missing.checked_sub(amount).ok_or_else(|| fault::missing("deposit"))?;
            let coin = Coin { denom: deposit.amount.denom.clone(), amount };
            fundings.push(Funding { owner: signer.clone(), source: *source, coin });
        }
    }
    if missing.is_positive() {
        // PARITY(escrow/insufficient): the code is the market's, whatever the deposit is for.
        // Page: docs/parity/escrow.md.
        return Err(MarketError::InvalidDeposit.because("insufficient"));
    }
    Ok(fundings)
}

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
    enter(ctx, &mut entry.ledger, fundings)?;
    entry.save(ctx)
}

/// Adds money to an open account. An account whose money ends at this very height is saved by it, for the sweep comes
/// at the end of the block.
pub fn deposit(ctx: &mut Ctx, id: &AccountId, fundings: Vec<Funding>) -> Result<(), TxError> {
    let mut entry = Entry::require(ctx, id)?;
    check_open(&entry.ledger)?;

    enter(ctx, &mut entry.ledger, fundings)?;
    entry.save(ctx)
}

/// Brings an open account up to this height.
pub fn settle(ctx: &mut Ctx, id: &AccountId) -> Result<Standing, TxError> {
    let mut entry = Entry::require(ctx, id)?;
    check_open(&entry.ledger)?;

    let (standing, payouts) = settle_ledger(ctx, &mut entry.ledger)?;
    finish(ctx, entry, payouts)?;
    Ok(standing)
}

/// Starts paying `rate` per block to the lease's provider, from this height on.
pub fn create_payment(ctx: &mut Ctx, id: &LeaseId, rate: DecCoin) -> Result<(), TxError> {
    let mut entry = Entry::require(ctx, &account_of(id))?;
    check_open(&entry.ledger)?;
    if settle_ledger(ctx, &mut entry.ledger)?.0 == Standing::RanDry {
        return Err(EscrowError::AccountOverdrawn.into()); // the sweep at the end of this block closes it
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

/// Pays the provider the whole units that it has earned.
pub fn withdraw(ctx: &mut Ctx, id: &LeaseId) -> Result<Standing, TxError> {
    let mut entry = require_open_payment(ctx, id)?;

    let (standing, mut payouts) = settle_ledger(ctx, &mut entry.ledger)?;
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

/// Settles an account, pays everybody, gives the rest back, and ends it.
pub fn close_account(ctx: &mut Ctx, id: &AccountId) -> Result<Standing, TxError> {
    let mut entry = Entry::require(ctx, id)?;
    check_open(&entry.ledger)?;

    let (standing, mut payouts) = settle_ledger(ctx, &mut entry.ledger)?;
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

/// Accounts that do not cover what they owe at this height, the longest due first.
pub fn due(ctx: &mut Ctx, limit: usize) -> Result<Vec<AccountId>, TxError> {
    let next = ctx.height().checked_add(1).and_then(|height| u64::try_from(height).ok());
    let range = Range { end: next.map(|height| key_bytes(&height)), ..Range::default() };
    Ok(DUE.scan_range(ctx, range, limit)?.into_iter().map(|(_, id)| id).collect())
}

/// Settles a ledger and, if it ran dry, takes all that is to be paid out of it.
fn settle_ledger(ctx: &Ctx, ledger: &mut Ledger) -> Result<(Standing, Payouts), TxError> {
    let standing = ledger.settle(ctx.height())?;
    let payouts = match standing {
        Standing::Covered => Payouts::new(),
        Standing::RanDry => ledger.final_payouts()?,
    };
    Ok((standing, payouts))
}

fn finish(ctx: &mut Ctx, entry: Entry, payouts: Payouts) -> Result<(), TxError> {
    entry.save(ctx)?;
    for (owner, coin) in payouts {
        bank::api::send(ctx, &Address::module(STORE), &owner, &Coins::from(coin))?;
    }
    Ok(())
}

/// Moves the money in and writes down whose it is.
fn enter(ctx: &mut Ctx, ledger: &mut Ledger, fundings: Vec<Funding>) -> Result<(), TxError> {
    for Funding { owner, source, coin } in fundings {
        let account = &mut ledger.account;
        let limit = if owner == account.owner { MAX_DEPOSITS } else { MAX_DEPOSITS - RESERVED_DEPOSITS };
        if account.deposits.len() >= limit {
            return Err(EscrowError::InvalidDeposit.because(format!("account already holds {limit} deposits")));
        }
        bank::api::account_to_module(ctx, &owner, STORE, &Coins::from(coin.clone()))?;
        let amount = Dec::from_int(coin.amount).ok_or_else(|| fault::broken("deposit"))?;
        let balance = DecCoin { denom: coin.denom, amount };
        account.add(Entered { owner, height: ctx.height(), source, balance, grantee: None })?;
    }
    Ok(())
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
