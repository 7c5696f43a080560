//! An account with its open payments: the unit on which escrow decides. Pure; [`super::state`] loads and saves it.
//!
//! Invariants, before and after each step: the funds are not negative; they are the sum of the deposits while the
//! account is open; an account that is not open has no open payment.

use akash_proto::akash::escrow::types::v1::State;
use akash_types::coin::Coin;
use akash_types::num::Dec;

use super::account::Account;
use super::payment::Payment;
use super::payout::{Payout, Payouts};
use super::settlement::{self, Overflow};

/// How an account stands after a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Standing {
    /// Everything owed was covered.
    Covered,
    /// Something was not. The account and all of its payments are final now.
    RanDry,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    pub account: Account,
    /// In key order.
    pub payments: Vec<Payment>,
}

impl Ledger {
    pub fn is_open(&self) -> bool {
        self.account.state == State::Open
    }

    /// The first height at which something will not be covered, if nobody deposits.
    pub fn due(&self) -> Result<Option<i64>, Overflow> {
        let mut due: Option<i64> = None;
        for denom in self.denoms() {
            let funds = self.account.funds_in(&denom).unwrap_or(Dec::ZERO);
            let Some(blocks) = settlement::blocks_covered(funds, &self.rates(&denom))? else { continue };
            let height = i64::try_from(blocks)
                .ok()
                .and_then(|blocks| blocks.checked_add(1))
                .and_then(|blocks| self.account.settled_at.checked_add(blocks));
            due = match (due, height) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b), // beyond the last height is never
            };
        }
        Ok(due)
    }

    /// As [`Self::settle`], but for `grace` blocks a ledger that is not covered is settled up to the last height that
    /// was, and stays open: a deposit may still save it. It has no standing then.
    pub fn settle_with_grace(&mut self, height: i64, grace: u64) -> Result<Option<Standing>, Overflow> {
        let Some(due) = self.due()?.filter(|due| *due <= height) else { return self.settle(height).map(Some) };
        let late = height.checked_sub(due).and_then(|late| u64::try_from(late).ok()).ok_or(Overflow)?;
        if late >= grace {
            return self.settle(height).map(Some);
        }
        match self.settle(due.checked_sub(1).ok_or(Overflow)?)? {
            Standing::Covered => Ok(None),
            Standing::RanDry => Err(Overflow), // the height before the due one is covered
        }
    }

    /// Moves what was earned since the last settlement from the funds to the payments. At the height of the last
    /// settlement it changes nothing.
    pub fn settle(&mut self, height: i64) -> Result<Standing, Overflow> {
        let blocks = height.checked_sub(self.account.settled_at).and_then(|n| u64::try_from(n).ok()).ok_or(Overflow)?;
        let mut standing = Standing::Covered;
        for denom in self.denoms() {
            if self.settle_denom(&denom, blocks)? == Standing::RanDry {
                standing = Standing::RanDry;
            }
        }
        self.account.settled_at = height;
        if standing == Standing::RanDry {
            self.account.state = State::Overdrawn;
            for payment in self.payments.iter_mut().filter(|payment| payment.state == State::Open) {
                payment.state = State::Closed;
            }
        }
        Ok(standing)
    }

    fn settle_denom(&mut self, denom: &str, blocks: u64) -> Result<Standing, Overflow> {
        let funds = self.account.funds_in(denom).unwrap_or(Dec::ZERO);
        let split = settlement::split(funds, &self.rates(denom), blocks)?;
        self.account.spend(denom, split.spent)?;
        let covered = split.is_covered();
        let parts = split.earned.into_iter().zip(split.unsettled);
        for (payment, (earned, unsettled)) in open_in(&mut self.payments, denom).zip(parts) {
            payment.balance = settlement::add(payment.balance, earned)?;
            payment.unsettled = unsettled;
            if unsettled.is_positive() {
                payment.state = State::Overdrawn;
            }
        }
        Ok(if covered { Standing::Covered } else { Standing::RanDry })
    }

    /// Ends a settled account that is still open, and its payments.
    pub fn close(&mut self) {
        self.account.state = State::Closed;
        for payment in &mut self.payments {
            payment.state = State::Closed;
        }
    }

    /// What providers and then depositors get when the account is final.
    pub fn final_payouts(&mut self) -> Result<Payouts, Overflow> {
        let mut payouts = Payouts::new();
        for payment in &mut self.payments {
            payouts.extend(take_payout(payment)?);
        }
        payouts.extend(self.account.refund()?);
        Ok(payouts)
    }

    /// What all open payments take of a denomination in each block.
    pub fn rate_in(&self, denom: &str) -> Result<Dec, Overflow> {
        settlement::sum(&self.rates(denom))
    }

    fn rates(&self, denom: &str) -> Vec<Dec> {
        self.payments.iter().filter(|payment| is_open_in(payment, denom)).map(|payment| payment.rate).collect()
    }

    /// The denominations in which something is owed, each once.
    fn denoms(&self) -> Vec<String> {
        let mut denoms: Vec<String> = Vec::new();
        for payment in self.payments.iter().filter(|payment| payment.state == State::Open) {
            if !denoms.contains(&payment.denom) {
                denoms.push(payment.denom.clone());
            }
        }
        denoms
    }
}

/// The whole units of a payment, if there are any.
pub fn take_payout(payment: &mut Payment) -> Result<Option<Payout>, Overflow> {
    let before = payment.withdrawn;
    let amount = payment.take_payout()?;
    let coin = Coin { denom: payment.denom.clone(), amount };
    Ok(amount.is_positive().then(|| Payout::Earned { payee: payment.owner.clone(), coin, before }))
}

fn open_in<'a>(payments: &'a mut [Payment], denom: &'a str) -> impl Iterator<Item = &'a mut Payment> {
    payments.iter_mut().filter(move |payment| is_open_in(payment, denom))
}

fn is_open_in(payment: &Payment, denom: &str) -> bool {
    payment.state == State::Open && payment.denom == denom
}

#[cfg(test)]
mod tests;
