//! `MsgCloseDeployment`: everybody is paid, the rest goes back to the depositors, everything closes.

use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::deployment::v1::deployment;
use akash_proto::akash::deployment::v1beta4::{MsgCloseDeployment, MsgCloseDeploymentResponse};

use crate::deployment::errors::DeploymentError;
use crate::deployment::{closing, state};
use crate::escrow::api::{self as escrow, AccountId, Standing};
use crate::market::api::Cause;

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgCloseDeployment| super::owner(msg.id.as_ref()),
        |msg| super::deployment_id(msg.id.as_ref()).map(|_| ()),
        close,
    );
}

fn close(ctx: &mut Ctx, msg: MsgCloseDeployment) -> Result<MsgCloseDeploymentResponse, TxError> {
    let id = super::deployment_id(msg.id.as_ref())?;
    let deployment = state::DEPLOYMENTS.get(ctx, &id)?.ok_or(DeploymentError::DeploymentNotFound)?;
    if deployment.state() != deployment::State::Active {
        return Err(DeploymentError::DeploymentClosed.into());
    }

    let cause = match escrow::close_account(ctx, &AccountId::Deployment(id.clone()))? {
        Standing::Covered => Cause::Owner,
        Standing::RanDry => Cause::InsufficientFunds,
    };

    closing::close_deployment(ctx, &id, cause)?;
    Ok(MsgCloseDeploymentResponse {})
}
