//! Takes decided blocks through the application, in the durable order.

use std::sync::Arc;
use std::time::Instant;

use akash_app::{App, BlockInput, BlockOutcome, Fault, TxOutcome, UpgradeNeeded, Verdict, VoteInfo};
use akash_kernel::Time;
use bytes::Bytes;
use tendermint::block::{Block, Commit};
use tendermint_proto::v0_38::abci::{Event, EventAttribute, ExecTxResult, ResponseFinalizeBlock, ValidatorUpdate};
use tendermint_proto::v0_38::crypto::{PublicKey, public_key::Sum};

use super::block::{BlockParams, ChainConstants, InvalidBlock, Tip, address_bytes};
use super::evidence::{EvidenceError, EvidencePool, Now, misbehavior};
use super::form;
use super::published::{CommittedBlock, Published, Snapshot};
use super::validators::{Update, ValidatorError, Validators};
use crate::blocks::{BlockStore, BlockStoreError};
use crate::engine::commit::signers;
use crate::engine::context::{Address, BlockRef, Round};
use crate::engine::proposals::Candidate;
use crate::mempool::Mempool;

#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    #[error(transparent)]
    Blocks(#[from] BlockStoreError),
    #[error("the application stopped: {0}")]
    App(#[from] Fault),
    #[error(transparent)]
    Invalid(#[from] InvalidBlock),
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    #[error(transparent)]
    Validators(#[from] ValidatorError),
    /// The next block is for another program.
    #[error("{0}")]
    Upgrade(UpgradeNeeded),
    #[error("genesis: {0}")]
    Genesis(String),
    #[error("the data folder is inconsistent: {0}")]
    Inconsistent(String),
}

pub struct Executor {
    pub(super) app: App,
    pub(super) blocks: Arc<BlockStore>,
    pub(super) constants: ChainConstants,
    pub(super) tip: Tip,
    pub(super) mempool: Arc<Mempool>,
    pub(super) published: Published,
    pub(super) evidence: Arc<EvidencePool>,
}

impl Executor {
    pub fn tip(&self) -> &Tip {
        &self.tip
    }

    pub fn constants(&self) -> &ChainConstants {
        &self.constants
    }

    pub fn blocks(&self) -> &Arc<BlockStore> {
        &self.blocks
    }

    pub fn mempool(&self) -> &Arc<Mempool> {
        &self.mempool
    }

    pub fn published(&self) -> &Published {
        &self.published
    }

    pub fn evidence(&self) -> &Arc<EvidencePool> {
        &self.evidence
    }

    /// The end of the chain, as evidence is judged.
    pub fn now(&self) -> Now {
        Now { height: self.tip.height, time: self.tip.time, params: self.tip.params }
    }

    /// A block of our own for the next height.
    pub fn propose(&mut self, round: Round, proposer: Address) -> Result<Candidate, ChainError> {
        let evidence = self.evidence.for_block(self.now());
        let max_bytes = self.tip.max_data_bytes(&evidence);
        let time = self
            .tip
            .next_time(&self.tip.commit, &self.constants)
            .ok_or_else(|| ChainError::Inconsistent("the last commit has no signature".to_string()))?;
        let waiting = self.mempool.reap(max_bytes);
        let txs = self.app.build_proposal(signed(self.tip.next_height()), app_time(time), waiting, max_bytes);
        let txs = txs.into_iter().map(|tx| tx.to_vec()).collect();
        let block = self.tip.build(&self.constants, txs, evidence, proposer.0)?;
        let bytes: Bytes = form::encode_block(&block).into();
        let id = form::block_ref(&block, &bytes);
        Ok(Candidate {
            height: self.tip.next_height(),
            round,
            pol_round: Round::Nil,
            proposer,
            id,
            bytes,
            block,
            valid: true,
        })
    }

    /// Whether a block for the next height may be voted for.
    pub fn judge(&mut self, candidate: &Candidate) -> Result<(), InvalidBlock> {
        self.tip.check(&self.constants, &candidate.block, candidate.bytes.len())?;
        let bad = |error: EvidenceError| InvalidBlock(format!("evidence: {error}"));
        self.evidence.check_block(&candidate.block.evidence, self.now()).map_err(bad)?;
        self.ask(candidate)
    }

    /// The same of a block that a verified commit has decided. Its evidence was judged by those who voted: the headers
    /// that it speaks of may be older than the first that this node has.
    pub fn judge_decided(&mut self, candidate: &Candidate) -> Result<(), InvalidBlock> {
        self.tip.check(&self.constants, &candidate.block, candidate.bytes.len())?;
        self.ask(candidate)
    }

    fn ask(&mut self, candidate: &Candidate) -> Result<(), InvalidBlock> {
        match self.app.judge_proposal(&self.input(&candidate.block)) {
            Verdict::Accept => Ok(()),
            Verdict::Reject(reason) => Err(InvalidBlock(reason)),
        }
    }

    /// Stores, executes and publishes the decided block of the next height.
    pub fn decide(&mut self, candidate: &Candidate, commit: Commit) -> Result<(), ChainError> {
        let (id, height) = (candidate.id, candidate.height);
        if height != self.tip.next_height() || form::to_block_ref(&commit.block_id) != id {
            return Err(ChainError::Inconsistent(format!("block {height} does not follow {}", self.tip.height)));
        }
        self.blocks.save_decided(&candidate.bytes, &id, &commit)?;
        let committed = self.execute(id, candidate.block.clone(), commit)?;
        self.evidence.committed(&candidate.block.evidence, height)?;
        self.publish(committed);
        Ok(())
    }

    /// Later votes made the commit larger: that one becomes the next block's last commit.
    pub fn improve_commit(&mut self, commit: Commit) -> Result<(), ChainError> {
        let ours = &self.tip.commit;
        let same = commit.height == ours.height && commit.round == ours.round && commit.block_id == ours.block_id;
        if same && signers(&commit) > signers(ours) {
            self.blocks.improve_commit(&commit)?;
            self.tip.commit = commit;
        }
        Ok(())
    }

    /// Executes a stored block and moves the tip. Results are durable before the application commits.
    pub(super) fn execute(&mut self, id: BlockRef, block: Block, commit: Commit) -> Result<CommittedBlock, ChainError> {
        let height = block.header.height.value();
        if let Some(needed) = self.app.upgrade_needed()? {
            return Err(ChainError::Upgrade(needed));
        }
        let begun = Instant::now();
        let outcome = self.app.execute(&self.input(&block))?;
        let execute_took = begun.elapsed();
        let updates = updates_of(&outcome)?;
        let later = self.tip.later_validators.next(&updates)?;
        let results = results_of(&outcome);
        self.blocks.save_results(height, &block.data, &results, &later)?;
        let app_hash = self.app.commit()?;
        let commit_took = begun.elapsed() - execute_took;

        self.tip = Tip {
            height,
            time: block.header.time,
            id: Some(id),
            commit,
            validators: self.tip.next_validators.clone(),
            next_validators: self.tip.later_validators.clone(),
            later_validators: Arc::new(later),
            app_hash: app_hash.to_vec(),
            results_hash: form::results_hash(&results.tx_results),
            params: BlockParams::new(&outcome.consensus_params),
        };
        let tx_hashes = block.data.iter().map(|tx| form::sha256(tx)).collect();
        let app_hash = app_hash.to_vec();
        Ok(CommittedBlock { height, id, block, results, tx_hashes, app_hash, execute_took, commit_took })
    }

    fn publish(&self, committed: CommittedBlock) {
        let view = self.app.view();
        let codes = committed.results.tx_results.iter().map(|result| result.code);
        let txs: Vec<_> = committed.tx_hashes.iter().copied().zip(codes).collect();
        self.mempool.committed(&txs, &view);
        self.published.publish(Snapshot {
            height: committed.height,
            block: Some(Arc::new(committed)),
            app_hash: self.tip.app_hash.clone(),
            view,
            next_validators: self.tip.next_validators.clone(),
            next_params: self.app.consensus_params(),
        });
    }

    fn input(&self, block: &Block) -> BlockInput {
        let votes = match &block.last_commit {
            None => Vec::new(),
            Some(commit) => votes_of(commit, &self.tip.validators),
        };
        BlockInput {
            height: signed(block.header.height.value()),
            time: app_time(block.header.time),
            proposer_address: address_bytes(block.header.proposer_address).to_vec(),
            txs: block.data.iter().map(|tx| Bytes::from(tx.clone())).collect(),
            last_commit: votes,
            misbehavior: misbehavior(&block.evidence),
        }
    }
}

/// Heights are below 2^63 by CometBFT's own form.
pub fn signed(height: u64) -> i64 {
    i64::try_from(height).unwrap_or(i64::MAX)
}

pub fn app_time(time: tendermint::Time) -> Time {
    let (seconds, nanos) = form::split_time(time);
    Time { seconds, nanos }
}

fn votes_of(commit: &Commit, validators: &Validators) -> Vec<VoteInfo> {
    commit
        .signatures
        .iter()
        .zip(validators.iter())
        .map(|(entry, validator)| VoteInfo {
            address: validator.address,
            power: signed(validator.power),
            signed: entry.is_commit(),
        })
        .collect()
}

fn updates_of(outcome: &BlockOutcome) -> Result<Vec<Update>, ChainError> {
    outcome
        .validator_updates
        .iter()
        .map(|(public_key, power)| {
            let power = u64::try_from(*power)
                .map_err(|_| ChainError::Inconsistent(format!("the application gave a validator the power {power}")))?;
            Ok(Update { public_key: *public_key, power })
        })
        .collect()
}

/// The results without the app hash, which stands in the next header.
fn results_of(outcome: &BlockOutcome) -> ResponseFinalizeBlock {
    let update = |(public_key, power): &([u8; 32], i64)| ValidatorUpdate {
        pub_key: Some(PublicKey { sum: Some(Sum::Ed25519(public_key.to_vec())) }),
        power: *power,
    };
    ResponseFinalizeBlock {
        events: outcome.events.iter().map(event).collect(),
        tx_results: outcome.tx_results.iter().map(tx_result).collect(),
        validator_updates: outcome.validator_updates.iter().map(update).collect(),
        consensus_param_updates: None,
        app_hash: Bytes::new(),
    }
}

pub fn tx_result(outcome: &TxOutcome) -> ExecTxResult {
    ExecTxResult {
        code: outcome.code,
        data: outcome.data.clone().into(),
        log: outcome.log.clone(),
        info: String::new(),
        gas_wanted: signed(outcome.gas_wanted),
        gas_used: signed(outcome.gas_used),
        events: outcome.events.iter().map(event).collect(),
        codespace: outcome.codespace.clone(),
    }
}

/// Everything is indexed, as the SDK does by default.
fn event(event: &akash_kernel::Event) -> Event {
    let attributes = event
        .attributes
        .iter()
        .map(|(key, value)| EventAttribute { key: key.clone(), value: value.clone(), index: true })
        .collect();
    Event { r#type: event.kind.clone(), attributes }
}
