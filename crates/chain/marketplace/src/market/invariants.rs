//! What holds between any two transactions. What is live is read from the indexes, so that what has ended is read once
//! or twice: where the invariant on indexes looks whether they are right, and for the reasons.

use std::collections::{BTreeMap, BTreeSet};

use akash_kernel::{Ctx, Invariant, TxError};
use akash_proto::akash::market::v1::{LeaseClosedReason, lease};
use akash_proto::akash::market::v1beta5::{bid, order};
use akash_store::{Index, Key};
use akash_types::address::Address;
use akash_types::id::{BidId, GroupId, LeaseId, OrderId};
use prost::Message;

use super::state;
use crate::escrow::api::{self as escrow, AccountId};
use crate::{ended, provider, rows};

type Verdict = Result<Result<(), String>, TxError>;

pub fn all() -> Vec<Invariant> {
    vec![
        Invariant { name: "active lease, active bid, active order and open payment are one", check: leases_are_whole },
        Invariant { name: "a group has one live order", check: one_live_order },
        Invariant { name: "a live bid has an open account", check: bids_have_deposits },
        Invariant { name: "a lease that ended has a reason", check: ends_have_reasons },
        Invariant { name: "only an open order expires", check: expiries },
        Invariant { name: "a provider with a live bid is registered", check: bidders_are_registered },
        Invariant { name: "indexes equal scans", check: indexes },
    ]
}

/// The ids that an index has under states.
fn ids<I: Key>(ctx: &mut Ctx, index: &Index<(u8, I)>, states: &[u8]) -> Result<Vec<I>, TxError> {
    let mut ids = Vec::new();
    for state in states {
        ids.extend(rows::keys_under(ctx, index, state)?.into_iter().map(|(_, id)| id));
    }
    Ok(ids)
}

pub fn live_orders(ctx: &mut Ctx) -> Result<Vec<OrderId>, TxError> {
    let live = [order::State::Open, order::State::Active].map(state::order_byte);
    ids(ctx, &state::ORDERS_BY_STATE, &live)
}

fn live_bids(ctx: &mut Ctx) -> Result<Vec<BidId>, TxError> {
    let live = [bid::State::Open, bid::State::Active].map(state::bid_byte);
    ids(ctx, &state::BIDS_BY_STATE, &live)
}

fn leases_are_whole(ctx: &mut Ctx) -> Verdict {
    let live = [lease::State::Active, lease::State::Reclaiming].map(state::lease_byte);
    let leases: BTreeSet<LeaseId> = ids(ctx, &state::LEASES_BY_STATE, &live)?.into_iter().collect();
    let payments: BTreeSet<LeaseId> = escrow::open_payments(ctx)?.into_iter().collect();
    if let Some(id) = leases.symmetric_difference(&payments).next() {
        return Ok(Err(format!("lease {id} is live or its payment open, not both")));
    }
    let active = state::bid_byte(bid::State::Active);
    let by_bid: BTreeSet<BidId> = ids(ctx, &state::BIDS_BY_STATE, &[active])?.into_iter().collect();
    let active = state::order_byte(order::State::Active);
    let by_order: BTreeSet<OrderId> = ids(ctx, &state::ORDERS_BY_STATE, &[active])?.into_iter().collect();
    let by_lease: BTreeSet<BidId> = leases.into_iter().map(BidId::from).collect();
    let orders_of_leases: BTreeSet<OrderId> = by_lease.iter().map(|id| id.order.clone()).collect();
    if by_lease == by_bid && by_order == orders_of_leases && by_order.len() == by_lease.len() {
        return Ok(Ok(()));
    }
    let (leases, bids, orders) = (by_lease.len(), by_bid.len(), by_order.len());
    Ok(Err(format!("{leases} live leases, {bids} active bids, {orders} active orders")))
}

fn one_live_order(ctx: &mut Ctx) -> Verdict {
    let mut live: BTreeMap<GroupId, OrderId> = BTreeMap::new();
    for id in live_orders(ctx)? {
        if let Some(other) = live.insert(id.group.clone(), id) {
            return Ok(Err(format!("order {other} is not the only live one of its group")));
        }
    }
    Ok(Ok(()))
}

fn bids_have_deposits(ctx: &mut Ctx) -> Verdict {
    let live: BTreeSet<BidId> = live_bids(ctx)?.into_iter().collect();
    let of_bid = |account| match account {
        AccountId::Bid(id) => Some(id),
        AccountId::Deployment(_) => None,
    };
    let open = escrow::open_accounts(ctx)?.into_iter().filter_map(of_bid).collect();
    Ok(match live.symmetric_difference(&open).next() {
        None => Ok(()),
        Some(id) => Err(format!("bid {id} is live or its account open, not both")),
    })
}

/// What this module's invariant reads of a lease.
#[derive(Clone, PartialEq, Message)]
struct LeaseEnding {
    #[prost(enumeration = "lease::State", tag = "2")]
    state: i32,
    #[prost(int64, tag = "5")]
    closed_on: i64,
    #[prost(enumeration = "LeaseClosedReason", tag = "6")]
    reason: i32,
}

fn ends_have_reasons(ctx: &mut Ctx) -> Verdict {
    for (id, lease) in rows::all(ctx, &state::LEASES.partly::<LeaseEnding>())? {
        let ended = state::is_lease_ended(lease.state());
        let has_reason = lease.reason != i32::from(LeaseClosedReason::LeaseClosedInvalid);
        if ended != has_reason || ended != (lease.closed_on > 0) {
            return Ok(Err(format!("lease {id} is {:?} with reason {}", lease.state(), lease.reason)));
        }
    }
    Ok(Ok(()))
}

fn expiries(ctx: &mut Ctx) -> Verdict {
    for (id, _) in rows::all(ctx, &state::EXPIRIES)? {
        let order = state::ORDERS.get(ctx, &id)?;
        if order.is_none_or(|order| order.state() != order::State::Open) {
            return Ok(Err(format!("order {id} is not open and expires")));
        }
    }
    Ok(Ok(()))
}

fn bidders_are_registered(ctx: &mut Ctx) -> Verdict {
    let bidders: BTreeSet<Address> = live_bids(ctx)?.into_iter().map(|id| id.provider).collect();
    for bidder in bidders {
        if provider::api::provider(ctx, &bidder)?.is_none() {
            return Ok(Err(format!("provider {bidder} has a live bid and is not registered")));
        }
    }
    Ok(Ok(()))
}

fn indexes(ctx: &mut Ctx) -> Verdict {
    let orders = rows::states(ctx, &state::ORDERS)?.into_iter();
    let order_keys: Vec<(u8, OrderId)> = orders.map(|(id, state)| (state::order_byte(state), id)).collect();
    let closed = state::order_byte(order::State::Closed);
    let ended: Vec<u8> = order_keys.iter().map(|(state, _)| *state).filter(|state| *state == closed).collect();
    let expiries = rows::all(ctx, &state::EXPIRIES)?.into_iter();
    let expiry_keys = expiries.map(|(id, expiry)| (expiry.expires_at.unsigned_abs(), id)).collect();
    all_hold([
        rows::check_index(ctx, "orders by state", &state::ORDERS_BY_STATE, order_keys)?,
        rows::check_index(ctx, "orders by expiry", &state::EXPIRIES_BY_HEIGHT, expiry_keys)?,
        ended::check(ctx, "orders", &state::ENDED_ORDERS, ended.into_iter())?,
        unannounced_index(ctx)?,
        bid_indexes(ctx)?,
        lease_indexes(ctx)?,
    ])
}

fn unannounced_index(ctx: &mut Ctx) -> Verdict {
    let keys = rows::all(ctx, &state::UNANNOUNCED)?.into_iter().map(|(id, height)| (height, id)).collect();
    rows::check_index(ctx, "unannounced leases by height", &state::UNANNOUNCED_BY_HEIGHT, keys)
}

fn bid_indexes(ctx: &mut Ctx) -> Verdict {
    let bids: Vec<(BidId, bid::State)> = rows::states(ctx, &state::BIDS)?;
    let ended = bids.iter().filter(|(_, state)| state::is_bid_ended(*state));
    let ended: Vec<(Address, u8)> = ended.map(|(id, state)| (id.provider.clone(), state::bid_byte(*state))).collect();
    let keys: Vec<(u8, BidId)> = bids.into_iter().map(|(id, state)| (state::bid_byte(state), id)).collect();
    let by_provider = keys.iter().map(|(state, id)| (id.provider.clone(), *state, id.clone())).collect();
    all_hold([
        rows::check_index(ctx, "bids by state", &state::BIDS_BY_STATE, keys)?,
        rows::check_index(ctx, "bids by provider", &state::BIDS_BY_PROVIDER, by_provider)?,
        ended::check(ctx, "bids", &state::ENDED_BIDS, ended.iter().map(|(_, state)| *state))?,
        ended::check(ctx, "bids by provider", &state::ENDED_BIDS_OF, ended.into_iter())?,
    ])
}

fn lease_indexes(ctx: &mut Ctx) -> Verdict {
    let leases: Vec<(LeaseId, lease::State)> = rows::states(ctx, &state::LEASES)?;
    let ended = leases.iter().filter(|(_, state)| state::is_lease_ended(*state));
    let ended: Vec<(Address, u8)> = ended.map(|(id, state)| (id.provider.clone(), state::lease_byte(*state))).collect();
    let keys: Vec<(u8, LeaseId)> = leases.into_iter().map(|(id, state)| (state::lease_byte(state), id)).collect();
    let by_provider = keys.iter().map(|(state, id)| (id.provider.clone(), *state, id.clone())).collect();
    all_hold([
        rows::check_index(ctx, "leases by state", &state::LEASES_BY_STATE, keys)?,
        rows::check_index(ctx, "leases by provider", &state::LEASES_BY_PROVIDER, by_provider)?,
        ended::check(ctx, "leases", &state::ENDED_LEASES, ended.iter().map(|(_, state)| *state))?,
        ended::check(ctx, "leases by provider", &state::ENDED_LEASES_OF, ended.into_iter())?,
    ])
}

fn all_hold(verdicts: impl IntoIterator<Item = Result<(), String>>) -> Verdict {
    Ok(verdicts.into_iter().collect())
}

#[cfg(test)]
mod tests;
