//! Ending groups and deployments. Escrow has ended the deployment's account before a deployment is closed here, and
//! has settled it at this height before a single group is.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::deployment::v1::deployment;
use akash_proto::akash::deployment::v1beta4::{Group, group};
use akash_types::id::{DeploymentId, GroupId};

use super::{events, state};
use crate::fault;
use crate::market::api::{self as market, Cause};

/// Closes a deployment and all that hangs on it.
pub fn close_deployment(ctx: &mut Ctx, id: &DeploymentId, cause: Cause) -> Result<(), TxError> {
    let stored = state::DEPLOYMENTS.get(ctx, id)?;
    let mut deployment = stored.ok_or_else(|| fault::missing(format!("deployment {id}")))?;
    let groups = state::groups_of(ctx, id)?;

    deployment.set_state(deployment::State::Closed);
    state::archive_deployment(ctx, id, &deployment)?;
    events::deployment_closed(ctx, id);

    for (id, group) in groups {
        if group.state() != group::State::Closed {
            end_group(ctx, &id, group, cause)?;
        }
    }
    Ok(())
}

/// Closes a group that is not closed, its order, bids and lease.
pub fn end_group(ctx: &mut Ctx, id: &GroupId, mut group: Group, cause: Cause) -> Result<(), TxError> {
    group.set_state(match cause {
        Cause::Owner => group::State::Closed,
        Cause::InsufficientFunds => group::State::InsufficientFunds,
    });
    state::save_group(ctx, id, &group)?;
    events::group_closed(ctx, id);
    market::close_group(ctx, id, cause)
}
