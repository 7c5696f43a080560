//! `ABCIQuery` of `cosmos.base.tendermint.v1beta1.Service`: raw keys and the application's own paths.

use akash_kernel::QueryError;
use akash_proto::cosmos::base::tendermint::v1beta1::{AbciQueryRequest, AbciQueryResponse, ProofOp, ProofOps};

use crate::server_state::ServerState;

/// Methods of gRPC are called by their own path.
const KINDS: [&str; 4] = ["app", "store", "p2p", "custom"];

pub fn query(state: &ServerState, request: AbciQueryRequest) -> Result<AbciQueryResponse, QueryError> {
    let kind = request.path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if !KINDS.contains(&kind) {
        return Err(QueryError::invalid_argument(format!("unsupported ABCI query path: {}", request.path)));
    }
    let outcome = state.snapshot().view.query(&request.path, &request.data, request.height, request.prove);
    let ops = outcome.proof_ops.into_iter().map(|op| ProofOp { r#type: op.r#type, key: op.key, data: op.data });
    let ops: Vec<_> = ops.collect();
    Ok(AbciQueryResponse {
        code: outcome.code,
        log: outcome.log,
        info: String::new(),
        index: 0,
        key: outcome.key,
        value: outcome.value,
        proof_ops: (!ops.is_empty()).then_some(ProofOps { ops }),
        height: outcome.height,
        codespace: outcome.codespace,
    })
}
