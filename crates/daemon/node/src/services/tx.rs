//! `cosmos.tx.v1beta1.Service`.

use akash_kernel::{GrpcCode, QueryError};
use akash_proto::cosmos::base::abci::v1beta1::TxResponse;
use akash_proto::cosmos::tx::v1beta1::{
    BroadcastMode, BroadcastTxRequest, BroadcastTxResponse, GetTxRequest, GetTxResponse, GetTxsEventRequest,
    GetTxsEventResponse, OrderBy, SimulateRequest, SimulateResponse, TxDecodeRequest, TxDecodeResponse,
    TxEncodeRequest, TxEncodeResponse, TxRaw,
};
use bytes::Bytes;
use prost::Message;

use super::{internal, tx_response};
use crate::mempool::MempoolError;
use crate::rpc::{Order, SearchError, search_txs};
use crate::server_state::ServerState;

const LIMIT_DEFAULT: u64 = 100;
const LIMIT_MAX: u64 = 100;

/// On the check state, so that the next of several transactions in a row can be tried.
pub fn simulate(state: &ServerState, request: SimulateRequest) -> Result<SimulateResponse, QueryError> {
    let tx = akash_app::requested_tx(request)?;
    akash_app::simulation_answer(state.mempool.simulate(&tx))
}

pub fn get_tx(state: &ServerState, request: GetTxRequest) -> Result<GetTxResponse, QueryError> {
    if request.hash.is_empty() {
        return Err(QueryError::invalid_argument("tx hash cannot be empty"));
    }
    let hash = hex::decode(&request.hash)
        .map_err(|error| QueryError::new(GrpcCode::Unknown, format!("encoding/hex: {error}")))?;
    let not_found = || QueryError::not_found(format!("tx not found: {}", request.hash));
    let found = state.find_tx(&hash).map_err(internal)?.ok_or_else(not_found)?;
    let tx = tx_response::decode_tx(&found.tx).ok_or_else(|| QueryError::internal("transaction is undecodable"))?;
    Ok(GetTxResponse { tx_response: Some(tx_response::found(&found, &tx)), tx: Some(tx) })
}

pub fn get_txs_event(state: &ServerState, request: GetTxsEventRequest) -> Result<GetTxsEventResponse, QueryError> {
    if request.query.is_empty() {
        return Err(QueryError::internal("query cannot be empty"));
    }
    let order = match request.order_by() {
        OrderBy::Desc => Order::Descending,
        OrderBy::Unspecified | OrderBy::Asc => Order::Ascending,
    };
    let limit = if request.limit == 0 { LIMIT_DEFAULT } else { request.limit.min(LIMIT_MAX) };
    let skip = request.page.max(1).saturating_sub(1).saturating_mul(limit);
    let found = search_txs(state, &request.query, order).map_err(|error| match error {
        SearchError::Store(error) => internal(error),
        SearchError::TooMany(_) => QueryError::new(GrpcCode::ResourceExhausted, error.to_string()),
        SearchError::Query(text) => QueryError::new(GrpcCode::Internal, text),
    })?;
    let mut response = GetTxsEventResponse { total: found.len() as u64, ..Default::default() };
    let skip = usize::try_from(skip).unwrap_or(usize::MAX);
    for position in found.into_iter().skip(skip).take(limit as usize) {
        let Some(found) = state.tx_at(position).map_err(internal)? else { continue };
        let Some(tx) = tx_response::decode_tx(&found.tx) else { continue };
        response.tx_responses.push(tx_response::found(&found, &tx));
        response.txs.push(tx);
    }
    Ok(response)
}

pub fn broadcast(state: &ServerState, request: BroadcastTxRequest) -> Result<BroadcastTxResponse, QueryError> {
    if request.tx_bytes.is_empty() {
        return Err(QueryError::invalid_argument("invalid empty tx"));
    }
    if !matches!(request.mode(), BroadcastMode::Sync | BroadcastMode::Async) {
        let text = "unsupported return type unspecified; supported types: sync, async";
        return Err(QueryError::invalid_argument(text));
    }
    let hash = crate::chain::form::sha256(&request.tx_bytes);
    let response = match state.broadcast(Bytes::from(request.tx_bytes)) {
        Ok(admission) => tx_response::offered(&admission.hash, &admission.check),
        Err(error) => refused(&hash, &error),
    };
    Ok(BroadcastTxResponse { tx_response: Some(response) })
}

/// The SDK's codes for what the mempool says; the log stays empty.
fn refused(hash: &[u8], error: &MempoolError) -> TxResponse {
    let code = match error {
        MempoolError::InCache => 19,
        MempoolError::Full { .. } | MempoolError::Busy => 20,
        MempoolError::TooLarge { .. } => 21,
    };
    TxResponse { txhash: hex::encode_upper(hash), codespace: "sdk".to_string(), code, ..Default::default() }
}

pub fn decode(request: TxDecodeRequest) -> Result<TxDecodeResponse, QueryError> {
    if request.tx_bytes.is_empty() {
        return Err(QueryError::invalid_argument("invalid empty tx bytes"));
    }
    let tx = tx_response::decode_tx(&request.tx_bytes);
    let tx = tx.ok_or_else(|| QueryError::new(GrpcCode::Unknown, "codespace sdk code 2: tx parse error"))?;
    Ok(TxDecodeResponse { tx: Some(tx) })
}

pub fn encode(request: TxEncodeRequest) -> Result<TxEncodeResponse, QueryError> {
    let tx = request.tx.ok_or_else(|| QueryError::invalid_argument("invalid empty tx"))?;
    let raw = TxRaw {
        body_bytes: tx.body.unwrap_or_default().encode_to_vec(),
        auth_info_bytes: tx.auth_info.unwrap_or_default().encode_to_vec(),
        signatures: tx.signatures,
    };
    Ok(TxEncodeResponse { tx_bytes: raw.encode_to_vec() })
}
