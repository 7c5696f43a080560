//! Reads for tests of all modules together.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::market::v1::Lease;
use akash_proto::akash::market::v1beta5::{Bid, Order, bid, order};
use akash_types::id::{BidId, LeaseId, OrderId};

use super::state;
use crate::rows;

pub fn order(ctx: &mut Ctx, id: &OrderId) -> Result<Option<Order>, TxError> {
    state::ORDERS.get(ctx, id)
}

pub fn bid(ctx: &mut Ctx, id: &BidId) -> Result<Option<Bid>, TxError> {
    state::BIDS.get(ctx, id)
}

pub fn lease(ctx: &mut Ctx, id: &LeaseId) -> Result<Option<Lease>, TxError> {
    state::LEASES.get(ctx, id)
}

/// Every order that is open.
pub fn open_orders(ctx: &mut Ctx) -> Result<Vec<OrderId>, TxError> {
    let orders = rows::all(ctx, &state::ORDERS)?.into_iter();
    Ok(orders.filter(|(_, order)| order.state() == order::State::Open).map(|(id, _)| id).collect())
}

/// Every bid that is open.
pub fn open_bids(ctx: &mut Ctx) -> Result<Vec<BidId>, TxError> {
    let bids = rows::all(ctx, &state::BIDS)?.into_iter();
    Ok(bids.filter(|(_, bid)| bid.state() == bid::State::Open).map(|(id, _)| id).collect())
}

/// Every lease, whatever became of it.
pub fn leases(ctx: &mut Ctx) -> Result<Vec<(LeaseId, Lease)>, TxError> {
    rows::all(ctx, &state::LEASES)
}
