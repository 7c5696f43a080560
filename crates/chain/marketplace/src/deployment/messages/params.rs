//! `MsgUpdateParams`.

use akash_cosmos::authority;
use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::deployment::v1beta4::{MsgUpdateParams, MsgUpdateParamsResponse, Params};

use crate::deployment::errors::DeploymentError;
use crate::deployment::state;
use crate::{deposits, ids};

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgUpdateParams| Ok(vec![ids::address(&msg.authority)?]),
        |msg| check(&msg.params.clone().unwrap_or_default()),
        update,
    );
}

fn update(ctx: &mut Ctx, msg: MsgUpdateParams) -> Result<MsgUpdateParamsResponse, TxError> {
    authority::api::require(ctx, &msg.authority)?;

    let min_deposits = deposits::sorted(msg.params.unwrap_or_default().min_deposits);

    state::PARAMS.put(ctx, &Params { min_deposits })?;
    Ok(MsgUpdateParamsResponse {})
}

/// Which denominations the list holds is the choice of the authority: it decides the chain's economy.
pub fn check(params: &Params) -> Result<(), TxError> {
    deposits::check(&params.min_deposits).map_err(|wrong| DeploymentError::InvalidParam.because(wrong))
}
