//! `MsgUpdateParams`.

use std::ops::RangeInclusive;

use akash_cosmos::authority;
use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::market::v1beta5::{MsgUpdateParams, MsgUpdateParamsResponse, Params};
use akash_types::coin::Coin;

use crate::market::errors::MarketError;
use crate::market::{MAX_OPEN_BIDS, state};
use crate::{deposits, durations, ids};

const ORDER_MAX_BIDS: RangeInclusive<u32> = 1..=MAX_OPEN_BIDS as u32;

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgUpdateParams| Ok(vec![ids::address(&msg.authority)?]),
        |msg| check(&msg.params.clone().unwrap_or_default()),
        update,
    );
}

fn update(ctx: &mut Ctx, msg: MsgUpdateParams) -> Result<MsgUpdateParamsResponse, TxError> {
    authority::api::require(ctx, &msg.authority)?;

    let mut params = msg.params.unwrap_or_default();
    params.bid_min_deposits = deposits::sorted(params.bid_min_deposits);
    params.min_reclamation_window.get_or_insert_default();

    state::PARAMS.put(ctx, &params)?;
    Ok(MsgUpdateParamsResponse {})
}

pub fn check(params: &Params) -> Result<(), TxError> {
    let invalid = |wrong: String| MarketError::InvalidParam.because(wrong);
    deposits::check(&params.bid_min_deposits).map_err(invalid)?;
    let old = params.bid_min_deposit.as_ref().map(Coin::try_from);
    if !matches!(old, Some(Ok(_))) {
        return Err(invalid("bid_min_deposit is no coin".to_owned()));
    }
    if !ORDER_MAX_BIDS.contains(&params.order_max_bids) {
        return Err(invalid(format!("order_max_bids {} is not between 1 and {MAX_OPEN_BIDS}", params.order_max_bids)));
    }
    let nanos = |window: Option<prost_types::Duration>| durations::nanos(&window.unwrap_or_default());
    let (min, max) = (nanos(params.min_reclamation_window), nanos(params.max_reclamation_window));
    if min < 0 || max <= min {
        return Err(invalid("reclamation windows are not in order".to_owned()));
    }
    Ok(())
}
