//! Blocks for peers that lack them, as long as the engine does not run and cannot answer them itself.

use std::sync::Arc;

use malachite::app::engine::network::NetworkMsg as Message;
use malachite::app::types::sync::{RawDecidedValue, Request, Response};
use malachite_sync::{InboundRequestId, ValueResponse};
use tokio::sync::mpsc;

use super::codec::extend_certificate;
use super::commit::to_certificate;
use super::context::Context;
use crate::blocks::{BlockStore, BlockStoreError};
use crate::p2p::Outgoing;

/// Blocks in one answer, and their bytes. A larger block goes alone.
const BLOCKS_MAX: u64 = 100;
const BYTES_MAX: usize = 8 << 20;

/// Decided blocks with their commits, from a height on and as far as one answer goes.
pub fn decided_values(
    blocks: &BlockStore,
    from: u64,
    to: u64,
) -> Result<Vec<RawDecidedValue<Context>>, BlockStoreError> {
    let to = to.min(from.saturating_add(BLOCKS_MAX - 1));
    let raw = blocks.decided_range(from, to, BYTES_MAX)?.into_iter().filter_map(|(commit, bytes)| {
        let certificate = to_certificate(&commit)?;
        Some(RawDecidedValue::new(bytes, extend_certificate(&certificate)))
    });
    Ok(raw.collect())
}

/// Until the requests end. Whoever gets no answer asks somebody else.
pub async fn serve(
    mut requests: mpsc::Receiver<(InboundRequestId, Request<Context>)>,
    blocks: Arc<BlockStore>,
    outgoing: Outgoing,
) {
    while let Some((id, Request::ValueRequest(wanted))) = requests.recv().await {
        let (start, end) = (*wanted.range.start(), *wanted.range.end());
        match decided_values(&blocks, start.0, end.0) {
            Ok(values) => {
                let response = Response::ValueResponse(ValueResponse::new(start, values));
                let _ = outgoing.actor().cast(Message::OutgoingResponse(id, response));
            }
            Err(error) => tracing::error!(%error, "reading blocks for a peer"),
        }
    }
}
