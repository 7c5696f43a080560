//! What the market stores. An order that is closed, a bid that is lost or closed and a lease that ended never change
//! again: their last version is archived.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::ext::market::v1::{OrderExpiry, Params as ExtParams};
use akash_proto::akash::market::v1::{Lease, lease};
use akash_proto::akash::market::v1beta5::{Bid, Order, Params, bid, order};
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_store::{Index, Item, Kv, Map, Record};
use akash_types::address::Address;
use akash_types::id::{BidId, GroupId, LeaseId, OrderId};

use super::{STORE, expiry};
use crate::durations::hours;
use crate::ended::{self, Ended};

pub const ORDERS: Map<OrderId, Order> = Map::new(STORE, 0x11);
pub const BIDS: Map<BidId, Bid> = Map::new(STORE, 0x12);
pub const LEASES: Map<LeaseId, Lease> = Map::new(STORE, 0x13);
pub const PARAMS: Item<Params> = Item::new(STORE, 0x14);
/// Leases whose end is still to be told, with its height.
pub const UNANNOUNCED: Map<LeaseId, u64> = Map::new(STORE, 0x15);
pub const EXT_PARAMS: Item<ExtParams> = Item::new(STORE, 0x16);
/// Of open orders that expire.
pub const EXPIRIES: Map<OrderId, OrderExpiry> = Map::new(STORE, 0x17);
/// How many orders, bids and leases have ended, by state; bids and leases also by provider and state.
pub const ENDED_ORDERS: Ended<u8> = Ended::new(STORE, 0x18);
pub const ENDED_BIDS: Ended<u8> = Ended::new(STORE, 0x19);
pub const ENDED_LEASES: Ended<u8> = Ended::new(STORE, 0x1a);
pub const ENDED_BIDS_OF: Ended<(Address, u8)> = Ended::new(STORE, 0x1b);
pub const ENDED_LEASES_OF: Ended<(Address, u8)> = Ended::new(STORE, 0x1c);
/// (state, order)
pub const ORDERS_BY_STATE: Index<(u8, OrderId)> = Index::new(STORE, 0x21);
/// (state, bid)
pub const BIDS_BY_STATE: Index<(u8, BidId)> = Index::new(STORE, 0x22);
/// (provider, state, bid)
pub const BIDS_BY_PROVIDER: Index<(Address, u8, BidId)> = Index::new(STORE, 0x23);
/// (state, lease)
pub const LEASES_BY_STATE: Index<(u8, LeaseId)> = Index::new(STORE, 0x24);
/// (provider, state, lease)
pub const LEASES_BY_PROVIDER: Index<(Address, u8, LeaseId)> = Index::new(STORE, 0x25);

/// (height, order that expires at its end)
pub const EXPIRIES_BY_HEIGHT: Index<(u64, OrderId)> = Index::new(STORE, 0x26);

/// The number of an order's state in an index key.
pub fn order_byte(state: order::State) -> u8 {
    match state {
        order::State::Invalid => 0,
        order::State::Open => 1,
        order::State::Active => 2,
        order::State::Closed => 3,
    }
}

/// The number of a bid's state in an index key.
pub fn bid_byte(state: bid::State) -> u8 {
    match state {
        bid::State::Invalid => 0,
        bid::State::Open => 1,
        bid::State::Active => 2,
        bid::State::Lost => 3,
        bid::State::Closed => 4,
    }
}

/// The number of a lease's state in an index key: lists without a state come in the order of these.
pub fn lease_byte(state: lease::State) -> u8 {
    match state {
        lease::State::Invalid => 0,
        lease::State::Active => 1,
        lease::State::InsufficientFunds => 2,
        lease::State::Closed => 3,
        lease::State::Reclaiming => 4,
    }
}

/// (height, lease whose end is still to be told)
pub const UNANNOUNCED_BY_HEIGHT: Index<(u64, LeaseId)> = Index::new(STORE, 0x27);

/// All states in an index key.
pub const ORDER_STATES: [u8; 4] = [0, 1, 2, 3];
pub const BID_STATES: [u8; 5] = [0, 1, 2, 3, 4];
pub const LEASE_STATES: [u8; 5] = [0, 1, 2, 3, 4];

pub fn is_order_ended(state: order::State) -> bool {
    state == order::State::Closed
}

pub fn is_bid_ended(state: bid::State) -> bool {
    matches!(state, bid::State::Lost | bid::State::Closed)
}

pub fn is_lease_ended(state: lease::State) -> bool {
    matches!(state, lease::State::InsufficientFunds | lease::State::Closed)
}

/// Writes an order whose state was `before`; a new one had none.
pub fn save_order(ctx: &mut Ctx, id: &OrderId, order: &Order, before: Option<order::State>) -> Result<(), TxError> {
    if let Some(before) = before {
        ORDERS_BY_STATE.remove(ctx, &(order_byte(before), id.clone()))?;
        if before == order::State::Open {
            expiry::clear(ctx, id)?;
        }
    }
    index_order(ctx, id, order)?;
    if !is_order_ended(order.state()) {
        return ORDERS.put(ctx, id, order);
    }
    ORDERS.archive(ctx, id, order)?;
    ended::add(ctx, &ENDED_ORDERS, &order_byte(order.state()))
}

/// Writes a bid whose state was `before`; a new one had none.
pub fn save_bid(ctx: &mut Ctx, id: &BidId, bid: &Bid, before: Option<bid::State>) -> Result<(), TxError> {
    if let Some(before) = before {
        BIDS_BY_STATE.remove(ctx, &(bid_byte(before), id.clone()))?;
        BIDS_BY_PROVIDER.remove(ctx, &(id.provider.clone(), bid_byte(before), id.clone()))?;
    }
    index_bid(ctx, id, bid)?;
    if !is_bid_ended(bid.state()) {
        return BIDS.put(ctx, id, bid);
    }
    BIDS.archive(ctx, id, bid)?;
    ended::add(ctx, &ENDED_BIDS, &bid_byte(bid.state()))?;
    ended::add(ctx, &ENDED_BIDS_OF, &(id.provider.clone(), bid_byte(bid.state())))
}

/// Writes a lease whose state was `before`; a new one had none.
pub fn save_lease(ctx: &mut Ctx, id: &LeaseId, lease: &Lease, before: Option<lease::State>) -> Result<(), TxError> {
    if let Some(before) = before {
        LEASES_BY_STATE.remove(ctx, &(lease_byte(before), id.clone()))?;
        LEASES_BY_PROVIDER.remove(ctx, &(id.provider.clone(), lease_byte(before), id.clone()))?;
    }
    index_lease(ctx, id, lease)?;
    if !is_lease_ended(lease.state()) {
        return LEASES.put(ctx, id, lease);
    }
    LEASES.archive(ctx, id, lease)?;
    ended::add(ctx, &ENDED_LEASES, &lease_byte(lease.state()))?;
    ended::add(ctx, &ENDED_LEASES_OF, &(id.provider.clone(), lease_byte(lease.state())))
}

/// The index rows that follow from a record.
pub fn index(ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
    if let Some((id, order)) = ORDERS.decode(record)? {
        return index_order(ctx, &id, &order);
    }
    if let Some((id, bid)) = BIDS.decode(record)? {
        return index_bid(ctx, &id, &bid);
    }
    if let Some((id, lease)) = LEASES.decode(record)? {
        return index_lease(ctx, &id, &lease);
    }
    if let Some((id, height)) = UNANNOUNCED.decode(record)? {
        return UNANNOUNCED_BY_HEIGHT.insert(ctx, &(height, id));
    }
    match EXPIRIES.decode(record)? {
        Some((id, expiry)) => EXPIRIES_BY_HEIGHT.insert(ctx, &(expiry.expires_at.unsigned_abs(), id)),
        None => Ok(()),
    }
}

fn index_order(ctx: &mut Ctx, id: &OrderId, order: &Order) -> Result<(), TxError> {
    ORDERS_BY_STATE.insert(ctx, &(order_byte(order.state()), id.clone()))
}

fn index_bid(ctx: &mut Ctx, id: &BidId, bid: &Bid) -> Result<(), TxError> {
    BIDS_BY_STATE.insert(ctx, &(bid_byte(bid.state()), id.clone()))?;
    BIDS_BY_PROVIDER.insert(ctx, &(id.provider.clone(), bid_byte(bid.state()), id.clone()))
}

fn index_lease(ctx: &mut Ctx, id: &LeaseId, lease: &Lease) -> Result<(), TxError> {
    LEASES_BY_STATE.insert(ctx, &(lease_byte(lease.state()), id.clone()))?;
    LEASES_BY_PROVIDER.insert(ctx, &(id.provider.clone(), lease_byte(lease.state()), id.clone()))
}

/// The order of a group that is open or active; there is at most one.
pub fn live_order<S: Kv>(kv: &mut S, group: &GroupId) -> Result<Option<OrderId>, S::Error> {
    for state in [order::State::Open, order::State::Active] {
        let found = ORDERS_BY_STATE.scan_under(kv, &(order_byte(state), group.clone()), 1)?;
        if let Some((_, id)) = found.into_iter().next() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// How many open bids a provider has on an order, counted up to `limit`.
pub fn open_bids_of<S: Kv>(kv: &mut S, id: &BidId, limit: usize) -> Result<usize, S::Error> {
    let under = (bid_byte(bid::State::Open), id.order.clone(), id.provider.clone());
    Ok(BIDS_BY_STATE.scan_under(kv, &under, limit)?.len())
}

/// Bids of an order in a state, in key order, at most `limit`.
pub fn bids_in<S: Kv>(kv: &mut S, order: &OrderId, state: bid::State, limit: usize) -> Result<Vec<BidId>, S::Error> {
    let found = BIDS_BY_STATE.scan_under(kv, &(bid_byte(state), order.clone()), limit)?;
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

pub fn params<S: Kv>(kv: &mut S) -> Result<Params, S::Error> {
    Ok(PARAMS.get(kv)?.unwrap_or_else(default_params))
}

pub fn default_params() -> Params {
    let coin = |denom: &str| Coin { denom: denom.to_owned(), amount: "500000".to_owned() };
    Params {
        bid_min_deposit: Some(coin("uakt")),
        order_max_bids: 20,
        bid_min_deposits: vec![coin("uact"), coin("uakt")],
        min_reclamation_window: Some(hours(1)),
        max_reclamation_window: Some(hours(720)),
    }
}

pub fn ext_params<S: Kv>(kv: &mut S) -> Result<ExtParams, S::Error> {
    Ok(EXT_PARAMS.get(kv)?.unwrap_or(DEFAULT_EXT_PARAMS))
}

/// A provider may bid three times on an order; an order may wait for two years of blocks of five seconds.
pub const DEFAULT_EXT_PARAMS: ExtParams =
    ExtParams { order_max_bids_per_provider: 3, max_order_lifetime_blocks: 12_614_400 };
