//! What the market announces.

use akash_kernel::Ctx;
use akash_proto::akash::ext::market::v1::{EventOrderExpired, EventOrderExpirySet};
use akash_proto::akash::market::v1::{
    EventBidClosed, EventBidCreated, EventLeaseClosed, EventLeaseCreated, EventLeaseReclaimStarted, EventOrderClosed,
    EventOrderCreated,
};
use akash_proto::cosmos::base::v1beta1::DecCoin;
use akash_types::id::{BidId, LeaseId, OrderId};

pub fn order_created(ctx: &mut Ctx, id: &OrderId) {
    ctx.emit(&EventOrderCreated { id: Some(id.into()) });
}

pub fn order_closed(ctx: &mut Ctx, id: &OrderId) {
    ctx.emit(&EventOrderClosed { id: Some(id.into()) });
}

pub fn bid_created(ctx: &mut Ctx, id: &BidId, price: DecCoin) {
    ctx.emit(&EventBidCreated { id: Some(id.into()), price: Some(price) });
}

pub fn bid_closed(ctx: &mut Ctx, id: &BidId) {
    ctx.emit(&EventBidClosed { id: Some(id.into()) });
}

pub fn lease_created(ctx: &mut Ctx, id: &LeaseId, price: DecCoin) {
    ctx.emit(&EventLeaseCreated { id: Some(id.into()), price: Some(price) });
}

pub fn lease_closed(ctx: &mut Ctx, id: &LeaseId, reason: i32) {
    ctx.emit(&EventLeaseClosed { id: Some(id.into()), reason });
}

pub fn reclaim_started(ctx: &mut Ctx, id: &LeaseId, reason: i32, deadline: i64) {
    ctx.emit(&EventLeaseReclaimStarted { id: Some(id.into()), reason, deadline });
}

pub fn order_expiry_set(ctx: &mut Ctx, id: &OrderId, expires_at: i64) {
    ctx.emit(&EventOrderExpirySet { id: Some(id.into()), expires_at });
}

pub fn order_expired(ctx: &mut Ctx, id: &OrderId) {
    ctx.emit(&EventOrderExpired { id: Some(id.into()) });
}
