//! What other modules may ask of deployments.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::deployment::v1::Deployment;
use akash_proto::akash::deployment::v1beta4::{Group, GroupSpec, group};
use akash_store::Kv;
use akash_types::address::Address;
use akash_types::id::{DeploymentId, GroupId};

use super::{closing, events, spec, state};
use crate::fault;
use crate::market::api::Cause;

/// Most owners of one number that a list names one by one.
const MAX_OWNERS: usize = 1000;

pub fn deployment(ctx: &mut Ctx, id: &DeploymentId) -> Result<Option<Deployment>, TxError> {
    state::DEPLOYMENTS.get(ctx, id)
}

pub fn group(ctx: &mut Ctx, id: &GroupId) -> Result<Option<Group>, TxError> {
    state::GROUPS.get(ctx, id)
}

/// Whoever has a deployment with this number, in order. Nothing when there are too many to name.
pub fn owners_of<S: Kv>(kv: &mut S, dseq: u64) -> Result<Option<Vec<Address>>, S::Error> {
    let found = state::OWNERS_BY_DSEQ.scan_under(kv, &dseq, MAX_OWNERS + 1)?;
    let owners = found.into_iter().map(|(_, owner)| owner).collect::<Vec<_>>();
    Ok(Some(owners).filter(|owners| owners.len() <= MAX_OWNERS))
}

/// Whether the limits of today still allow a group.
pub fn is_within_limits(ctx: &mut Ctx, group: &GroupSpec) -> Result<bool, TxError> {
    Ok(spec::check_group(group, &state::limits(ctx)?).is_ok())
}

/// Pauses an open group: its provider has ended the lease, or nobody has filled its order.
pub fn pause_group(ctx: &mut Ctx, id: &GroupId) -> Result<(), TxError> {
    let mut group = group(ctx, id)?.ok_or_else(|| fault::missing(format!("group {id}")))?;
    if group.state() != group::State::Open {
        return Ok(());
    }
    group.set_state(group::State::Paused);
    state::save_group(ctx, id, &group)?;
    events::group_paused(ctx, id);
    Ok(())
}

/// Closes a deployment whose account escrow has found dry, paid out and ended.
pub fn ran_dry(ctx: &mut Ctx, id: &DeploymentId) -> Result<(), TxError> {
    closing::close_deployment(ctx, id, Cause::InsufficientFunds)
}

/// Says once more that a deployment and a group of it are closed.
pub fn repeat_closing(ctx: &mut Ctx, group: &GroupId) {
    events::deployment_closed(ctx, group.deployment_id());
    events::group_closed(ctx, group);
}
