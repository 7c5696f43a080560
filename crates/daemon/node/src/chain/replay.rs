//! Starting: genesis, or completing what a stop left half done.

use std::sync::Arc;
use std::time::Duration;

use akash_app::{App, Genesis};
use tendermint::Time;
use tendermint::block::Commit;

use super::block::{BlockParams, ChainConstants, Tip};
use super::evidence::EvidencePool;
use super::executor::{ChainError, Executor};
use super::form;
use super::published::{CommittedBlock, Published, Snapshot};
use super::validators::{Update, Validators};
use crate::blocks::BlockStore;
use crate::config::Mempool as MempoolOptions;
use crate::mempool::Mempool;

impl Executor {
    /// The chain as it stands on disk. Blocks are stored before they are executed, so the application can only lag:
    /// what it lacks is executed here, before anyone votes or asks.
    pub fn open(
        mut app: App,
        blocks: Arc<BlockStore>,
        genesis: &Genesis,
        mempool: &MempoolOptions,
    ) -> Result<Self, ChainError> {
        let constants = constants_of(genesis)?;
        let stored_height = blocks.height()?;
        let app_height = u64::try_from(app.height()).unwrap_or(0);
        if app_height > stored_height {
            return Err(ChainError::Inconsistent(format!(
                "the state is at height {app_height}, the blocks end at {stored_height}; \
                 restore both from the same copy"
            )));
        }
        let fresh = app_height < constants.initial_height;
        if fresh {
            start_from_genesis(&mut app, &blocks, genesis)?;
        }
        let tip = if fresh { genesis_tip(&app, &blocks, &constants)? } else { tip_at(&app, &blocks, app_height)? };
        let mempool = Mempool::new(mempool.clone(), app.check_state(), app.view());
        let published = Published::new(Snapshot {
            height: 0,
            block: None,
            app_hash: tip.app_hash.clone(),
            view: app.view(),
            next_validators: tip.next_validators.clone(),
            next_params: app.consensus_params(),
        });
        let evidence = Arc::new(EvidencePool::new(constants.chain_id.to_string(), blocks.clone()));
        let mut executor = Self { app, blocks, constants, tip, mempool, published, evidence };
        executor.catch_up(stored_height)?;
        Ok(executor)
    }

    fn catch_up(&mut self, stored_height: u64) -> Result<(), ChainError> {
        while stored_height > 0 && self.tip.height < stored_height {
            let height = self.tip.next_height();
            tracing::info!(height, "executing a stored block that was cut off");
            let (id, block) = required(self.blocks.block(height)?, "block", height)?;
            let commit = required(self.blocks.commit(height)?, "commit", height)?;
            let list = block.evidence.clone();
            self.execute(id, block, commit)?;
            self.evidence.committed(&list, height)?;
        }
        if self.tip.id.is_some() {
            self.publish_tip()?;
        }
        Ok(())
    }

    /// The last height as servers see it right after a start. Nobody is subscribed yet.
    fn publish_tip(&self) -> Result<(), ChainError> {
        let height = self.tip.height;
        let (id, block) = required(self.blocks.block(height)?, "block", height)?;
        // A crash may have come between the block's execution and this mark.
        self.evidence.committed(&block.evidence, height)?;
        let results = required(self.blocks.results(height)?, "results", height)?;
        let tx_hashes = block.data.iter().map(|tx| form::sha256(tx)).collect();
        self.mempool.committed(&[], &self.app.view());
        let app_hash = self.tip.app_hash.clone();
        self.published.publish(Snapshot {
            height,
            block: Some(Arc::new(CommittedBlock {
                height,
                id,
                block,
                results,
                tx_hashes,
                app_hash,
                execute_took: Duration::ZERO,
                commit_took: Duration::ZERO,
            })),
            app_hash: self.tip.app_hash.clone(),
            view: self.app.view(),
            next_validators: self.tip.next_validators.clone(),
            next_params: self.app.consensus_params(),
        });
        Ok(())
    }
}

fn required<T>(found: Option<T>, what: &str, height: u64) -> Result<T, ChainError> {
    found.ok_or_else(|| ChainError::Inconsistent(format!("the {what} of height {height} is missing")))
}

fn constants_of(genesis: &Genesis) -> Result<ChainConstants, ChainError> {
    let time = genesis.genesis_time;
    let bad = |error: tendermint::Error| ChainError::Genesis(error.to_string());
    Ok(ChainConstants {
        chain_id: genesis.chain_id.parse().map_err(bad)?,
        genesis_time: Time::from_unix_timestamp(time.seconds, time.nanos).map_err(bad)?,
        initial_height: u64::try_from(genesis.initial_height).unwrap_or(1).max(1),
    })
}

/// Runs genesis in the application and notes what headers need of it. Deterministic, so that repeating it after a
/// stop before the first block changes nothing.
fn start_from_genesis(app: &mut App, blocks: &BlockStore, genesis: &Genesis) -> Result<(), ChainError> {
    let outcome = app.init_chain(genesis)?;
    let from_app: Vec<_> = outcome.validators.iter().map(|(key, power)| (*key, *power)).collect();
    let from_file: Vec<_> =
        genesis.validators.iter().map(|validator| (validator.public_key, validator.power)).collect();
    let powers = if from_app.is_empty() { from_file } else { from_app };
    let mut updates = Vec::new();
    for (public_key, power) in powers {
        let power = u64::try_from(power).map_err(|_| ChainError::Genesis("a validator has no power".to_string()))?;
        updates.push(Update { public_key, power });
    }
    let first = Validators::genesis(&updates)?;
    let second = first.next(&[])?;
    let height = u64::try_from(genesis.initial_height).unwrap_or(1).max(1);
    blocks.save_genesis(height, [&first, &second], &outcome.app_hash)?;
    Ok(())
}

fn genesis_tip(app: &App, blocks: &BlockStore, constants: &ChainConstants) -> Result<Tip, ChainError> {
    let first = constants.initial_height;
    let next = Arc::new(required(blocks.validators(first)?, "validator set", first)?);
    let later = Arc::new(required(blocks.validators(first + 1)?, "validator set", first + 1)?);
    Ok(Tip {
        height: first - 1,
        time: constants.genesis_time,
        id: None,
        commit: Commit::default(),
        validators: next.clone(),
        next_validators: next,
        later_validators: later,
        app_hash: required(blocks.genesis_app_hash()?, "app hash", 0)?,
        results_hash: form::results_hash(&[]),
        params: BlockParams::new(&app.consensus_params()),
    })
}

fn tip_at(app: &App, blocks: &BlockStore, height: u64) -> Result<Tip, ChainError> {
    let (id, block) = required(blocks.block(height)?, "block", height)?;
    let set = |height| -> Result<_, ChainError> {
        Ok(Arc::new(required(blocks.validators(height)?, "validator set", height)?))
    };
    Ok(Tip {
        height,
        time: block.header.time,
        id: Some(id),
        commit: required(blocks.commit(height)?, "commit", height)?,
        validators: set(height)?,
        next_validators: set(height + 1)?,
        later_validators: set(height + 2)?,
        app_hash: app.app_hash().to_vec(),
        results_hash: form::results_hash(&required(blocks.results(height)?, "results", height)?.tx_results),
        params: BlockParams::new(&app.consensus_params()),
    })
}
