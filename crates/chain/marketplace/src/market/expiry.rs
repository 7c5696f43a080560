//! Orders with an expiry height: they stay open until they are filled or until that height, when they close and their
//! group pauses. Others stay open until somebody fills or closes them.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::ext::market::v1::OrderExpiry;
use akash_store::{Range, key_bytes};
use akash_types::id::OrderId;

use super::closing::{self, LeaseEnd};
use super::events;
use super::state::{EXPIRIES, EXPIRIES_BY_HEIGHT};
use crate::{deployment, fault};

/// Lets an open order expire at a height, or at none.
pub fn set(ctx: &mut Ctx, id: &OrderId, expires_at: Option<u64>) -> Result<(), TxError> {
    clear(ctx, id)?;
    let Some(height) = expires_at else { return Ok(()) };
    let wire_height = i64::try_from(height).map_err(|_| fault::broken("expiry"))?;
    EXPIRIES.put(ctx, id, &OrderExpiry { id: Some(id.into()), expires_at: wire_height })?;
    EXPIRIES_BY_HEIGHT.insert(ctx, &(height, id.clone()))
}

/// Forgets the expiry of an order that is no longer open.
pub fn clear(ctx: &mut Ctx, id: &OrderId) -> Result<(), TxError> {
    let Some(expiry) = EXPIRIES.get(ctx, id)? else { return Ok(()) };
    let height = u64::try_from(expiry.expires_at).map_err(|_| fault::broken("expiry"))?;
    EXPIRIES.remove(ctx, id)?;
    EXPIRIES_BY_HEIGHT.remove(ctx, &(height, id.clone()))
}

/// The open order that is next to expire at this height, or should have before.
pub fn next(ctx: &mut Ctx) -> Result<Option<OrderId>, TxError> {
    let end = ctx.height().checked_add(1).and_then(|height| u64::try_from(height).ok());
    let range = Range { end: end.map(|height| key_bytes(&height)), ..Range::default() };
    Ok(EXPIRIES_BY_HEIGHT.scan_range(ctx, range, 1)?.pop().map(|(_, id)| id))
}

/// Closes an order that nobody filled in time, with its bids. Its group waits for its owner.
pub fn expire(ctx: &mut Ctx, id: &OrderId) -> Result<(), TxError> {
    events::order_expired(ctx, id);
    closing::close_order(ctx, id, LeaseEnd::BY_OWNER)?; // an open order has no lease
    deployment::api::pause_group(ctx, &id.group)
}
