//! The methods by name: their parameters, whether answers may be cached, and the code behind.

mod abci;
mod arguments;
mod blocks;
mod consensus;
mod evidence;
mod info;
mod txs;

use std::sync::Arc;

use serde_json::Value;

use super::params::{Args, Kind, Spec};
use crate::server_state::ServerState;
use crate::services;

/// When a proxy may keep an answer for a day.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Cached {
    Never,
    Always,
    WithHeight,
}

#[derive(Copy, Clone, Debug)]
pub struct Method {
    pub name: &'static str,
    pub spec: Spec,
    pub cached: Cached,
    call: Call,
}

#[derive(Copy, Clone, Debug)]
enum Call {
    /// Reads, and may wait for the disk.
    Blocking(fn(&ServerState, &Args) -> Outcome),
    /// Answers after the next block.
    BroadcastCommit,
    /// Known, but only by websocket.
    Subscription,
}

/// An error is the text that stands in `data`.
pub type Outcome = Result<Value, String>;

const HEIGHT: Spec = &[("height", Kind::Int)];
const PAGED: Spec = &[("height", Kind::Int), ("page", Kind::Int), ("per_page", Kind::Int)];
const HASH: Spec = &[("hash", Kind::Bytes)];
const TX: Spec = &[("tx", Kind::Bytes)];
const QUERY: Spec = &[("query", Kind::Text)];
const SEARCH: Spec = &[
    ("query", Kind::Text),
    ("prove", Kind::Bool),
    ("page", Kind::Int),
    ("per_page", Kind::Int),
    ("order_by", Kind::Text),
];
const BLOCK_SEARCH: Spec =
    &[("query", Kind::Text), ("page", Kind::Int), ("per_page", Kind::Int), ("order_by", Kind::Text)];
const ABCI_QUERY: Spec = &[("path", Kind::Text), ("data", Kind::Hex), ("height", Kind::Int), ("prove", Kind::Bool)];

const fn reads(name: &'static str, spec: Spec, cached: Cached, call: fn(&ServerState, &Args) -> Outcome) -> Method {
    Method { name, spec, cached, call: Call::Blocking(call) }
}

/// Sorted by name, as the page at `/` lists them.
pub const METHODS: &[Method] = &[
    reads("abci_info", &[], Cached::Always, abci::info),
    reads("abci_query", ABCI_QUERY, Cached::Never, abci::query),
    reads("akash", &[], Cached::Never, info::akash),
    reads("block", HEIGHT, Cached::WithHeight, blocks::block),
    reads("block_by_hash", HASH, Cached::Always, blocks::block_by_hash),
    reads("block_results", HEIGHT, Cached::WithHeight, blocks::block_results),
    reads("block_search", BLOCK_SEARCH, Cached::Never, blocks::search),
    reads("blockchain", &[("minHeight", Kind::Int), ("maxHeight", Kind::Int)], Cached::Always, blocks::blockchain),
    reads("broadcast_evidence", &[("evidence", Kind::Json)], Cached::Never, evidence::broadcast),
    reads("broadcast_tx_async", TX, Cached::Never, txs::broadcast_async),
    Method { name: "broadcast_tx_commit", spec: TX, cached: Cached::Never, call: Call::BroadcastCommit },
    reads("broadcast_tx_sync", TX, Cached::Never, txs::broadcast_sync),
    reads("check_tx", TX, Cached::Never, txs::check),
    reads("commit", HEIGHT, Cached::WithHeight, blocks::commit),
    reads("consensus_params", HEIGHT, Cached::WithHeight, info::consensus_params),
    reads("consensus_state", &[], Cached::Never, consensus::state),
    reads("dump_consensus_state", &[], Cached::Never, consensus::dump),
    reads("genesis", &[], Cached::Always, info::genesis),
    reads("genesis_chunked", &[("chunk", Kind::Int)], Cached::Always, info::genesis_chunked),
    reads("header", HEIGHT, Cached::WithHeight, blocks::header),
    reads("header_by_hash", &[("hash", Kind::Hex)], Cached::Always, blocks::header_by_hash),
    reads("health", &[], Cached::Never, info::health),
    reads("net_info", &[], Cached::Never, info::net_info),
    reads("num_unconfirmed_txs", &[], Cached::Never, txs::num_unconfirmed),
    reads("status", &[], Cached::Never, info::status),
    Method { name: "subscribe", spec: QUERY, cached: Cached::Never, call: Call::Subscription },
    reads("tx", &[("hash", Kind::Bytes), ("prove", Kind::Bool)], Cached::Always, txs::tx),
    reads("tx_search", SEARCH, Cached::Never, txs::search),
    reads("unconfirmed_txs", &[("limit", Kind::Int)], Cached::Never, txs::unconfirmed),
    Method { name: "unsubscribe", spec: QUERY, cached: Cached::Never, call: Call::Subscription },
    Method { name: "unsubscribe_all", spec: &[], cached: Cached::Never, call: Call::Subscription },
    reads("validators", PAGED, Cached::WithHeight, blocks::validators),
];

impl Method {
    pub fn find(name: &str) -> Option<&'static Method> {
        METHODS.iter().find(|method| method.name == name)
    }

    pub fn is_subscription(&self) -> bool {
        matches!(self.call, Call::Subscription)
    }

    pub fn may_cache(&self, args: &Args) -> bool {
        match self.cached {
            Cached::Never => false,
            Cached::Always => true,
            Cached::WithHeight => args.int("height").is_some_and(|height| height > 0),
        }
    }

    /// None when the method panicked; the cause is in the log.
    pub async fn call(&self, state: &Arc<ServerState>, args: Args) -> Option<Outcome> {
        let outcome = match self.call {
            Call::Blocking(call) => {
                let reading = state.clone();
                let path = args.text("path").to_owned();
                services::run(&state.work, &path, move || call(&reading, &args)).await.ok()
            }
            Call::BroadcastCommit => Some(txs::broadcast_commit(state, args.bytes("tx").to_vec()).await),
            Call::Subscription => Some(Err("only by websocket".to_string())),
        };
        let named = match &outcome {
            Some(Ok(_)) => "ok",
            Some(Err(_)) => "error",
            None => "panic",
        };
        state.figures.servers.rpc_calls.with_label_values(&[self.name, named]).inc();
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_sorted_and_unique() {
        assert!(METHODS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
