//! The query of the module.

use akash_kernel::{QueryCtx, QueryError, Registry};
use akash_proto::akash::take::v1::{QueryParamsRequest, QueryParamsResponse};

use super::state;

pub fn register(registry: &mut Registry) {
    registry.query("/akash.take.v1.Query/Params", params);
}

fn params(ctx: &mut QueryCtx, _request: QueryParamsRequest) -> Result<QueryParamsResponse, QueryError> {
    Ok(QueryParamsResponse { params: Some(state::params(ctx)?) })
}
