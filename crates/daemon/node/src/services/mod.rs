//! The protobuf services that need more than the application's state, and the one dispatch over all of them.
//!
//! gRPC and the RPC method `abci_query` name a method by the same path and carry the same bytes, so both end here:
//! a path of this module's own is answered from blocks, mempool and the node itself, every other by the application's
//! query registry. Calls may block; servers run them off their event loops.

mod blocks;
mod node;
mod tx;
mod tx_response;

use akash_kernel::{GrpcCode, QueryError};
use prost::Message;

use crate::server_state::ServerState;

/// Encoded answer of one of our own services.
type Reply = Result<Vec<u8>, QueryError>;

/// An answer with the height whose state it shows.
pub struct Answer {
    pub value: Vec<u8>,
    pub height: i64,
}

pub const BROADCAST_TX: &str = "/cosmos.tx.v1beta1.Service/BroadcastTx";

/// Any unary method by its path. Height 0 is the latest.
pub fn call(state: &ServerState, path: &str, data: &[u8], height: i64) -> Result<Answer, QueryError> {
    if let Some(reply) = own(state, path, data) {
        let latest = i64::try_from(state.snapshot().height).unwrap_or(i64::MAX);
        return Ok(Answer { value: reply?, height: latest });
    }
    let answer = state.snapshot().view.answer(path, data, height)?;
    Ok(Answer { value: answer.value, height: answer.height })
}

/// Nothing when the path is none of ours.
pub fn own(state: &ServerState, path: &str, data: &[u8]) -> Option<Reply> {
    let reply = match path {
        "/cosmos.tx.v1beta1.Service/Simulate" => handle(data, |request| tx::simulate(state, request)),
        "/cosmos.tx.v1beta1.Service/GetTx" => handle(data, |request| tx::get_tx(state, request)),
        BROADCAST_TX => handle(data, |request| tx::broadcast(state, request)),
        "/cosmos.tx.v1beta1.Service/GetTxsEvent" => handle(data, |request| tx::get_txs_event(state, request)),
        "/cosmos.tx.v1beta1.Service/TxDecode" => handle(data, tx::decode),
        "/cosmos.tx.v1beta1.Service/TxEncode" => handle(data, tx::encode),
        "/cosmos.base.tendermint.v1beta1.Service/GetNodeInfo" => handle(data, |request| node::info(state, request)),
        "/cosmos.base.tendermint.v1beta1.Service/GetSyncing" => handle(data, node::syncing),
        "/cosmos.base.tendermint.v1beta1.Service/GetLatestBlock" => {
            handle(data, |request| blocks::latest(state, request))
        }
        "/cosmos.base.tendermint.v1beta1.Service/GetBlockByHeight" => {
            handle(data, |request| blocks::by_height(state, request))
        }
        "/cosmos.base.tendermint.v1beta1.Service/GetLatestValidatorSet" => {
            handle(data, |request| blocks::latest_validators(state, request))
        }
        "/cosmos.base.tendermint.v1beta1.Service/GetValidatorSetByHeight" => {
            handle(data, |request| blocks::validators_by_height(state, request))
        }
        "/cosmos.base.node.v1beta1.Service/Config" => handle(data, |request| node::config(state, request)),
        "/cosmos.base.node.v1beta1.Service/Status" => handle(data, |request| node::status(state, request)),
        "/akash.discovery.v1.Discovery/GetInfo" => handle(data, |request| node::discovery(state, request)),
        _ => return None,
    };
    Some(reply)
}

pub use node::discovery_info;

fn handle<Q, R>(data: &[u8], handler: impl FnOnce(Q) -> Result<R, QueryError>) -> Reply
where
    Q: Message + Default,
    R: Message,
{
    let request =
        Q::decode(data).map_err(|error| QueryError::new(GrpcCode::Internal, format!("request is damaged: {error}")))?;
    Ok(handler(request)?.encode_to_vec())
}

/// Our own disk failing is not the client's fault.
fn internal(error: impl std::fmt::Display) -> QueryError {
    QueryError::internal(error.to_string())
}
