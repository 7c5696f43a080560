//! What clients ask about plans and versions.

use akash_kernel::{GrpcCode, QueryCtx, QueryError, Registry};
use akash_proto::cosmos::upgrade::v1beta1::{
    ModuleVersion, QueryAppliedPlanRequest, QueryAppliedPlanResponse, QueryAuthorityRequest, QueryAuthorityResponse,
    QueryCurrentPlanRequest, QueryCurrentPlanResponse, QueryModuleVersionsRequest, QueryModuleVersionsResponse,
    QueryUpgradedConsensusStateRequest, QueryUpgradedConsensusStateResponse,
};

use super::api::{DONE, PLAN, VERSIONS};
use crate::authority;

/// More modules than a chain has.
const MAX_MODULES: usize = 1_000;

pub fn register(registry: &mut Registry) {
    registry.query("/cosmos.upgrade.v1beta1.Query/CurrentPlan", current_plan);
    registry.query("/cosmos.upgrade.v1beta1.Query/AppliedPlan", applied_plan);
    registry.query("/cosmos.upgrade.v1beta1.Query/UpgradedConsensusState", upgraded_consensus_state);
    registry.query("/cosmos.upgrade.v1beta1.Query/ModuleVersions", module_versions);
    registry.query("/cosmos.upgrade.v1beta1.Query/Authority", authority);
}

fn current_plan(ctx: &mut QueryCtx, _: QueryCurrentPlanRequest) -> Result<QueryCurrentPlanResponse, QueryError> {
    Ok(QueryCurrentPlanResponse { plan: PLAN.get(ctx)? })
}

/// Height 0 for a plan that nobody executed.
fn applied_plan(ctx: &mut QueryCtx, request: QueryAppliedPlanRequest) -> Result<QueryAppliedPlanResponse, QueryError> {
    let height = DONE.get(ctx, &request.name)?.unwrap_or(0);
    Ok(QueryAppliedPlanResponse { height: i64::try_from(height).unwrap_or(i64::MAX) })
}

/// The IBC module has taken this over; here is never one.
fn upgraded_consensus_state(
    _: &mut QueryCtx,
    _: QueryUpgradedConsensusStateRequest,
) -> Result<QueryUpgradedConsensusStateResponse, QueryError> {
    Ok(QueryUpgradedConsensusStateResponse::default())
}

fn module_versions(
    ctx: &mut QueryCtx,
    request: QueryModuleVersionsRequest,
) -> Result<QueryModuleVersionsResponse, QueryError> {
    if request.module_name.is_empty() {
        let versions = VERSIONS.scan_prefix(ctx, &[], MAX_MODULES)?;
        let module_versions = versions.into_iter().map(|(name, version)| ModuleVersion { name, version }).collect();
        return Ok(QueryModuleVersionsResponse { module_versions });
    }
    let missing = || {
        let text = format!("x/upgrade: QueryModuleVersions module {} not found", request.module_name);
        QueryError::new(GrpcCode::Unknown, format!("{text}: module version not found"))
    };
    let version = VERSIONS.require(ctx, &request.module_name, missing)?;
    Ok(QueryModuleVersionsResponse {
        module_versions: vec![ModuleVersion { name: request.module_name.clone(), version }],
    })
}

fn authority(ctx: &mut QueryCtx, _: QueryAuthorityRequest) -> Result<QueryAuthorityResponse, QueryError> {
    let address = ctx.scratch(authority::api::address)?;
    Ok(QueryAuthorityResponse { address: address.to_string() })
}
