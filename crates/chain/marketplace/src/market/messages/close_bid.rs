//! `MsgCloseBid`: a provider takes an open bid back, or ends the lease that its bid has won.

use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::market::v1::{Lease, lease};
use akash_proto::akash::market::v1beta5::{MsgCloseBid, MsgCloseBidResponse, bid};
use akash_types::id::{BidId, LeaseId};

use crate::escrow::api::{self as escrow, Standing};
use crate::market::closing::{self, LeaseEnd};
use crate::market::errors::MarketError;
use crate::market::state;
use crate::{deployment, ids};

pub fn register(registry: &mut Registry) {
    registry.message(|msg: &MsgCloseBid| Ok(vec![ids::id::<_, BidId>(msg.id.as_ref())?.provider]), validate, close);
}

fn validate(msg: &MsgCloseBid) -> Result<(), TxError> {
    ids::id::<_, BidId>(msg.id.as_ref())?;
    super::check_provider_reason(msg.reason)
}

// PARITY(market/close-bid-open): an open bid closes without a look at lease or reason; the reason is stored nowhere.
// Page: docs/parity/market.md.
fn close(ctx: &mut Ctx, msg: MsgCloseBid) -> Result<MsgCloseBidResponse, TxError> {
    let id: BidId = ids::id(msg.id.as_ref())?;
    let bid = state::BIDS.get(ctx, &id)?.ok_or(MarketError::UnknownBid)?;
    if bid.state() == bid::State::Open {
        closing::close_bid(ctx, &id)?;
        return Ok(MsgCloseBidResponse {});
    }
    let lease_id = LeaseId::from(id.clone());
    let lease = state::LEASES.get(ctx, &lease_id)?.ok_or(MarketError::UnknownLeaseForBid)?;
    check_may_end(&lease, ctx.time().seconds)?;
    if bid.state() != bid::State::Active {
        return Err(MarketError::BidNotActive.into());
    }

    if escrow::settle(ctx, &super::account_of(&lease_id))? == Standing::RanDry {
        deployment::api::ran_dry(ctx, id.deployment_id())?;
        return Ok(MsgCloseBidResponse {});
    }

    closing::close_order(ctx, &id.order, LeaseEnd::by_provider(msg.reason))?;
    deployment::api::pause_group(ctx, id.group_id())?;
    Ok(MsgCloseBidResponse {})
}

/// With a reclamation agreement the provider has to announce the end and to wait.
fn check_may_end(lease: &Lease, now_seconds: i64) -> Result<(), MarketError> {
    match (lease.state(), &lease.reclamation) {
        (lease::State::Active, None) => Ok(()),
        (lease::State::Active, Some(_)) => Err(MarketError::ReclamationNotStarted),
        (lease::State::Reclaiming, Some(agreed)) if now_seconds >= agreed.deadline => Ok(()),
        (lease::State::Reclaiming, _) => Err(MarketError::ReclamationWindowNotElapsed),
        _ => Err(MarketError::LeaseNotActive),
    }
}

#[cfg(test)]
mod tests {
    use akash_proto::akash::market::v1::Reclamation;

    use super::*;

    #[test]
    fn agreement_must_be_started_and_waited_for() {
        let agreed = |deadline| Some(Reclamation { deadline, ..Reclamation::default() });
        for (state, reclamation, now, expected) in [
            (lease::State::Active, None, 0, Ok(())),
            (lease::State::Active, agreed(0), 100, Err(MarketError::ReclamationNotStarted)),
            (lease::State::Reclaiming, agreed(100), 99, Err(MarketError::ReclamationWindowNotElapsed)),
            (lease::State::Reclaiming, agreed(100), 100, Ok(())),
            (lease::State::Closed, None, 0, Err(MarketError::LeaseNotActive)),
            (lease::State::InsufficientFunds, agreed(0), 0, Err(MarketError::LeaseNotActive)),
        ] {
            let lease = Lease { state: state.into(), reclamation, ..Lease::default() };
            assert_eq!(check_may_end(&lease, now), expected, "{state:?}");
        }
    }
}
