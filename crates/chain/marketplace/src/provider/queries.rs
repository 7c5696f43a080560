//! Queries of the module.

use akash_kernel::{QueryCtx, QueryError, Registry, page};
use akash_proto::akash::provider::v1beta4::{
    QueryProviderRequest, QueryProviderResponse, QueryProvidersRequest, QueryProvidersResponse,
};

use super::errors::ProviderError;
use super::state::PROVIDERS;
use crate::ids;
use crate::query_errors::{invalid, not_found};

pub fn register(registry: &mut Registry) {
    registry.query("/akash.provider.v1beta4.Query/Providers", providers);
    registry.query("/akash.provider.v1beta4.Query/Provider", provider);
}

fn providers(ctx: &mut QueryCtx, request: QueryProvidersRequest) -> Result<QueryProvidersResponse, QueryError> {
    let request = request.pagination.as_ref();
    let (providers, pagination) = page::map(ctx, &PROVIDERS, &[], request, |_, _, provider| Ok(Some(provider)))?;
    Ok(QueryProvidersResponse { providers, pagination: Some(pagination) })
}

fn provider(ctx: &mut QueryCtx, request: QueryProviderRequest) -> Result<QueryProviderResponse, QueryError> {
    let owner = ids::address(&request.owner).map_err(invalid)?;
    let provider = PROVIDERS.get(ctx, &owner)?.ok_or_else(|| not_found(ProviderError::ProviderNotFound))?;
    Ok(QueryProviderResponse { provider: Some(provider) })
}
