//! Which blocks are kept: forgetting the oldest, taking the newest away, and making the index again.

use std::sync::atomic::Ordering;

use fjall::OwnedWriteBatch;
use tendermint_proto::v0_38::abci::ResponseFinalizeBlock;

use crate::disk::compact;

use super::store::{BlockStore, BlockStoreError, META_BASE, META_HEIGHT};

/// Fewer would not reach back as far as heights are proved and taken back.
const KEPT_BLOCKS_MIN: u64 = 100;

/// Heights that go with one new block at most.
const FORGOTTEN_AT_ONCE: u64 = 2;

/// Heights that one batch of [`BlockStore::reindex`] and [`BlockStore::prune`] holds.
const HEIGHTS_AT_ONCE: u64 = 100;

const META_HALF_INDEXED: &str = "half_indexed";

/// What [`BlockStore::reindex`] looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexedBlocks {
    pub blocks: u64,
    pub txs: u64,
}

impl BlockStore {
    /// From now on, old blocks go as new ones come, so that this many are left; 0 keeps all.
    pub fn set_keep_blocks(&self, count: u64) {
        self.keep_blocks.store(count, Ordering::SeqCst);
    }

    /// Removes the oldest blocks that need not be kept at a height, a few at once.
    pub(super) fn prune_into(&self, batch: &mut OwnedWriteBatch, height: u64) -> Result<(), BlockStoreError> {
        let base = self.base()?;
        let end = self.first_kept(height).min(base.saturating_add(FORGOTTEN_AT_ONCE));
        if base > 0 && end > base {
            self.forget_into(batch, base..end)?;
        }
        Ok(())
    }

    /// Removes all blocks that need not be kept, and says which ones are left.
    pub fn prune(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<(u64, u64), BlockStoreError> {
        let (first, height) = (self.base()?, self.height()?);
        let end = self.first_kept(height);
        while self.base()? < end {
            let base = self.base()?;
            let mut batch = self.durable();
            self.forget_into(&mut batch, base..end.min(base + HEIGHTS_AT_ONCE))?;
            batch.commit()?;
            progress(self.base()? - first, end - first);
        }
        Ok((self.base()?, height))
    }

    /// Gives the room of what is gone back, and returns when that is done.
    pub fn compact(&self) -> Result<(), BlockStoreError> {
        let derived = [&self.hashes, &self.txs, &self.events, &self.block_events];
        for keyspace in [&self.blocks, &self.commits, &self.results].into_iter().chain(derived) {
            compact(keyspace)?;
        }
        Ok(())
    }

    fn first_kept(&self, height: u64) -> u64 {
        match self.keep_blocks.load(Ordering::SeqCst) {
            0 => 0,
            count => (height + 1).saturating_sub(count.max(KEPT_BLOCKS_MIN)),
        }
    }

    fn forget_into(&self, batch: &mut OwnedWriteBatch, heights: std::ops::Range<u64>) -> Result<(), BlockStoreError> {
        batch.insert(&self.meta, META_BASE, heights.end.to_be_bytes());
        for height in heights {
            self.remove_into(batch, height)?;
        }
        Ok(())
    }

    fn remove_into(&self, batch: &mut OwnedWriteBatch, height: u64) -> Result<(), BlockStoreError> {
        if let Some((id, block)) = self.block(height)? {
            batch.remove(&self.hashes, id.hash);
            if let Some(results) = self.results(height)? {
                self.unindex_into(batch, height, &block.data, &results)?;
            }
        }
        for keyspace in [&self.blocks, &self.commits, &self.results] {
            batch.remove(keyspace, height.to_be_bytes());
        }
        Ok(())
    }

    /// Takes the newest block away, with all that followed from it.
    pub fn remove_newest(&self) -> Result<(), BlockStoreError> {
        let height = self.height()?;
        let mut batch = self.durable();
        self.remove_into(&mut batch, height)?;
        batch.remove(&self.validators, (height + 2).to_be_bytes());
        batch.insert(&self.meta, META_HEIGHT, height.saturating_sub(1).to_be_bytes());
        Ok(batch.commit()?)
    }

    pub(super) fn is_half_indexed(&self) -> Result<bool, BlockStoreError> {
        Ok(self.meta.get(META_HALF_INDEXED)?.is_some())
    }

    /// Drops the index of blocks and transactions and makes it again. Cut off, it has to be done again before the node
    /// starts.
    pub fn reindex(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<IndexedBlocks, BlockStoreError> {
        let mut batch = self.durable();
        batch.insert(&self.meta, META_HALF_INDEXED, [1]);
        batch.commit()?;
        for keyspace in [&self.hashes, &self.txs, &self.events, &self.block_events] {
            keyspace.clear()?;
        }
        let (base, height) = (self.base()?, self.height()?);
        let mut done = IndexedBlocks::default();
        let mut batch = self.durable();
        for height in base.max(1)..=height {
            done.txs += self.index_again(&mut batch, height)?;
            done.blocks += 1;
            if done.blocks.is_multiple_of(HEIGHTS_AT_ONCE) {
                std::mem::replace(&mut batch, self.durable()).commit()?;
                progress(done.blocks, height + 1 - base);
            }
        }
        batch.remove(&self.meta, META_HALF_INDEXED);
        batch.commit()?;
        Ok(done)
    }

    fn index_again(&self, batch: &mut OwnedWriteBatch, height: u64) -> Result<u64, BlockStoreError> {
        let Some((id, block)) = self.block(height)? else { return Ok(0) };
        batch.insert(&self.hashes, id.hash, height.to_be_bytes());
        let results: Option<ResponseFinalizeBlock> = self.results(height)?;
        let Some(results) = results else { return Ok(0) }; // decided, not executed yet
        self.index_into(batch, height, &block.data, &results);
        Ok(block.data.len() as u64)
    }
}
