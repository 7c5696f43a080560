//! Ending an order with its bids and its lease. Escrow has settled the deployment's account at this height before.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::market::v1::{LeaseClosedReason, lease};
use akash_proto::akash::market::v1beta5::{bid, order};
use akash_types::id::{BidId, LeaseId, OrderId};

use super::{MAX_OPEN_BIDS, events, state};
use crate::escrow::api::{self as escrow, AccountId};
use crate::fault;

/// How a lease ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseEnd {
    pub state: lease::State,
    pub reason: i32,
}

impl LeaseEnd {
    pub const BY_OWNER: Self = Self { state: lease::State::Closed, reason: LeaseClosedReason::LeaseClosedOwner as i32 };
    pub const OUT_OF_FUNDS: Self =
        Self { state: lease::State::InsufficientFunds, reason: LeaseClosedReason::InsufficientFunds as i32 };

    pub const fn by_provider(reason: i32) -> Self {
        Self { state: lease::State::Closed, reason }
    }
}

/// Closes an order that is open or active, all of its bids that are, and its lease.
pub fn close_order(ctx: &mut Ctx, id: &OrderId, end: LeaseEnd) -> Result<(), TxError> {
    let mut order = state::ORDERS.get(ctx, id)?.ok_or_else(|| fault::missing(format!("order {id}")))?;
    let before = order.state();
    let open = state::bids_in(ctx, id, bid::State::Open, MAX_OPEN_BIDS)?;
    let active = state::bids_in(ctx, id, bid::State::Active, 1)?;

    order.set_state(order::State::Closed);
    state::save_order(ctx, id, &order, Some(before))?;
    events::order_closed(ctx, id);
    for bid in open.iter().chain(&active) {
        close_bid(ctx, bid)?;
    }
    for bid in active {
        close_lease(ctx, &LeaseId::from(bid), end)?;
    }
    Ok(())
}

/// Closes a bid that is open or active and gives its deposit back.
pub fn close_bid(ctx: &mut Ctx, id: &BidId) -> Result<(), TxError> {
    end_bid(ctx, id, bid::State::Closed)?;
    events::bid_closed(ctx, id);
    Ok(())
}

/// Another bid has won: the deposit goes back. The wire has no event for it.
pub fn lose_bid(ctx: &mut Ctx, id: &BidId) -> Result<(), TxError> {
    end_bid(ctx, id, bid::State::Lost)
}

fn end_bid(ctx: &mut Ctx, id: &BidId, end: bid::State) -> Result<(), TxError> {
    let mut bid = state::BIDS.get(ctx, id)?.ok_or_else(|| fault::missing(format!("bid {id}")))?;
    let before = bid.state();
    bid.set_state(end);
    state::save_bid(ctx, id, &bid, Some(before))?;
    // A bid's account has no payments, so it cannot run dry.
    let _covered = escrow::close_account(ctx, &AccountId::Bid(id.clone()))?;
    Ok(())
}

fn close_lease(ctx: &mut Ctx, id: &LeaseId, end: LeaseEnd) -> Result<(), TxError> {
    let mut lease = state::LEASES.get(ctx, id)?.ok_or_else(|| fault::missing(format!("lease {id}")))?;
    let before = lease.state();
    lease.set_state(end.state);
    lease.reason = end.reason;
    lease.closed_on = ctx.height();
    state::save_lease(ctx, id, &lease, Some(before))?;
    escrow::release_payment(ctx, id)?;
    events::lease_closed(ctx, id, end.reason);
    Ok(())
}
