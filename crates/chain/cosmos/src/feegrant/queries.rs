//! What clients ask about allowances.

use akash_kernel::{QueryCtx, QueryError, Registry, page};
use akash_proto::cosmos::feegrant::v1beta1::{
    QueryAllowanceRequest, QueryAllowanceResponse, QueryAllowancesByGranterRequest, QueryAllowancesByGranterResponse,
    QueryAllowancesRequest, QueryAllowancesResponse,
};
use akash_store::key_bytes;

use super::state::{self, ALLOWANCES, BY_GRANTER};
use crate::read::asked_address;

pub fn register(registry: &mut Registry) {
    registry.query("/cosmos.feegrant.v1beta1.Query/Allowance", allowance);
    registry.query("/cosmos.feegrant.v1beta1.Query/Allowances", allowances);
    registry.query("/cosmos.feegrant.v1beta1.Query/AllowancesByGranter", allowances_by_granter);
}

/// PARITY(feegrant/missing-is-internal): an allowance that is not there answers with gRPC's code for our own failures.
/// Page: docs/parity/transactions.md. Vector: `missing_allowance_is_an_internal_error`.
fn allowance(ctx: &mut QueryCtx, request: QueryAllowanceRequest) -> Result<QueryAllowanceResponse, QueryError> {
    let pair = (asked_address(&request.grantee)?, asked_address(&request.granter)?);
    let missing = || QueryError::internal(state::not_found().to_string());
    Ok(QueryAllowanceResponse { allowance: Some(ALLOWANCES.require(ctx, &pair, missing)?) })
}

fn allowances(ctx: &mut QueryCtx, request: QueryAllowancesRequest) -> Result<QueryAllowancesResponse, QueryError> {
    let prefix = key_bytes(&asked_address(&request.grantee)?);
    let (allowances, pagination) =
        page::map(ctx, &ALLOWANCES, &prefix, request.pagination.as_ref(), |_, _, grant| Ok(Some(grant)))?;
    Ok(QueryAllowancesResponse { allowances, pagination: Some(pagination) })
}

fn allowances_by_granter(
    ctx: &mut QueryCtx,
    request: QueryAllowancesByGranterRequest,
) -> Result<QueryAllowancesByGranterResponse, QueryError> {
    let prefix = key_bytes(&asked_address(&request.granter)?);
    let (allowances, pagination) =
        page::index(ctx, &BY_GRANTER, &prefix, request.pagination.as_ref(), |ctx, (granter, grantee)| {
            ALLOWANCES.get(ctx, &(grantee, granter))
        })?;
    Ok(QueryAllowancesByGranterResponse { allowances, pagination: Some(pagination) })
}
