//! Broadcasting, finding and listing transactions.

use std::sync::Arc;

use akash_app::CheckKind;
use bytes::Bytes;
use serde_json::{Value, json};
use tendermint_proto::v0_38::abci::ExecTxResult;
use tokio::sync::broadcast::error::RecvError;

use super::Outcome;
use super::arguments::{page_of, per_page, stored};
use crate::chain::executor::tx_result;
use crate::rpc::json;
use crate::rpc::params::Args;
use crate::rpc::search::{Order, search_txs};
use crate::server_state::{Admission, FoundTx, ServerState};

/// Hex for the data here, unlike everywhere else.
fn brief(hash: &[u8], check: &ExecTxResult) -> Value {
    json!({
        "code": check.code,
        "data": json::hex(&check.data),
        "log": check.log,
        "codespace": check.codespace,
        "hash": json::hex(hash),
    })
}

pub fn broadcast_sync(state: &ServerState, args: &Args) -> Outcome {
    let admission = state.broadcast(Bytes::copy_from_slice(args.bytes("tx"))).map_err(|error| error.to_string())?;
    Ok(brief(&admission.hash, &admission.check))
}

/// The judgement is not waited for: the reply says only that the transaction will be looked at.
pub fn broadcast_async(state: &ServerState, args: &Args) -> Outcome {
    let tx = Bytes::copy_from_slice(args.bytes("tx"));
    let hash = state.mempool.reserve(&tx).map_err(|error| error.to_string())?;
    let mempool = state.mempool.clone();
    tokio::runtime::Handle::current().spawn_blocking(move || mempool.check(hash, tx));
    Ok(brief(&hash, &ExecTxResult::default()))
}

pub async fn broadcast_commit(state: &Arc<ServerState>, tx: Vec<u8>) -> Outcome {
    let mut blocks = state.published.subscribe();
    let offering = state.clone();
    let offered = state.work.call(move || offering.broadcast(Bytes::from(tx))).await;
    let Admission { hash, check } = match offered {
        Ok(Ok(admission)) => admission,
        Ok(Err(error)) => return Err(format!("error on broadcastTxCommit: {error}")),
        Err(_) => return Err("error on broadcastTxCommit: the check panicked".to_string()),
    };
    let reply = |height: u64, result: &ExecTxResult| {
        json!({
            "check_tx": json::tx_result(&check),
            "tx_result": json::tx_result(result),
            "hash": json::hex(hash),
            "height": height.to_string(),
        })
    };
    if check.code != 0 {
        return Ok(reply(0, &ExecTxResult::default()));
    }
    let wait = async {
        loop {
            match blocks.recv().await {
                Ok(block) => {
                    let index = block.tx_hashes.iter().position(|other| *other == hash);
                    if let Some(result) = index.and_then(|index| block.results.tx_results.get(index)) {
                        return Ok(reply(block.height, result));
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Err("txSub was canceled (reason: CometBFT exited)".to_string()),
            }
        }
    };
    let mut stopping = state.stopping.clone();
    tokio::select! {
        outcome = tokio::time::timeout(state.config.rpc.broadcast_commit_timeout, wait) => {
            outcome.unwrap_or_else(|_| Err("timed out waiting for tx to be included in a block".to_string()))
        }
        () = stopping.wait() => Err("txSub was canceled (reason: CometBFT exited)".to_string()),
    }
}

fn encode(found: &FoundTx, prove: bool) -> Value {
    let index = found.position.index as usize;
    let mut out = json!({
        "hash": json::hex(found.hash),
        "height": found.position.height.to_string(),
        "index": index,
        "tx_result": json::tx_result(&found.result),
        "tx": json::base64(&found.tx),
    });
    if prove {
        out["proof"] = json::tx_proof(&found.block.data, index);
    }
    out
}

pub fn tx(state: &ServerState, args: &Args) -> Outcome {
    let hash = args.bytes("hash");
    let found = stored(state.find_tx(hash))?;
    found.map(|found| encode(&found, args.flag("prove"))).ok_or_else(|| format!("tx ({}) not found", json::hex(hash)))
}

pub fn order_of(args: &Args, default: Order) -> Result<Order, String> {
    match args.text("order_by") {
        "" => Ok(default),
        "asc" => Ok(Order::Ascending),
        "desc" => Ok(Order::Descending),
        _ => Err("expected order_by to be either `asc` or `desc` or empty".to_string()),
    }
}

pub fn search(state: &ServerState, args: &Args) -> Outcome {
    let order = order_of(args, Order::Ascending)?;
    let found = search_txs(state, args.text("query"), order).map_err(|error| error.to_string())?;
    let total = found.len();
    let page = page_of(args, total)?;
    let mut txs = Vec::new();
    for position in found.into_iter().skip(page.skip).take(page.take) {
        txs.extend(stored(state.tx_at(position))?.map(|found| encode(&found, args.flag("prove"))));
    }
    Ok(json!({"txs": txs, "total_count": total.to_string()}))
}

/// The application's judgement on the committed state; the mempool does not hear of it.
pub fn check(state: &ServerState, args: &Args) -> Outcome {
    let tx = args.bytes("tx");
    let view = state.snapshot().view;
    view.preverify(tx);
    Ok(json::tx_result(&tx_result(&view.check_state().check_tx(tx, CheckKind::New))))
}

pub fn unconfirmed(state: &ServerState, args: &Args) -> Outcome {
    let (count, txs) = (state.mempool.count(), state.mempool.list(per_page(args.int("limit"))));
    Ok(json!({
        "n_txs": txs.len().to_string(),
        "total": count.txs.to_string(),
        "total_bytes": count.bytes.to_string(),
        "txs": txs.iter().map(json::base64).collect::<Vec<_>>(),
    }))
}

pub fn num_unconfirmed(state: &ServerState, _args: &Args) -> Outcome {
    let count = state.mempool.count();
    Ok(json!({
        "n_txs": count.txs.to_string(),
        "total": count.txs.to_string(),
        "total_bytes": count.bytes.to_string(),
        "txs": null,
    }))
}
