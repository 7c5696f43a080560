//! Reads for tests of all modules together.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::market::v1::Lease;
use akash_proto::akash::market::v1beta5::{Bid, Order};
use akash_types::id::{BidId, LeaseId, OrderId};

use super::state;

pub fn order(ctx: &mut Ctx, id: &OrderId) -> Result<Option<Order>, TxError> {
    state::ORDERS.get(ctx, id)
}

pub fn bid(ctx: &mut Ctx, id: &BidId) -> Result<Option<Bid>, TxError> {
    state::BIDS.get(ctx, id)
}

pub fn lease(ctx: &mut Ctx, id: &LeaseId) -> Result<Option<Lease>, TxError> {
    state::LEASES.get(ctx, id)
}
