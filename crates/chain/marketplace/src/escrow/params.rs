//! Parameters of escrow that are ours: how many deposits an account holds, and the grace period.

use akash_cosmos::authority;
use akash_kernel::{Ctx, QueryCtx, QueryError, Registry, TxError, sdk_error};
use akash_proto::akash::ext::escrow::v1::{
    MsgUpdateParams, MsgUpdateParamsResponse, Params, QueryParamsRequest, QueryParamsResponse,
};

use super::state;
use crate::ids;

/// Refunds are one loop over the deposits.
const MAX_DEPOSITS: u32 = 1000;
/// Two months of blocks of five seconds.
const MAX_GRACE_BLOCKS: u64 = 1_000_000;

pub const DEFAULT: Params = Params { max_deposits: 100, reserved_deposits: 20, grace_period_blocks: 0 };

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgUpdateParams| Ok(vec![ids::address(&msg.authority)?]),
        |msg| check(&msg.params.unwrap_or_default()),
        update,
    );
    registry.query("/akash.ext.escrow.v1.Query/Params", params);
}

fn update(ctx: &mut Ctx, msg: MsgUpdateParams) -> Result<MsgUpdateParamsResponse, TxError> {
    authority::api::require(ctx, &msg.authority)?;

    state::PARAMS.put(ctx, &msg.params.unwrap_or_default())?;
    Ok(MsgUpdateParamsResponse {})
}

/// There is room for deposits, for strangers' too, and every loop has a bound.
pub fn check(params: &Params) -> Result<(), TxError> {
    let invalid = |found: String| Err(sdk_error::invalid_request(format!("escrow: {found}")));
    if !(1..=MAX_DEPOSITS).contains(&params.max_deposits) {
        return invalid(format!("max_deposits {} is not between 1 and {MAX_DEPOSITS}", params.max_deposits));
    }
    if params.reserved_deposits >= params.max_deposits {
        return invalid(format!("reserved_deposits {} leave no room for others", params.reserved_deposits));
    }
    if params.grace_period_blocks > MAX_GRACE_BLOCKS {
        return invalid(format!("grace_period_blocks {} is above {MAX_GRACE_BLOCKS}", params.grace_period_blocks));
    }
    Ok(())
}

fn params(ctx: &mut QueryCtx, _request: QueryParamsRequest) -> Result<QueryParamsResponse, QueryError> {
    Ok(QueryParamsResponse { params: Some(state::params(ctx)?) })
}
