//! The arithmetic of settlement, for one denomination of one account. Pure: no account, no store, no block.
//!
//! Every amount has 18 decimals and nothing is rounded: a rate times a number of blocks is exact, so that a period
//! split into any number of settlements earns the same. Only where the funds do not suffice is something divided; there
//! each payment gets its share in proportion to its rate (all were owed for the same blocks), truncated, and the few
//! remaining atoms go out in key order.

use akash_types::num::{Dec, Int};

/// A sum left the range of a number. Deposits and prices are bounded when they enter, so this means broken state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount of the settlement leaves the range of numbers")]
pub struct Overflow;

/// What a number of blocks costs, and who gets how much of it. The lists are in the order of the given rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Covered by the funds.
    pub earned: Vec<Dec>,
    /// Owed, but not covered. All zero while the funds suffice.
    pub unsettled: Vec<Dec>,
    /// The sum of `earned`: what leaves the funds.
    pub spent: Dec,
}

impl Split {
    pub fn is_covered(&self) -> bool {
        self.unsettled.iter().all(|amount| amount.is_zero())
    }
}

/// Divides `funds` among payments with these rates for `blocks` blocks.
pub fn split(funds: Dec, rates: &[Dec], blocks: u64) -> Result<Split, Overflow> {
    let owed = rates.iter().map(|rate| times(*rate, blocks)).collect::<Result<Vec<_>, _>>()?;
    let total = sum(&owed)?;
    if total <= funds {
        let unsettled = vec![Dec::ZERO; owed.len()];
        return Ok(Split { earned: owed, unsettled, spent: total });
    }

    let earned = shares(funds, rates, &owed)?;
    let unsettled = owed.iter().zip(&earned).map(|(owed, got)| sub(*owed, *got)).collect::<Result<Vec<_>, _>>()?;
    let spent = sum(&earned)?;
    Ok(Split { earned, unsettled, spent })
}

/// For how many whole blocks the funds last; `None` without a rate, that is for ever.
pub fn blocks_covered(funds: Dec, rates: &[Dec]) -> Result<Option<u64>, Overflow> {
    let per_block = sum(rates)?;
    if per_block.is_zero() {
        return Ok(None);
    }
    if !funds.is_positive() {
        return Ok(Some(0));
    }
    let blocks = funds.checked_quo_truncate(per_block).ok_or(Overflow)?.truncate();
    // More blocks than a height can count is for ever.
    Ok(blocks.to_u64())
}

/// Shares of funds that do not suffice: in proportion, none above what is owed, all together exactly the funds.
fn shares(funds: Dec, rates: &[Dec], owed: &[Dec]) -> Result<Vec<Dec>, Overflow> {
    let per_block = sum(rates)?;
    let mut left = funds;
    let mut shares = Vec::with_capacity(rates.len());
    for (rate, owed) in rates.iter().zip(owed) {
        let exact = funds.checked_mul(*rate).ok_or(Overflow)?;
        let share = exact.checked_quo_truncate(per_block).ok_or(Overflow)?.min(*owed).min(left);
        left = sub(left, share)?;
        shares.push(share);
    }
    for (share, owed) in shares.iter_mut().zip(owed) {
        let more = sub(*owed, *share)?.min(left);
        *share = add(*share, more)?;
        left = sub(left, more)?;
    }
    Ok(shares)
}

pub(super) fn times(rate: Dec, blocks: u64) -> Result<Dec, Overflow> {
    rate.checked_mul_int(Int::from(blocks)).ok_or(Overflow)
}

pub(super) fn add(a: Dec, b: Dec) -> Result<Dec, Overflow> {
    a.checked_add(b).ok_or(Overflow)
}

pub(super) fn sub(a: Dec, b: Dec) -> Result<Dec, Overflow> {
    a.checked_sub(b).ok_or(Overflow)
}

pub(super) fn sum(amounts: &[Dec]) -> Result<Dec, Overflow> {
    amounts.iter().try_fold(Dec::ZERO, |total, amount| add(total, *amount))
}

#[cfg(test)]
mod tests;
