//! Queries of the module.

use akash_kernel::{QueryCtx, QueryError, Registry};
use akash_proto::akash::deployment::v1::{Deployment, deployment};
use akash_proto::akash::deployment::v1beta4::{
    QueryDeploymentRequest, QueryDeploymentResponse, QueryDeploymentsRequest, QueryDeploymentsResponse,
    QueryGroupRequest, QueryGroupResponse, QueryParamsRequest, QueryParamsResponse,
};
use akash_proto::akash::ext::deployment::v1 as ext;
use akash_types::id::{DeploymentId, GroupId};

use super::errors::DeploymentError;
use super::state;
use crate::escrow::api::{self as escrow, AccountId};
use crate::filter::{self, IdFilter, Walk};
use crate::query_errors::{invalid, not_found};
use crate::{ended, ids, list};

pub fn register(registry: &mut Registry) {
    registry.query("/akash.deployment.v1beta4.Query/Deployments", deployments);
    registry.query("/akash.deployment.v1beta4.Query/Deployment", deployment);
    registry.query("/akash.deployment.v1beta4.Query/Group", group);
    registry.query("/akash.deployment.v1beta4.Query/Params", params);
    registry.query("/akash.ext.deployment.v1.Query/Params", limits);
}

fn deployments(ctx: &mut QueryCtx, request: QueryDeploymentsRequest) -> Result<QueryDeploymentsResponse, QueryError> {
    let filters = request.filters.unwrap_or_default();
    let filter = IdFilter::deployment(&filters.owner, filters.dseq)?;
    let wanted = filter::state(&filters.state, deployment::State::from_str_name)?;
    let request = request.pagination.as_ref();

    let state = wanted.map(state::state_byte);
    let walk = Walk::of(&filter, state, &state::STATES, filter.owners(ctx)?);
    let (ids, pagination) = match walk {
        Walk::Records(ranges) => {
            let keep = |id: &DeploymentId| filter.matches_deployment(id);
            list::page(ctx, &state::DEPLOYMENTS, ranges, request, |_| Ok(None), keep)?
        }
        Walk::ByState(ranges) | Walk::ByProvider(ranges) => {
            let states = state.as_ref().map_or(&state::STATES[..], std::slice::from_ref);
            let total = |ctx: &mut QueryCtx| match filter.is_unrestricted() {
                true => ended::total(ctx, &state::ENDED, &state::DEPLOYMENTS_BY_STATE, states).map(Some),
                false => Ok(None),
            };
            let keep = |(_, id): &(u8, DeploymentId)| filter.matches_deployment(id);
            let (keys, page) = list::page(ctx, &state::DEPLOYMENTS_BY_STATE, ranges, request, total, keep)?;
            (keys.into_iter().map(|(_, id)| id).collect(), page)
        }
    };
    let mut deployments = Vec::with_capacity(ids.len());
    for id in ids {
        let deployment = require(ctx, &id)?;
        deployments.push(answer(ctx, &id, deployment)?);
    }
    Ok(QueryDeploymentsResponse { deployments, pagination: Some(pagination) })
}

fn deployment(ctx: &mut QueryCtx, request: QueryDeploymentRequest) -> Result<QueryDeploymentResponse, QueryError> {
    let id: DeploymentId = ids::id(request.id.as_ref()).map_err(invalid)?;
    let deployment = require(ctx, &id)?;
    answer(ctx, &id, deployment)
}

fn require(ctx: &mut QueryCtx, id: &DeploymentId) -> Result<Deployment, QueryError> {
    state::DEPLOYMENTS.get(ctx, id)?.ok_or_else(|| not_found(DeploymentError::DeploymentNotFound))
}

/// A deployment with its groups and its account.
fn answer(
    ctx: &mut QueryCtx,
    id: &DeploymentId,
    deployment: Deployment,
) -> Result<QueryDeploymentResponse, QueryError> {
    let groups = state::groups_of(ctx, id)?.into_iter().map(|(_, group)| group).collect();
    let account = escrow::stored_account(ctx, &AccountId::Deployment(id.clone()))?;
    Ok(QueryDeploymentResponse {
        deployment: Some(deployment),
        groups,
        escrow_account: Some(account.unwrap_or_default()),
    })
}

fn group(ctx: &mut QueryCtx, request: QueryGroupRequest) -> Result<QueryGroupResponse, QueryError> {
    let id: GroupId = ids::id(request.id.as_ref()).map_err(invalid)?;
    let group = state::GROUPS.get(ctx, &id)?.ok_or_else(|| not_found(DeploymentError::GroupNotFound))?;
    Ok(QueryGroupResponse { group: Some(group) })
}

fn params(ctx: &mut QueryCtx, _request: QueryParamsRequest) -> Result<QueryParamsResponse, QueryError> {
    Ok(QueryParamsResponse { params: Some(state::params(ctx)?) })
}

fn limits(ctx: &mut QueryCtx, _request: ext::QueryParamsRequest) -> Result<ext::QueryParamsResponse, QueryError> {
    Ok(ext::QueryParamsResponse { params: Some(state::limits(ctx)?) })
}
