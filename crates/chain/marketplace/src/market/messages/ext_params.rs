//! `MsgUpdateParams` of our own parameters.

use akash_cosmos::authority;
use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::ext::market::v1::{MsgUpdateParams, MsgUpdateParamsResponse, Params};

use crate::ids;
use crate::market::errors::MarketError;
use crate::market::{MAX_OPEN_BIDS, state};

/// Some sixty years of blocks of five seconds.
const MAX_LIFETIME_BLOCKS: u64 = 400_000_000;

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgUpdateParams| Ok(vec![ids::address(&msg.authority)?]),
        |msg| check(&msg.params.unwrap_or_default()),
        update,
    );
}

fn update(ctx: &mut Ctx, msg: MsgUpdateParams) -> Result<MsgUpdateParamsResponse, TxError> {
    authority::api::require(ctx, &msg.authority)?;

    state::EXT_PARAMS.put(ctx, &msg.params.unwrap_or_default())?;
    Ok(MsgUpdateParamsResponse {})
}

pub fn check(params: &Params) -> Result<(), TxError> {
    for (what, value, max) in [
        ("order_max_bids_per_provider", params.order_max_bids_per_provider.into(), MAX_OPEN_BIDS as u64),
        ("max_order_lifetime_blocks", params.max_order_lifetime_blocks, MAX_LIFETIME_BLOCKS),
    ] {
        if !(1..=max).contains(&value) {
            return Err(MarketError::InvalidParam.because(format!("{what} {value} is not between 1 and {max}")));
        }
    }
    Ok(())
}
