//! `MsgUpdateParams`.

use akash_cosmos::authority;
use akash_kernel::{Ctx, Registry, TxError, sdk_error};
use akash_proto::akash::take::v1::{MsgUpdateParams, MsgUpdateParamsResponse, Params};
use akash_types::coin::validate_denom;

use super::state;
use crate::ids;

/// Most denominations with a rate of their own: each payout looks through them.
const MAX_RATES: usize = 100;

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgUpdateParams| Ok(vec![ids::address(&msg.authority)?]),
        |msg| check(&msg.params.clone().unwrap_or_default()),
        update,
    );
}

fn update(ctx: &mut Ctx, msg: MsgUpdateParams) -> Result<MsgUpdateParamsResponse, TxError> {
    authority::api::require(ctx, &msg.authority)?;

    state::PARAMS.put(ctx, &msg.params.unwrap_or_default())?;
    Ok(MsgUpdateParamsResponse {})
}

/// Percentages, each denomination once.
pub fn check(params: &Params) -> Result<(), TxError> {
    let invalid = |found: String| Err(sdk_error::invalid_request(format!("take: {found}")));
    if params.default_take_rate > 100 {
        return invalid(format!("default_take_rate {} is above 100", params.default_take_rate));
    }
    if params.denom_take_rates.len() > MAX_RATES {
        return invalid(format!("more than {MAX_RATES} rates"));
    }
    for (index, rate) in params.denom_take_rates.iter().enumerate() {
        if let Err(error) = validate_denom(&rate.denom) {
            return invalid(error.to_string());
        }
        if rate.rate > 100 {
            return invalid(format!("rate {} of {} is above 100", rate.rate, rate.denom));
        }
        if params.denom_take_rates.iter().take(index).any(|earlier| earlier.denom == rate.denom) {
            return invalid(format!("{} has two rates", rate.denom));
        }
    }
    Ok(())
}
