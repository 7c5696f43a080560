//! `MsgSetOrderExpiry`: an owner says until when an order waits for bids.

use akash_kernel::{Ctx, Registry, TxError, sdk_error};
use akash_proto::akash::ext::market::v1::{MsgSetOrderExpiry, MsgSetOrderExpiryResponse};
use akash_proto::akash::market::v1beta5::order;
use akash_types::id::OrderId;

use crate::ids;
use crate::market::errors::MarketError;
use crate::market::{events, expiry, state};

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgSetOrderExpiry| Ok(vec![ids::id::<_, OrderId>(msg.id.as_ref())?.owner().clone()]),
        |msg| {
            ids::id::<_, OrderId>(msg.id.as_ref())?;
            height(msg).map(|_| ())
        },
        set,
    );
}

fn set(ctx: &mut Ctx, msg: MsgSetOrderExpiry) -> Result<MsgSetOrderExpiryResponse, TxError> {
    let id: OrderId = ids::id(msg.id.as_ref())?;
    let expires_at = height(&msg)?;
    let order = state::ORDERS.get(ctx, &id)?.ok_or(MarketError::OrderNotFound)?;
    match order.state() {
        order::State::Open => {}
        order::State::Closed => return Err(MarketError::OrderClosed.into()),
        _ => return Err(MarketError::OrderActive.into()),
    }
    if let Some(expires_at) = expires_at {
        check_ahead(ctx, expires_at)?;
    }

    expiry::set(ctx, &id, expires_at)?;
    events::order_expiry_set(ctx, &id, msg.expires_at);
    Ok(MsgSetOrderExpiryResponse {})
}

/// `None`: no expiry.
fn height(msg: &MsgSetOrderExpiry) -> Result<Option<u64>, TxError> {
    match u64::try_from(msg.expires_at) {
        Ok(height) => Ok(Some(height).filter(|height| *height > 0)),
        Err(_) => Err(sdk_error::invalid_request(format!("expires_at {} is negative", msg.expires_at))),
    }
}

fn check_ahead(ctx: &mut Ctx, expires_at: u64) -> Result<(), TxError> {
    let now = u64::try_from(ctx.height()).unwrap_or(0);
    let most = state::ext_params(ctx)?.max_order_lifetime_blocks;
    match expires_at.checked_sub(now) {
        None | Some(0) => Err(sdk_error::invalid_request(format!("expires_at {expires_at} is not ahead of {now}"))),
        Some(blocks) if blocks > most => {
            Err(MarketError::OrderDurationExceeded.because(format!("{blocks} blocks are more than {most}")))
        }
        Some(_) => Ok(()),
    }
}
