//! What the module announces.

use akash_kernel::Ctx;
use akash_proto::akash::deployment::v1::{
    EventDeploymentClosed, EventDeploymentCreated, EventDeploymentUpdated, EventGroupClosed, EventGroupPaused,
    EventGroupStarted,
};
use akash_types::id::{DeploymentId, GroupId};

pub fn deployment_created(ctx: &mut Ctx, id: &DeploymentId, hash: &[u8]) {
    ctx.emit(&EventDeploymentCreated { id: Some(id.into()), hash: hash.to_vec() });
}

pub fn deployment_updated(ctx: &mut Ctx, id: &DeploymentId, hash: &[u8]) {
    ctx.emit(&EventDeploymentUpdated { id: Some(id.into()), hash: hash.to_vec() });
}

pub fn deployment_closed(ctx: &mut Ctx, id: &DeploymentId) {
    ctx.emit(&EventDeploymentClosed { id: Some(id.into()) });
}

pub fn group_started(ctx: &mut Ctx, id: &GroupId) {
    ctx.emit(&EventGroupStarted { id: Some(id.into()) });
}

pub fn group_paused(ctx: &mut Ctx, id: &GroupId) {
    ctx.emit(&EventGroupPaused { id: Some(id.into()) });
}

pub fn group_closed(ctx: &mut Ctx, id: &GroupId) {
    ctx.emit(&EventGroupClosed { id: Some(id.into()) });
}
