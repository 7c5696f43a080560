//! Deployments and groups of a new chain.

use akash_kernel::{Ctx, TxError, sdk_error};
use akash_proto::akash::deployment::v1::deployment;
use akash_proto::akash::deployment::v1beta4::{GenesisDeployment, GenesisState};
use akash_proto::akash::ext::deployment::v1 as ext;
use akash_types::id::{DeploymentId, GroupId};
use serde_json::Value;

use super::{messages, spec, state};
use crate::{genesis_json, ids, rows};

pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let (genesis, ext): (GenesisState, ext::GenesisState) = genesis_json::read_extended("deployment", genesis)?;
    let limits = ext.params.unwrap_or(spec::limits::DEFAULT);
    messages::check_limits(&limits)?;
    state::LIMITS.put(ctx, &limits)?;
    let params = genesis.params.unwrap_or_else(state::default_params);
    messages::check_params(&params)?;
    state::PARAMS.put(ctx, &params)?;
    for entry in &genesis.deployments {
        init_deployment(ctx, entry)?;
    }
    Ok(())
}

fn init_deployment(ctx: &mut Ctx, entry: &GenesisDeployment) -> Result<(), TxError> {
    let deployment = entry.deployment.clone().unwrap_or_default();
    let id: DeploymentId = ids::id(deployment.id.as_ref())?;
    if state::DEPLOYMENTS.has(ctx, &id)? {
        return Err(sdk_error::invalid_request(format!("genesis has deployment {id} twice")));
    }
    let mut active = deployment.clone();
    active.set_state(deployment::State::Active);
    state::insert_deployment(ctx, &id, &active)?;
    if deployment.state() == deployment::State::Closed {
        state::archive_deployment(ctx, &id, &deployment)?;
    }
    for group in &entry.groups {
        let group_id: GroupId = ids::id(group.id.as_ref())?;
        if *group_id.deployment_id() != id || state::GROUPS.has(ctx, &group_id)? {
            return Err(sdk_error::invalid_request(format!("genesis has group {group_id} twice or elsewhere")));
        }
        state::save_group(ctx, &group_id, group)?;
    }
    Ok(())
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    let params = Some(state::params(ctx)?);
    let mut deployments = Vec::new();
    for (id, deployment) in rows::all(ctx, &state::DEPLOYMENTS)? {
        let groups = state::groups_of(ctx, &id)?.into_iter().map(|(_, group)| group).collect();
        deployments.push(GenesisDeployment { deployment: Some(deployment), groups });
    }
    let ext = ext::GenesisState { params: Some(state::limits(ctx)?) };
    genesis_json::write_extended(&GenesisState { deployments, params }, &ext)
}
