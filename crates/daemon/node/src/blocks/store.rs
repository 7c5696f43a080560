//! Records by height, and the blocks that are not decided yet.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use akash_store::StoreError;
use bytes::Bytes;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use prost::Message;
use tendermint::block::{Block, Commit};
use tendermint_proto::v0_38::abci::ResponseFinalizeBlock;
use tendermint_proto::v0_38::types as proto;

use crate::chain::form;
use crate::chain::validators::{ValidatorError, Validators};
use crate::disk::store_error;
use crate::engine::context::BlockRef;
use crate::engine::proposals::Candidate;
use crate::maintenance::snapshots::CheckedTip;

/// Validator sets are stored when they change and at every multiple of this; those between follow by rotation.
const VALIDATORS_EVERY: u64 = 1000;

/// Kept in memory for each keyspace before it becomes a file.
const MEMTABLE_BYTES: u64 = 8 << 20;

pub(super) const META_HEIGHT: &str = "height";
pub(super) const META_BASE: &str = "base";
const META_GENESIS_APP_HASH: &str = "genesis_app_hash";

#[derive(Debug, thiserror::Error)]
pub enum BlockStoreError {
    #[error(transparent)]
    Database(StoreError),
    #[error("rebuilding the index of transactions was cut off: run `akash node reindex` again")]
    HalfIndexed,
    #[error("block store: the {what} of height {height} is damaged: {reason}")]
    Damaged { what: &'static str, height: u64, reason: String },
}

impl From<fjall::Error> for BlockStoreError {
    fn from(error: fjall::Error) -> Self {
        Self::Database(store_error(Path::new("block store"), &error))
    }
}

pub struct BlockStore {
    pub(super) database: Database,
    pub(super) meta: Keyspace,
    pub(super) blocks: Keyspace,
    pub(super) commits: Keyspace,
    pub(super) results: Keyspace,
    pub(super) validators: Keyspace,
    pub(super) hashes: Keyspace,
    undecided: Keyspace,
    evidence: Keyspace,
    pub(super) txs: Keyspace,
    pub(super) events: Keyspace,
    pub(super) block_events: Keyspace,
    /// Blocks to keep; 0: all.
    pub(super) keep_blocks: AtomicU64,
}

impl BlockStore {
    pub fn open(database: &Database) -> Result<Arc<Self>, BlockStoreError> {
        let store = Self::open_for_reindex(database)?;
        if store.is_half_indexed()? { Err(BlockStoreError::HalfIndexed) } else { Ok(store) }
    }

    /// Also when the index was left half made.
    pub fn open_for_reindex(database: &Database) -> Result<Arc<Self>, BlockStoreError> {
        let options = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES);
        let keyspace = |name: &str| database.keyspace(name, options);
        Ok(Arc::new(Self {
            meta: keyspace("node_meta")?,
            blocks: keyspace("node_blocks")?,
            commits: keyspace("node_commits")?,
            results: keyspace("node_results")?,
            validators: keyspace("node_validators")?,
            hashes: keyspace("node_hashes")?,
            undecided: keyspace("node_undecided")?,
            evidence: keyspace("node_evidence")?,
            txs: keyspace("node_txs")?,
            events: keyspace("node_events")?,
            block_events: keyspace("node_block_events")?,
            keep_blocks: AtomicU64::new(0),
            database: database.clone(),
        }))
    }

    pub(super) fn durable(&self) -> fjall::OwnedWriteBatch {
        self.database.batch().durability(Some(PersistMode::SyncData))
    }

    fn meta_u64(&self, name: &'static str) -> Result<u64, BlockStoreError> {
        let Some(value) = self.meta.get(name)? else { return Ok(0) };
        let bytes: [u8; 8] = value.as_ref().try_into().map_err(|_| BlockStoreError::Damaged {
            what: name,
            height: 0,
            reason: "not eight bytes".to_string(),
        })?;
        Ok(u64::from_be_bytes(bytes))
    }

    /// The last decided height; 0 before the first block.
    pub fn height(&self) -> Result<u64, BlockStoreError> {
        self.meta_u64(META_HEIGHT)
    }

    /// The lowest height that is kept; 0 before the first block.
    pub fn base(&self) -> Result<u64, BlockStoreError> {
        self.meta_u64(META_BASE)
    }

    /// What genesis made: the first two validator sets and the state's hash.
    pub fn save_genesis(&self, height: u64, sets: [&Validators; 2], app_hash: &[u8]) -> Result<(), BlockStoreError> {
        let mut batch = self.durable();
        for (set, height) in sets.into_iter().zip(height..) {
            batch.insert(&self.validators, height.to_be_bytes(), set.to_proto().encode_to_vec());
        }
        batch.insert(&self.meta, META_GENESIS_APP_HASH, app_hash);
        Ok(batch.commit()?)
    }

    pub fn genesis_app_hash(&self) -> Result<Option<Vec<u8>>, BlockStoreError> {
        Ok(self.meta.get(META_GENESIS_APP_HASH)?.map(|hash| hash.to_vec()))
    }

    /// A decided block with the commit that decided it.
    pub fn save_decided(&self, bytes: &[u8], id: &BlockRef, commit: &Commit) -> Result<(), BlockStoreError> {
        let height = commit.height.value();
        let mut batch = self.durable();
        batch.insert(&self.blocks, height.to_be_bytes(), bytes);
        batch.insert(&self.commits, height.to_be_bytes(), proto::Commit::from(commit.clone()).encode_to_vec());
        batch.insert(&self.hashes, id.hash, height.to_be_bytes());
        batch.insert(&self.meta, META_HEIGHT, height.to_be_bytes());
        if self.base()? == 0 {
            batch.insert(&self.meta, META_BASE, height.to_be_bytes());
        }
        self.prune_into(&mut batch, height)?;
        Ok(batch.commit()?)
    }

    /// What executing a block gave, the transactions' index, and the validators that follow from it. Not synced here:
    /// the application's commit goes into the same journal behind it and syncs both, never the later without this.
    pub fn save_results(
        &self,
        height: u64,
        txs: &[Vec<u8>],
        results: &ResponseFinalizeBlock,
        later: &Validators,
    ) -> Result<(), BlockStoreError> {
        let mut batch = self.database.batch().durability(Some(PersistMode::Buffer));
        batch.insert(&self.results, height.to_be_bytes(), results.encode_to_vec());
        let later_height = height + 2;
        if !results.validator_updates.is_empty() || later_height.is_multiple_of(VALIDATORS_EVERY) {
            batch.insert(&self.validators, later_height.to_be_bytes(), later.to_proto().encode_to_vec());
        }
        self.index_into(&mut batch, height, txs, results);
        Ok(batch.commit()?)
    }

    /// The first block of a store that begins with a snapshot.
    pub fn save_restored(&self, height: u64, tip: &CheckedTip) -> Result<(), BlockStoreError> {
        let mut batch = self.durable();
        for (set, height) in tip.validators.iter().zip(height..) {
            batch.insert(&self.validators, height.to_be_bytes(), set.to_proto().encode_to_vec());
        }
        batch.insert(&self.results, height.to_be_bytes(), tip.results.encode_to_vec());
        self.index_into(&mut batch, height, &tip.txs, &tip.results);
        batch.commit()?;
        self.save_decided(&tip.block, &tip.id, &tip.commit)
    }

    /// Keeps the larger certificate. Not synced: losing it loses nothing that was promised.
    pub fn improve_commit(&self, commit: &Commit) -> Result<(), BlockStoreError> {
        let value = proto::Commit::from(commit.clone()).encode_to_vec();
        Ok(self.commits.insert(commit.height.value().to_be_bytes(), value)?)
    }

    pub fn block_bytes(&self, height: u64) -> Result<Option<Vec<u8>>, BlockStoreError> {
        Ok(self.blocks.get(height.to_be_bytes())?.map(|bytes| bytes.to_vec()))
    }

    pub fn block(&self, height: u64) -> Result<Option<(BlockRef, Block)>, BlockStoreError> {
        let Some(bytes) = self.block_bytes(height)? else { return Ok(None) };
        let block = form::decode_block(&bytes).map_err(|error| damaged("block", height, error))?;
        Ok(Some((form::block_ref(&block, &bytes), block)))
    }

    pub fn height_of(&self, block_hash: &[u8]) -> Result<Option<u64>, BlockStoreError> {
        let Some(value) = self.hashes.get(block_hash)? else { return Ok(None) };
        Ok(value.as_ref().try_into().ok().map(u64::from_be_bytes))
    }

    /// The commit seen by this node, which may hold other signatures than the next block's last commit.
    pub fn commit(&self, height: u64) -> Result<Option<Commit>, BlockStoreError> {
        let Some(raw) = self.record::<proto::Commit>(&self.commits, "commit", height)? else { return Ok(None) };
        Commit::try_from(raw).map(Some).map_err(|error| damaged("commit", height, error))
    }

    pub fn results(&self, height: u64) -> Result<Option<ResponseFinalizeBlock>, BlockStoreError> {
        self.record(&self.results, "results", height)
    }

    fn record<M: Message + Default>(
        &self,
        keyspace: &Keyspace,
        what: &'static str,
        height: u64,
    ) -> Result<Option<M>, BlockStoreError> {
        let Some(bytes) = keyspace.get(height.to_be_bytes())? else { return Ok(None) };
        M::decode(bytes.as_ref()).map(Some).map_err(|error| damaged(what, height, error))
    }

    /// The validators of a height, with the priorities of that height.
    pub fn validators(&self, height: u64) -> Result<Option<Validators>, BlockStoreError> {
        let Some(entry) = self.validators.range(..=height.to_be_bytes()).next_back() else { return Ok(None) };
        let (key, value) = entry.into_inner()?;
        let stored_height = key.as_ref().try_into().map(u64::from_be_bytes).unwrap_or(height);
        let bad = |error: ValidatorError| damaged("validator set", stored_height, error);
        let raw = proto::ValidatorSet::decode(value.as_ref())
            .map_err(|error| damaged("validator set", stored_height, error))?;
        let mut set = Validators::from_proto(raw).map_err(bad)?;
        for _ in stored_height..height {
            set = set.next(&[]).map_err(bad)?;
        }
        Ok(Some(set))
    }

    /// The height whose block holds this evidence.
    pub fn evidence_height(&self, hash: &[u8; 32]) -> Result<Option<u64>, BlockStoreError> {
        let Some(value) = self.evidence.get(hash)? else { return Ok(None) };
        Ok(value.as_ref().try_into().ok().map(u64::from_be_bytes))
    }

    /// Evidence stands in the block of a height. Synced: it must never be taken twice.
    pub fn save_evidence(&self, hash: &[u8; 32], height: u64) -> Result<(), BlockStoreError> {
        let mut batch = self.durable();
        batch.insert(&self.evidence, *hash, height.to_be_bytes());
        Ok(batch.commit()?)
    }

    /// A candidate must be durable before anyone votes on it: the write-ahead log holds only its id.
    pub fn save_undecided(&self, candidate: &Candidate) -> Result<(), BlockStoreError> {
        let mut batch = self.durable();
        batch.insert(&self.undecided, candidate.storage_key(), candidate.store().to_vec());
        Ok(batch.commit()?)
    }

    /// Candidates that a stop left behind.
    pub fn undecided(&self) -> Result<Vec<Candidate>, BlockStoreError> {
        let mut candidates = Vec::new();
        for entry in self.undecided.iter() {
            let (_, value) = entry.into_inner()?;
            let restored = Candidate::restore(&value).map_err(|error| damaged("undecided block", 0, error))?;
            candidates.extend(restored);
        }
        Ok(candidates)
    }

    /// These heights are decided. Name few: rows removed long ago still cost a look.
    pub fn forget_undecided(&self, heights: std::ops::Range<u64>) -> Result<(), BlockStoreError> {
        let mut batch = self.database.batch();
        for entry in self.undecided.range(heights.start.to_be_bytes()..heights.end.to_be_bytes()) {
            batch.remove(&self.undecided, entry.key()?);
        }
        Ok(batch.commit()?)
    }

    /// Raw blocks for a peer that catches up: at least one, and no further than `max_bytes`.
    pub fn decided_range(&self, from: u64, to: u64, max_bytes: usize) -> Result<Vec<(Commit, Bytes)>, BlockStoreError> {
        let (mut found, mut left) = (Vec::new(), max_bytes);
        for height in from..=to {
            let (Some(bytes), Some(commit)) = (self.block_bytes(height)?, self.commit(height)?) else { break };
            match left.checked_sub(bytes.len()) {
                Some(rest) => left = rest,
                None if found.is_empty() => left = 0,
                None => break,
            }
            found.push((commit, bytes.into()));
        }
        Ok(found)
    }
}

pub(super) fn damaged(what: &'static str, height: u64, reason: impl std::fmt::Display) -> BlockStoreError {
    BlockStoreError::Damaged { what, height, reason: reason.to_string() }
}
