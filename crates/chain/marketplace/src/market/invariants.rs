//! What holds between any two transactions.

use std::collections::{BTreeMap, BTreeSet};

use akash_kernel::{Ctx, Invariant, TxError};
use akash_proto::akash::escrow::types::v1::State as EscrowState;
use akash_proto::akash::market::v1::{LeaseClosedReason, lease};
use akash_proto::akash::market::v1beta5::{bid, order};
use akash_types::address::Address;
use akash_types::id::{BidId, GroupId, LeaseId, OrderId};

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

fn leases_are_whole(ctx: &mut Ctx) -> Verdict {
    let mut by_lease = BTreeSet::new();
    for (id, lease) in rows::all(ctx, &state::LEASES)? {
        let live = matches!(lease.state(), lease::State::Active | lease::State::Reclaiming);
        let payment = escrow::stored_payment(ctx, &id)?.and_then(|payment| payment.state);
        let open = payment.is_some_and(|payment| payment.state == i32::from(EscrowState::Open));
        if live != open {
            return Ok(Err(format!("lease {id} is {:?}, its payment does not fit", lease.state())));
        }
        if live {
            by_lease.insert(BidId::from(id));
        }
    }
    let bids = rows::all(ctx, &state::BIDS)?.into_iter();
    let by_bid: BTreeSet<_> = bids.filter(|(_, bid)| bid.state() == bid::State::Active).map(|(id, _)| id).collect();
    let orders = rows::all(ctx, &state::ORDERS)?.into_iter();
    let by_order: BTreeSet<OrderId> =
        orders.filter(|(_, order)| order.state() == order::State::Active).map(|(id, _)| id).collect();
    let orders_of_leases: BTreeSet<OrderId> = by_lease.iter().map(|id| id.order.clone()).collect();
    if by_lease == by_bid && by_order == orders_of_leases && by_order.len() == by_lease.len() {
        return Ok(Ok(()));
    }
    let (leases, bids, orders) = (by_lease.len(), by_bid.len(), by_order.len());
    Ok(Err(format!("{leases} live leases, {bids} active bids, {orders} active orders")))
}

fn one_live_order(ctx: &mut Ctx) -> Verdict {
    let mut live: BTreeMap<GroupId, OrderId> = BTreeMap::new();
    for (id, order) in rows::all(ctx, &state::ORDERS)? {
        if order.state() == order::State::Closed {
            continue;
        }
        if let Some(other) = live.insert(id.group.clone(), id) {
            return Ok(Err(format!("order {other} is not the only live one of its group")));
        }
    }
    Ok(Ok(()))
}

fn bids_have_deposits(ctx: &mut Ctx) -> Verdict {
    for (id, bid) in rows::all(ctx, &state::BIDS)? {
        let live = matches!(bid.state(), bid::State::Open | bid::State::Active);
        let account = escrow::stored_account(ctx, &AccountId::Bid(id.clone()))?.and_then(|account| account.state);
        let open = account.is_some_and(|account| account.state == i32::from(EscrowState::Open));
        if live != open {
            return Ok(Err(format!("bid {id} is {:?}, its account does not fit", bid.state())));
        }
    }
    Ok(Ok(()))
}

fn ends_have_reasons(ctx: &mut Ctx) -> Verdict {
    for (id, lease) in rows::all(ctx, &state::LEASES)? {
        let ended = matches!(lease.state(), lease::State::Closed | lease::State::InsufficientFunds);
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
    for (id, bid) in rows::all(ctx, &state::BIDS)? {
        let live = matches!(bid.state(), bid::State::Open | bid::State::Active);
        if live && provider::api::provider(ctx, &id.provider)?.is_none() {
            return Ok(Err(format!("the provider of bid {id} is not registered")));
        }
    }
    Ok(Ok(()))
}

fn indexes(ctx: &mut Ctx) -> Verdict {
    let orders = rows::all(ctx, &state::ORDERS)?;
    let order_keys: Vec<(u8, OrderId)> =
        orders.into_iter().map(|(id, order)| (state::order_byte(order.state()), id)).collect();
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
    let bids = rows::all(ctx, &state::BIDS)?;
    let ended = bids.iter().filter(|(_, bid)| state::is_bid_ended(bid.state()));
    let ended: Vec<(Address, u8)> =
        ended.map(|(id, bid)| (id.provider.clone(), state::bid_byte(bid.state()))).collect();
    let keys: Vec<(u8, BidId)> = bids.into_iter().map(|(id, bid)| (state::bid_byte(bid.state()), id)).collect();
    let by_provider = keys.iter().map(|(state, id)| (id.provider.clone(), *state, id.clone())).collect();
    all_hold([
        rows::check_index(ctx, "bids by state", &state::BIDS_BY_STATE, keys)?,
        rows::check_index(ctx, "bids by provider", &state::BIDS_BY_PROVIDER, by_provider)?,
        ended::check(ctx, "bids", &state::ENDED_BIDS, ended.iter().map(|(_, state)| *state))?,
        ended::check(ctx, "bids by provider", &state::ENDED_BIDS_OF, ended.into_iter())?,
    ])
}

fn lease_indexes(ctx: &mut Ctx) -> Verdict {
    let leases = rows::all(ctx, &state::LEASES)?;
    let ended = leases.iter().filter(|(_, lease)| state::is_lease_ended(lease.state()));
    let ended: Vec<(Address, u8)> =
        ended.map(|(id, lease)| (id.provider.clone(), state::lease_byte(lease.state()))).collect();
    let keys: Vec<(u8, LeaseId)> =
        leases.into_iter().map(|(id, lease)| (state::lease_byte(lease.state()), id)).collect();
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
