//! `Forecast`: what an account holds now, what it pays, and when it will be empty. The stored state is as of the last
//! settlement; here it is reckoned up to the last block.

use akash_kernel::{QueryCtx, QueryError, Registry};
use akash_proto::akash::ext::escrow::v1::{
    FundsForecast, PaymentForecast, QueryForecastRequest, QueryForecastResponse,
};
use akash_types::coin::DecCoin;
use akash_types::id::DeploymentId;
use akash_types::num::{Dec, Int};
use prost_types::{Duration, Timestamp};

use super::account::AccountId;
use super::errors::EscrowError;
use super::ledger::Ledger;
use super::settlement::{self, Overflow};
use super::state::{self, Entry};
use super::{pace, payment::Payment};
use crate::durations::NANOS_PER_SECOND;
use crate::ids;
use crate::query_errors::{invalid, not_found};

const DAY_NANOS: u64 = 86_400_000_000_000;
/// The end of the year 9999: no time is told beyond it.
const LAST_SECOND: i128 = 253_402_300_799;

pub fn register(registry: &mut Registry) {
    registry.query("/akash.ext.escrow.v1.Query/Forecast", forecast);
}

fn forecast(ctx: &mut QueryCtx, request: QueryForecastRequest) -> Result<QueryForecastResponse, QueryError> {
    let wire = akash_proto::akash::deployment::v1::DeploymentId { owner: request.owner, dseq: request.dseq };
    let id: DeploymentId = ids::id(Some(&wire)).map_err(invalid)?;
    let entry = Entry::load(ctx, &AccountId::Deployment(id))?;
    let ledger = entry.ok_or_else(|| not_found(EscrowError::AccountNotFound))?.ledger;
    let grace = state::params(ctx)?.grace_period_blocks;
    let interval_nanos = pace::interval_nanos(ctx)?;
    let now = pace::timestamp(ctx.time());
    let outlook = Outlook::of(ledger, ctx.height(), grace).map_err(overflow)?;

    let closes_at = outlook.closes_at;
    let time = closes_at.and_then(|height| later(&now, height.saturating_sub(ctx.height()), interval_nanos));
    Ok(QueryForecastResponse {
        height: ctx.height(),
        time: Some(now),
        state: outlook.ledger.account.state.into(),
        funds: outlook.funds(interval_nanos).map_err(overflow)?,
        payments: outlook.payments().map_err(overflow)?,
        runs_dry_at: outlook.runs_dry_at.unwrap_or(0),
        closes_at: closes_at.unwrap_or(0),
        closes_at_time: time,
        block_interval: Some(duration(interval_nanos)),
    })
}

/// A ledger brought up to a height, and what becomes of it.
struct Outlook {
    ledger: Ledger,
    /// Blocks that are owed and not covered.
    unpaid_blocks: u64,
    runs_dry_at: Option<i64>,
    closes_at: Option<i64>,
}

impl Outlook {
    fn of(mut ledger: Ledger, height: i64, grace: u64) -> Result<Self, Overflow> {
        if !ledger.is_open() {
            return Ok(Self { ledger, unpaid_blocks: 0, runs_dry_at: None, closes_at: None });
        }
        let runs_dry_at = ledger.due()?;
        let closes_at = runs_dry_at.map(|due| due.saturating_add(i64::try_from(grace).unwrap_or(i64::MAX)));
        // The sweep may lag behind: whatever is not covered is shown as a debt, never as an end that has not come.
        let _standing = ledger.settle_with_grace(height, u64::MAX)?;
        let unpaid = height.checked_sub(ledger.account.settled_at).and_then(|blocks| u64::try_from(blocks).ok());
        Ok(Self { ledger, unpaid_blocks: unpaid.ok_or(Overflow)?, runs_dry_at, closes_at })
    }

    fn funds(&self, interval_nanos: i128) -> Result<Vec<FundsForecast>, Overflow> {
        let forecast = |balance: &DecCoin| {
            let denom = &balance.denom;
            let rate = self.ledger.rate_in(denom)?;
            let owed = settlement::times(rate, self.unpaid_blocks)?;
            let debt = settlement::sub(owed, balance.amount)?;
            Ok(FundsForecast {
                balance: Some(balance.into()),
                rate_per_block: coin(denom, rate),
                rate_per_day: coin(denom, per_day(rate, interval_nanos)?),
                debt: coin(denom, if debt.is_positive() { debt } else { Dec::ZERO }),
            })
        };
        self.ledger.account.funds.iter().map(forecast).collect()
    }

    fn payments(&self) -> Result<Vec<PaymentForecast>, Overflow> {
        let forecast = |payment: &Payment| {
            Ok(PaymentForecast {
                id: Some((&payment.id).into()),
                rate_per_block: coin(&payment.denom, payment.rate),
                balance: coin(&payment.denom, payment.balance),
                unsettled: coin(&payment.denom, settlement::times(payment.rate, self.unpaid_blocks)?),
            })
        };
        self.ledger.payments.iter().map(forecast).collect()
    }
}

fn per_day(rate: Dec, interval_nanos: i128) -> Result<Dec, Overflow> {
    let per_day = rate.checked_mul_int(Int::from(DAY_NANOS)).ok_or(Overflow)?;
    let interval = u64::try_from(interval_nanos).map_err(|_| Overflow)?;
    per_day.checked_quo_int(Int::from(interval)).ok_or(Overflow)
}

fn later(now: &Timestamp, blocks: i64, interval_nanos: i128) -> Option<Timestamp> {
    let nanos = pace::nanos(now).checked_add(interval_nanos.checked_mul(i128::from(blocks))?)?;
    let seconds = nanos.div_euclid(NANOS_PER_SECOND);
    let rest = i32::try_from(nanos.rem_euclid(NANOS_PER_SECOND)).ok()?;
    (0..=LAST_SECOND).contains(&seconds).then_some(())?;
    Some(Timestamp { seconds: i64::try_from(seconds).ok()?, nanos: rest })
}

fn duration(nanos: i128) -> Duration {
    let seconds = i64::try_from(nanos / NANOS_PER_SECOND).unwrap_or(i64::MAX);
    Duration { seconds, nanos: i32::try_from(nanos % NANOS_PER_SECOND).unwrap_or(0) }
}

fn coin(denom: &str, amount: Dec) -> Option<akash_proto::cosmos::base::v1beta1::DecCoin> {
    Some((&DecCoin { denom: denom.to_owned(), amount }).into())
}

fn overflow(error: Overflow) -> QueryError {
    QueryError::internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_up_to_the_year_9999() {
        let now = Timestamp { seconds: 1_700_000_000, nanos: 900_000_000 };
        let in_blocks = |blocks| later(&now, blocks, 500_000_000).map(|time| (time.seconds, time.nanos));
        assert_eq!(in_blocks(1), Some((1_700_000_001, 400_000_000)));
        assert_eq!(in_blocks(0), Some((1_700_000_000, 900_000_000)));
        assert_eq!(in_blocks(-2), Some((1_699_999_999, 900_000_000)));
        assert_eq!(in_blocks(i64::MAX), None);
    }

    #[test]
    fn a_day_is_so_many_blocks() {
        let rate: Dec = "10.5".parse().unwrap();
        assert_eq!(per_day(rate, 5_000_000_000).unwrap(), "181440".parse().unwrap());
        assert_eq!(per_day(rate, 0), Err(Overflow));
    }
}
