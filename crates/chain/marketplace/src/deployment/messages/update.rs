//! `MsgUpdateDeployment`: a new manifest version. Groups cannot change.

use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::deployment::v1::deployment;
use akash_proto::akash::deployment::v1beta4::{MsgUpdateDeployment, MsgUpdateDeploymentResponse};

use crate::deployment::errors::DeploymentError;
use crate::deployment::{events, state};

pub fn register(registry: &mut Registry) {
    registry.message(|msg: &MsgUpdateDeployment| super::owner(msg.id.as_ref()), validate, update);
}

fn validate(msg: &MsgUpdateDeployment) -> Result<(), TxError> {
    super::deployment_id(msg.id.as_ref())?;
    super::check_hash(&msg.hash)
}

fn update(ctx: &mut Ctx, msg: MsgUpdateDeployment) -> Result<MsgUpdateDeploymentResponse, TxError> {
    let id = super::deployment_id(msg.id.as_ref())?;
    let mut deployment = state::DEPLOYMENTS.get(ctx, &id)?.ok_or(DeploymentError::DeploymentNotFound)?;
    if deployment.state() != deployment::State::Active {
        return Err(DeploymentError::DeploymentClosed.into());
    }
    if deployment.hash == msg.hash {
        return Err(DeploymentError::InvalidHash.because("the hash is the present one"));
    }

    deployment.hash = msg.hash;

    state::DEPLOYMENTS.put(ctx, &id, &deployment)?;
    events::deployment_updated(ctx, &id, &deployment.hash);
    Ok(MsgUpdateDeploymentResponse {})
}
