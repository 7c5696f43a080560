//! What other modules may ask of the market.

use std::ops::RangeInclusive;

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::deployment::v1::DeploymentReclamation;
use akash_proto::akash::deployment::v1beta4::GroupSpec;
use akash_proto::akash::market::v1::lease;
use akash_proto::akash::market::v1beta5::{Order, bid, order};
use akash_types::address::Address;
use akash_types::id::{DeploymentId, GroupId, OrderId};

use super::closing::{self, LeaseEnd};
use super::errors::MarketError;
use super::{events, expiry, invariants, state, unannounced};
use crate::deployment::spec::limits::MAX_GROUPS;
use crate::durations;

/// Bids closed in one step.
const STEP_BIDS: usize = 100;

/// Why a group ends or pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    Owner,
    InsufficientFunds,
}

/// Opens an order for a group. There is one at a time.
pub fn create_order(
    ctx: &mut Ctx,
    group: &GroupId,
    spec: GroupSpec,
    reclamation: Option<DeploymentReclamation>,
) -> Result<OrderId, TxError> {
    if state::live_order(ctx, group)?.is_some() {
        return Err(MarketError::OrderActive.into());
    }
    let oseq = next_oseq(ctx, group)?;

    let id = group.order(oseq);
    let order = Order {
        id: Some((&id).into()),
        state: order::State::Open.into(),
        spec: Some(spec),
        created_at: ctx.height(),
        reclamation,
    };

    state::save_order(ctx, &id, &order, None)?;
    events::order_created(ctx, &id);
    Ok(id)
}

/// Ends the order of a group, its bids and its lease. A group may have no live order.
pub fn close_group(ctx: &mut Ctx, group: &GroupId, cause: Cause) -> Result<(), TxError> {
    let end = match cause {
        Cause::Owner => LeaseEnd::BY_OWNER,
        Cause::InsufficientFunds => LeaseEnd::OUT_OF_FUNDS,
    };
    match state::live_order(ctx, group)? {
        Some(order) => closing::close_order(ctx, &order, end),
        None => Ok(()),
    }
}

/// Every order that is open or active, for invariants.
pub fn live_orders(ctx: &mut Ctx) -> Result<Vec<OrderId>, TxError> {
    invariants::live_orders(ctx)
}

/// Notes the live leases of a deployment that is about to close at the end of a block: their providers read only the
/// events of transactions, so that their next withdrawal repeats those of the closing.
pub fn announce_later(ctx: &mut Ctx, deployment: &DeploymentId) -> Result<(), TxError> {
    for state in [lease::State::Active, lease::State::Reclaiming] {
        let under = (state::lease_byte(state), deployment.clone());
        for (_, id) in state::LEASES_BY_STATE.scan_under(ctx, &under, MAX_GROUPS)? {
            unannounced::note(ctx, &id, ctx.height())?;
        }
    }
    Ok(())
}

/// An open order that expires by this height, if there is one.
pub fn next_expired(ctx: &mut Ctx) -> Result<Option<OrderId>, TxError> {
    expiry::next(ctx)
}

/// Closes an order that nobody filled in time.
pub fn expire(ctx: &mut Ctx, id: &OrderId) -> Result<(), TxError> {
    expiry::expire(ctx, id)
}

/// Windows of reclamation that may be agreed, in nanoseconds.
pub fn reclamation_bounds(ctx: &mut Ctx) -> Result<RangeInclusive<i128>, TxError> {
    let params = state::params(ctx)?;
    let nanos = |window: Option<prost_types::Duration>| durations::nanos(&window.unwrap_or_default());
    Ok(nanos(params.min_reclamation_window)..=nanos(params.max_reclamation_window))
}

/// Whether a provider has a live lease: every one has an active bid.
pub fn has_lease(ctx: &mut Ctx, provider: &Address) -> Result<bool, TxError> {
    let under = (provider.clone(), state::bid_byte(bid::State::Active));
    Ok(!state::BIDS_BY_PROVIDER.scan_under(ctx, &under, 1)?.is_empty())
}

/// Closes the open bids of a provider, as many as the transaction has gas for.
pub fn close_bids(ctx: &mut Ctx, provider: &Address) -> Result<(), TxError> {
    let under = (provider.clone(), state::bid_byte(bid::State::Open));
    loop {
        let bids = state::BIDS_BY_PROVIDER.scan_under(ctx, &under, STEP_BIDS)?;
        if bids.is_empty() {
            return Ok(());
        }
        for (_, _, id) in bids {
            closing::close_bid(ctx, &id)?;
        }
    }
}

/// One more than the last order of the group, whose earlier orders are all closed.
fn next_oseq(ctx: &mut Ctx, group: &GroupId) -> Result<u32, TxError> {
    let range = akash_store::Range::prefix(akash_store::key_bytes(group)).reversed();
    let last = state::ORDERS.scan_range(ctx, range, 1)?;
    let last = last.first().map_or(0, |(id, _)| id.oseq);
    last.checked_add(1).ok_or_else(|| MarketError::Internal.because("no order numbers are left"))
}
