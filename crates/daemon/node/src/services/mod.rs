//! The protobuf services that need more than the application's state, and the one dispatch over all of them.
//!
//! gRPC and the RPC method `abci_query` name a method by the same path and carry the same bytes, so both end here:
//! a path of this module's own is answered from blocks, mempool and the node itself, every other by the application's
//! query registry. Calls may block; servers run them off their event loops.

mod abci;
mod blocks;
mod node;
mod tx;
mod tx_response;

use akash_app::AppView;
use akash_kernel::{GrpcCode, QueryError};
use prost::Message;

use crate::server_state::ServerState;
use crate::work::{Panicked, Work};

/// Encoded answer of one of our own services.
type Reply = Result<Vec<u8>, QueryError>;

/// An answer with the height whose state it shows.
pub struct Answer {
    pub value: Vec<u8>,
    pub height: i64,
}

pub const BROADCAST_TX: &str = "/cosmos.tx.v1beta1.Service/BroadcastTx";
const SIMULATE: &str = "/cosmos.tx.v1beta1.Service/Simulate";

/// Whether some code answers a path.
pub fn serves(view: &AppView, path: &str) -> bool {
    own_method(path).is_some() || view.serves(path)
}

/// Runs a call of a method where it may block; simulations have few places of their own.
pub async fn run<T: Send + 'static>(
    work: &Work,
    path: &str,
    call: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Panicked> {
    if path == SIMULATE { work.simulate(call).await } else { work.call(call).await }
}

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
    own_method(path).map(|method| method(state, data))
}

type OwnMethod = fn(&ServerState, &[u8]) -> Reply;

fn own_method(path: &str) -> Option<OwnMethod> {
    let (service, method) = path.strip_prefix('/')?.split_once('/')?;
    let method: OwnMethod = match (service, method) {
        ("cosmos.tx.v1beta1.Service", method) => return tx_method(method),
        ("cosmos.base.tendermint.v1beta1.Service", method) => return block_method(method),
        ("cosmos.base.node.v1beta1.Service", "Config") => |state, data| handle(state, data, node::config),
        ("cosmos.base.node.v1beta1.Service", "Status") => |state, data| handle(state, data, node::status),
        ("akash.discovery.v1.Discovery", "GetInfo") => |state, data| handle(state, data, node::discovery),
        _ => return None,
    };
    Some(method)
}

fn tx_method(name: &str) -> Option<OwnMethod> {
    let method: OwnMethod = match name {
        "Simulate" => |state, data| handle(state, data, tx::simulate),
        "GetTx" => |state, data| handle(state, data, tx::get_tx),
        "BroadcastTx" => |state, data| handle(state, data, tx::broadcast),
        "GetTxsEvent" => |state, data| handle(state, data, tx::get_txs_event),
        "GetBlockWithTxs" => |state, data| handle(state, data, blocks::with_txs),
        "TxDecode" => |state, data| handle(state, data, |_, request| tx::decode(request)),
        "TxEncode" => |state, data| handle(state, data, |_, request| tx::encode(request)),
        _ => return None,
    };
    Some(method)
}

fn block_method(name: &str) -> Option<OwnMethod> {
    let method: OwnMethod = match name {
        "GetNodeInfo" => |state, data| handle(state, data, node::info),
        "GetSyncing" => |state, data| handle(state, data, node::syncing),
        "GetLatestBlock" => |state, data| handle(state, data, blocks::latest),
        "GetBlockByHeight" => |state, data| handle(state, data, blocks::by_height),
        "GetLatestValidatorSet" => |state, data| handle(state, data, blocks::latest_validators),
        "GetValidatorSetByHeight" => |state, data| handle(state, data, blocks::validators_by_height),
        "ABCIQuery" => |state, data| handle(state, data, abci::query),
        _ => return None,
    };
    Some(method)
}

pub use node::discovery_info;

fn handle<Q, R>(
    state: &ServerState,
    data: &[u8],
    handler: impl FnOnce(&ServerState, Q) -> Result<R, QueryError>,
) -> Reply
where
    Q: Message + Default,
    R: Message,
{
    let request =
        Q::decode(data).map_err(|error| QueryError::new(GrpcCode::Internal, format!("request is damaged: {error}")))?;
    Ok(handler(state, request)?.encode_to_vec())
}

/// Our own disk failing is not the client's fault.
fn internal(error: impl std::fmt::Display) -> QueryError {
    QueryError::internal(error.to_string())
}
