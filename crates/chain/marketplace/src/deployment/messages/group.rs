//! `MsgCloseGroup`, `MsgPauseGroup`, `MsgStartGroup`. An account that turns out dry on the way closes the whole
//! deployment instead; the message succeeds, for what it asked for is part of that.

use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::deployment::v1::deployment;
use akash_proto::akash::deployment::v1beta4::{
    Group, MsgCloseGroup, MsgCloseGroupResponse, MsgPauseGroup, MsgPauseGroupResponse, MsgStartGroup,
    MsgStartGroupResponse, group,
};
use akash_types::id::GroupId;

use crate::deployment::errors::DeploymentError;
use crate::deployment::{api, closing, events, spec, state};
use crate::escrow::api::{self as escrow, AccountId, Standing};
use crate::fault;
use crate::market::api::{self as market, Cause};

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgCloseGroup| Ok(vec![super::group_id(msg.id.as_ref())?.owner().clone()]),
        |msg| super::group_id(msg.id.as_ref()).map(|_| ()),
        close,
    );
    registry.message(
        |msg: &MsgPauseGroup| Ok(vec![super::group_id(msg.id.as_ref())?.owner().clone()]),
        |msg| super::group_id(msg.id.as_ref()).map(|_| ()),
        pause,
    );
    registry.message(
        |msg: &MsgStartGroup| Ok(vec![super::group_id(msg.id.as_ref())?.owner().clone()]),
        |msg| super::group_id(msg.id.as_ref()).map(|_| ()),
        start,
    );
}

fn close(ctx: &mut Ctx, msg: MsgCloseGroup) -> Result<MsgCloseGroupResponse, TxError> {
    let (id, group) = require_live(ctx, super::group_id(msg.id.as_ref())?)?;

    match settle(ctx, &id)? {
        Standing::RanDry => api::ran_dry(ctx, id.deployment_id())?,
        Standing::Covered => closing::end_group(ctx, &id, group, Cause::Owner)?,
    }
    Ok(MsgCloseGroupResponse {})
}

fn pause(ctx: &mut Ctx, msg: MsgPauseGroup) -> Result<MsgPauseGroupResponse, TxError> {
    let (id, mut group) = require_live(ctx, super::group_id(msg.id.as_ref())?)?;
    if group.state() == group::State::Paused {
        return Err(DeploymentError::GroupPaused.into());
    }

    if settle(ctx, &id)? == Standing::RanDry {
        api::ran_dry(ctx, id.deployment_id())?;
        return Ok(MsgPauseGroupResponse {});
    }

    group.set_state(group::State::Paused);
    state::save_group(ctx, &id, &group)?;
    events::group_paused(ctx, &id);
    market::close_group(ctx, &id, Cause::Owner)?;
    Ok(MsgPauseGroupResponse {})
}

fn start(ctx: &mut Ctx, msg: MsgStartGroup) -> Result<MsgStartGroupResponse, TxError> {
    let id = super::group_id(msg.id.as_ref())?;
    let mut group = require(ctx, &id)?;
    match group.state() {
        group::State::Closed => return Err(DeploymentError::GroupClosed.into()),
        group::State::Open => return Err(DeploymentError::GroupOpen.into()),
        _ => {}
    }
    let deployment = state::DEPLOYMENTS.get(ctx, id.deployment_id())?;
    let deployment = deployment.ok_or_else(|| fault::missing(format!("deployment of group {id}")))?;
    if deployment.state() != deployment::State::Active {
        return Err(DeploymentError::DeploymentClosed.into());
    }

    let spec = group.group_spec.clone().unwrap_or_default();
    spec::check_group(&spec, &state::limits(ctx)?)?;

    group.set_state(group::State::Open);

    state::save_group(ctx, &id, &group)?;
    events::group_started(ctx, &id);
    market::create_order(ctx, &id, spec, deployment.reclamation)?;
    Ok(MsgStartGroupResponse {})
}

fn require(ctx: &mut Ctx, id: &GroupId) -> Result<Group, TxError> {
    state::GROUPS.get(ctx, id)?.ok_or_else(|| DeploymentError::GroupNotFound.into())
}

/// A group that can still end. One that ran out of funds ended with its deployment.
fn require_live(ctx: &mut Ctx, id: GroupId) -> Result<(GroupId, Group), TxError> {
    let group = require(ctx, &id)?;
    match group.state() {
        group::State::Open | group::State::Paused => Ok((id, group)),
        _ => Err(DeploymentError::GroupClosed.into()),
    }
}

fn settle(ctx: &mut Ctx, id: &GroupId) -> Result<Standing, TxError> {
    escrow::settle(ctx, &AccountId::Deployment(id.deployment_id().clone()))
}
