//! What clients ask about grants.

use akash_kernel::{QueryCtx, QueryError, Registry, page};
use akash_proto::cosmos::authz::v1beta1::{
    Grant, GrantAuthorization, QueryGranteeGrantsRequest, QueryGranteeGrantsResponse, QueryGranterGrantsRequest,
    QueryGranterGrantsResponse, QueryGrantsRequest, QueryGrantsResponse,
};
use akash_store::key_bytes;

use super::errors::AuthzError;
use super::state::{BY_GRANTEE, GRANTS, GrantKey};
use crate::read::asked_address;

pub fn register(registry: &mut Registry) {
    registry.query("/cosmos.authz.v1beta1.Query/Grants", grants);
    registry.query("/cosmos.authz.v1beta1.Query/GranterGrants", granter_grants);
    registry.query("/cosmos.authz.v1beta1.Query/GranteeGrants", grantee_grants);
}

fn grants(ctx: &mut QueryCtx, request: QueryGrantsRequest) -> Result<QueryGrantsResponse, QueryError> {
    let (granter, grantee) = (asked_address(&request.granter)?, asked_address(&request.grantee)?);
    if !request.msg_type_url.is_empty() {
        let key = (granter, grantee, request.msg_type_url);
        let missing = || {
            let text = format!("authorization not found for {} type", key.2);
            QueryError::from(AuthzError::NoAuthorizationFound.with(text))
        };
        let grant = GRANTS.require(ctx, &key, missing)?;
        return Ok(QueryGrantsResponse { grants: vec![grant], pagination: None });
    }
    let prefix = key_bytes(&(granter, grantee));
    let (grants, pagination) =
        page::map(ctx, &GRANTS, &prefix, request.pagination.as_ref(), |_, _, grant| Ok(Some(grant)))?;
    Ok(QueryGrantsResponse { grants, pagination: Some(pagination) })
}

fn granter_grants(
    ctx: &mut QueryCtx,
    request: QueryGranterGrantsRequest,
) -> Result<QueryGranterGrantsResponse, QueryError> {
    let prefix = key_bytes(&asked_address(&request.granter)?);
    let (grants, pagination) = page::map(ctx, &GRANTS, &prefix, request.pagination.as_ref(), |_, key, grant| {
        Ok(Some(with_parties(key, grant)))
    })?;
    Ok(QueryGranterGrantsResponse { grants, pagination: Some(pagination) })
}

fn grantee_grants(
    ctx: &mut QueryCtx,
    request: QueryGranteeGrantsRequest,
) -> Result<QueryGranteeGrantsResponse, QueryError> {
    let prefix = key_bytes(&asked_address(&request.grantee)?);
    let (grants, pagination) =
        page::index(ctx, &BY_GRANTEE, &prefix, request.pagination.as_ref(), |ctx, (grantee, url, granter)| {
            let key = (granter, grantee, url);
            Ok(GRANTS.get(ctx, &key)?.map(|grant| with_parties(key, grant)))
        })?;
    Ok(QueryGranteeGrantsResponse { grants, pagination: Some(pagination) })
}

pub fn with_parties((granter, grantee, _): GrantKey, grant: Grant) -> GrantAuthorization {
    GrantAuthorization {
        granter: granter.to_string(),
        grantee: grantee.to_string(),
        authorization: grant.authorization,
        expiration: grant.expiration,
    }
}
