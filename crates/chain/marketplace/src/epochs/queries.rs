//! Queries of the module.

use akash_kernel::{QueryCtx, QueryError, Registry};
use akash_proto::akash::epochs::v1beta1::{
    QueryCurrentEpochRequest, QueryCurrentEpochResponse, QueryEpochInfosRequest, QueryEpochInfosResponse,
};

use super::state::{EPOCHS, MAX_EPOCHS};

pub fn register(registry: &mut Registry) {
    registry.query("/akash.epochs.v1beta1.Query/EpochInfos", infos);
    registry.query("/akash.epochs.v1beta1.Query/CurrentEpoch", current);
}

fn infos(ctx: &mut QueryCtx, _request: QueryEpochInfosRequest) -> Result<QueryEpochInfosResponse, QueryError> {
    let epochs = EPOCHS.scan_prefix(ctx, &[], MAX_EPOCHS)?;
    Ok(QueryEpochInfosResponse { epochs: epochs.into_iter().map(|(_, info)| info).collect() })
}

fn current(ctx: &mut QueryCtx, request: QueryCurrentEpochRequest) -> Result<QueryCurrentEpochResponse, QueryError> {
    if request.identifier.is_empty() {
        return Err(QueryError::invalid_argument("identifier is empty"));
    }
    let info = EPOCHS.get(ctx, &request.identifier)?;
    let missing = || QueryError::not_found("not available identifier");
    Ok(QueryCurrentEpochResponse { current_epoch: info.ok_or_else(missing)?.current_epoch })
}
