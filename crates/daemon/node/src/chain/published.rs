//! What servers see of the chain: one immutable picture per height, and the stream of blocks.

use std::sync::Arc;
use std::time::Duration;

use akash_app::AppView;
use tendermint::block::Block;
use tendermint_proto::v0_38::abci::ResponseFinalizeBlock;
use tokio::sync::{broadcast, watch};

use super::validators::Validators;
use crate::engine::context::BlockRef;
use akash_proto::tendermint::types::ConsensusParams;

/// Blocks that a slow subscriber may lag behind before it loses its subscriptions.
const BLOCKS_BUFFERED: usize = 200;

/// A block whose results are readable everywhere.
pub struct CommittedBlock {
    pub height: u64,
    pub id: BlockRef,
    pub block: Block,
    pub results: ResponseFinalizeBlock,
    /// Of its transactions, in order.
    pub tx_hashes: Vec<[u8; 32]>,
    /// State after it.
    pub app_hash: Vec<u8>,
    /// Time to execute it, and to store its results and commit the state.
    pub execute_took: Duration,
    pub commit_took: Duration,
}

/// The last committed height.
#[derive(Clone)]
pub struct Snapshot {
    /// 0 before the first block.
    pub height: u64,
    pub block: Option<Arc<CommittedBlock>>,
    /// State after this height.
    pub app_hash: Vec<u8>,
    pub view: AppView,
    /// Validators and parameters of the next height.
    pub next_validators: Arc<Validators>,
    pub next_params: ConsensusParams,
}

/// Readers never block the writer: each takes the current picture and keeps it as long as it needs.
#[derive(Clone)]
pub struct Published {
    snapshot: Arc<watch::Sender<Snapshot>>,
    blocks: broadcast::Sender<Arc<CommittedBlock>>,
}

impl Published {
    pub fn new(snapshot: Snapshot) -> Self {
        Self { snapshot: Arc::new(watch::Sender::new(snapshot)), blocks: broadcast::Sender::new(BLOCKS_BUFFERED) }
    }

    pub fn snapshot(&self) -> Snapshot {
        self.snapshot.borrow().clone()
    }

    /// Every block from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<CommittedBlock>> {
        self.blocks.subscribe()
    }

    /// First the picture, then the event: whoever hears of a block can read it.
    pub(super) fn publish(&self, snapshot: Snapshot) {
        let block = snapshot.block.clone();
        self.snapshot.send_replace(snapshot);
        if let Some(block) = block {
            let _ = self.blocks.send(block); // an error only says that nobody listens
        }
    }
}
