//! Queries of the module.

use akash_kernel::{QueryCtx, QueryError, Registry, page};
use akash_proto::akash::audit::v1::{
    QueryAllProvidersAttributesRequest, QueryAuditorAttributesRequest, QueryProviderAttributesRequest,
    QueryProviderAuditorRequest, QueryProvidersResponse,
};
use akash_store::key_bytes;

use super::errors::AuditError;
use super::state::{BY_AUDITOR, RECORDS, shown};
use crate::ids;
use crate::query_errors::{invalid, not_found};

pub fn register(registry: &mut Registry) {
    registry.query("/akash.audit.v1.Query/AllProvidersAttributes", all);
    registry.query("/akash.audit.v1.Query/ProviderAttributes", of_provider);
    registry.query("/akash.audit.v1.Query/ProviderAuditorAttributes", of_provider_and_auditor);
    registry.query("/akash.audit.v1.Query/AuditorAttributes", of_auditor);
}

fn all(ctx: &mut QueryCtx, request: QueryAllProvidersAttributesRequest) -> Result<QueryProvidersResponse, QueryError> {
    let page = request.pagination.as_ref();
    let (providers, pagination) = page::map(ctx, &RECORDS, &[], page, |_, id, record| Ok(Some(shown(&id, record))))?;
    Ok(QueryProvidersResponse { providers, pagination: Some(pagination) })
}

fn of_provider(
    ctx: &mut QueryCtx,
    request: QueryProviderAttributesRequest,
) -> Result<QueryProvidersResponse, QueryError> {
    let prefix = key_bytes(&ids::address(&request.owner).map_err(invalid)?);
    let page = request.pagination.as_ref();
    let found = page::map(ctx, &RECORDS, &prefix, page, |_, id, record| Ok(Some(shown(&id, record))))?;
    Ok(QueryProvidersResponse { providers: found.0, pagination: Some(found.1) })
}

fn of_provider_and_auditor(
    ctx: &mut QueryCtx,
    request: QueryProviderAuditorRequest,
) -> Result<QueryProvidersResponse, QueryError> {
    let id = (ids::address(&request.owner).map_err(invalid)?, ids::address(&request.auditor).map_err(invalid)?);
    let record = RECORDS.get(ctx, &id)?.ok_or_else(|| not_found(AuditError::ProviderNotFound))?;
    Ok(QueryProvidersResponse { providers: vec![shown(&id, record)], pagination: None })
}

fn of_auditor(
    ctx: &mut QueryCtx,
    request: QueryAuditorAttributesRequest,
) -> Result<QueryProvidersResponse, QueryError> {
    let prefix = key_bytes(&ids::address(&request.auditor).map_err(invalid)?);
    let page = request.pagination.as_ref();
    let found = page::index(ctx, &BY_AUDITOR, &prefix, page, |ctx, (auditor, owner)| {
        let id = (owner, auditor);
        Ok(RECORDS.get(ctx, &id)?.map(|record| shown(&id, record)))
    })?;
    Ok(QueryProvidersResponse { providers: found.0, pagination: Some(found.1) })
}
