//! What every server reads: the published chain, the block store, the mempool, and who this node is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use akash_app::Genesis;
use bytes::Bytes;
use tendermint::block::{Block, Commit};
use tendermint_proto::v0_38::abci::ExecTxResult;

use crate::blocks::{BlockStore, BlockStoreError, TxPosition};
use crate::chain::evidence::EvidencePool;
use crate::chain::executor::tx_result;
use crate::chain::form;
use crate::chain::published::{Published, Snapshot};
use crate::config::NodeConfig;
use crate::engine::View;
use crate::engine::context::BlockRef;
use crate::mempool::{Mempool, MempoolError, TxHash};
use crate::metrics::Figures;
use crate::stop::Stopping;
use crate::work::Work;

/// Clients choose their dialect by this version: it names the CometBFT whose RPC we speak.
pub const COMETBFT_VERSION: &str = "0.38.17";

/// What does not change while the node runs.
#[derive(Clone, Debug)]
pub struct Identity {
    pub moniker: String,
    pub node_id: String,
    pub listen_address: String,
    pub rpc_address: String,
    pub public_key: [u8; 32],
    pub address: [u8; 20],
    pub app_version: u64,
    pub version: String,
}

impl Identity {
    /// The validator's address as CometBFT writes it.
    pub fn address_text(&self) -> String {
        hex::encode_upper(self.address)
    }
}

pub struct ServerState {
    pub published: Published,
    pub blocks: Arc<BlockStore>,
    pub mempool: Arc<Mempool>,
    pub genesis: Genesis,
    pub identity: Identity,
    pub config: NodeConfig,
    pub figures: Arc<Figures>,
    /// Where calls may block.
    pub work: Work,
    pub evidence: Arc<EvidencePool>,
    /// What the engine lets be known: its peers, its place, whether it is behind.
    pub engine: Arc<View>,
    /// Websocket connections that have a subscription.
    pub subscribers: Arc<AtomicUsize>,
    pub stopping: Stopping,
}

/// A transaction in the chain.
pub struct FoundTx {
    pub position: TxPosition,
    pub hash: TxHash,
    pub tx: Vec<u8>,
    pub result: ExecTxResult,
    pub block: Block,
}

/// How a transaction fared on admission.
pub struct Admission {
    pub hash: TxHash,
    pub check: ExecTxResult,
}

impl ServerState {
    pub fn peers(&self) -> usize {
        self.engine.peers.count()
    }

    pub fn subscribers(&self) -> usize {
        self.subscribers.load(Ordering::Relaxed)
    }

    /// Whether other nodes have blocks that this one lacks.
    pub fn catching_up(&self) -> bool {
        self.engine.catching_up(self.snapshot().height)
    }

    /// How old the last block's header is by this machine's clock; nothing before the first block.
    pub fn block_age(&self) -> Option<Duration> {
        let block = self.snapshot().block?;
        let (seconds, nanos) = form::split_time(block.block.header.time);
        let time = Duration::new(u64::try_from(seconds).ok()?, nanos);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        Some(now.saturating_sub(time))
    }

    pub fn snapshot(&self) -> Snapshot {
        self.published.snapshot()
    }

    /// The header, the block and the results of a published height.
    pub fn block(&self, height: u64) -> Result<Option<(BlockRef, Block)>, BlockStoreError> {
        match self.snapshot().block {
            Some(latest) if latest.height == height => Ok(Some((latest.id, latest.block.clone()))),
            Some(latest) if height < latest.height => self.blocks.block(height),
            _ => Ok(None),
        }
    }

    /// The commit of a height, and whether it is the one that the next block carries.
    pub fn commit(&self, height: u64) -> Result<Option<(Commit, bool)>, BlockStoreError> {
        if let Some((_, next)) = self.block(height + 1)?
            && let Some(commit) = next.last_commit
        {
            return Ok(Some((commit, true)));
        }
        Ok(self.blocks.commit(height)?.map(|commit| (commit, false)))
    }

    pub fn find_tx(&self, hash: &[u8]) -> Result<Option<FoundTx>, BlockStoreError> {
        match self.blocks.find_tx(hash)? {
            Some(position) => self.tx_at(position),
            None => Ok(None),
        }
    }

    /// Nothing when the height is not published yet.
    pub fn tx_at(&self, position: TxPosition) -> Result<Option<FoundTx>, BlockStoreError> {
        let Some((_, block)) = self.block(position.height)? else { return Ok(None) };
        let Some(results) = self.blocks.results(position.height)? else { return Ok(None) };
        let index = position.index as usize;
        let (Some(tx), Some(result)) = (block.data.get(index), results.tx_results.get(index)) else {
            return Ok(None);
        };
        let hash = form::sha256(tx);
        Ok(Some(FoundTx { position, hash, tx: tx.clone(), result: result.clone(), block }))
    }

    /// Offers a transaction to the mempool and waits for the judgement. Verifying signatures takes time: call it
    /// where blocking is allowed.
    pub fn broadcast(&self, tx: Bytes) -> Result<Admission, MempoolError> {
        let hash = self.mempool.reserve(&tx)?;
        Ok(self.check_reserved(hash, tx))
    }

    pub fn check_reserved(&self, hash: TxHash, tx: Bytes) -> Admission {
        self.figures.tx_size.observe(tx.len() as f64);
        let check = tx_result(&self.mempool.check(hash, tx));
        if check.code != 0 {
            self.figures.failed_txs.inc();
        }
        Admission { hash, check }
    }
}
