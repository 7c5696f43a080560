//! What the next block must look like: building it and judging one that was received. Pure.

use std::sync::Arc;
use std::time::Duration;

use tendermint::block::{Block, Commit, CommitSig, Header};
use tendermint::evidence::List;
use tendermint::{Hash, Time};

use super::form;
use super::validators::Validators;
use crate::engine::context::{Address, BlockRef, Height, NilOrVal, Round, Vote, VoteType};

/// CometBFT's block protocol.
pub const BLOCK_PROTOCOL: u64 = 11;
/// What a block needs besides its transactions and its last commit, as CometBFT counts.
const HEADER_BYTES_MAX: u64 = 11 + 626;
const COMMIT_BYTES: u64 = 94;
const COMMIT_ENTRY_BYTES: u64 = 111;
/// Stands for "no limit" (-1) in the parameters.
const BLOCK_BYTES_CAP: u64 = 104_857_600;

/// What never changes on a chain.
#[derive(Clone, Debug)]
pub struct ChainConstants {
    pub chain_id: tendermint::chain::Id,
    pub genesis_time: Time,
    pub initial_height: u64,
}

/// The consensus parameters that a block shows or obeys.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct BlockParams {
    pub app_version: u64,
    /// -1: no limit.
    pub max_bytes: i64,
    pub max_gas: i64,
    /// Evidence is too old when it is older than both.
    pub evidence_age_blocks: u64,
    pub evidence_age: Duration,
    pub evidence_bytes_max: i64,
}

impl BlockParams {
    pub fn new(params: &akash_proto::tendermint::types::ConsensusParams) -> Self {
        let block = params.block.unwrap_or_default();
        let app_version = params.version.unwrap_or_default().app;
        let evidence = params.evidence.unwrap_or_default();
        let age = evidence.max_age_duration.unwrap_or_default();
        let seconds = u64::try_from(age.seconds).unwrap_or(0);
        Self {
            app_version,
            max_bytes: block.max_bytes,
            max_gas: block.max_gas,
            evidence_age_blocks: u64::try_from(evidence.max_age_num_blocks).unwrap_or(0),
            evidence_age: Duration::new(seconds, u32::try_from(age.nanos).unwrap_or(0)),
            evidence_bytes_max: evidence.max_bytes,
        }
    }

    fn block_bytes_max(self) -> u64 {
        u64::try_from(self.max_bytes).unwrap_or(BLOCK_BYTES_CAP)
    }
}

/// The end of the chain: what the next block builds on.
#[derive(Clone, Debug)]
pub struct Tip {
    /// One below the initial height before the first block.
    pub height: u64,
    pub time: Time,
    pub id: Option<BlockRef>,
    /// The largest commit seen for this height; empty before the first block.
    pub commit: Commit,
    /// The validators of this height, of the next and of the one after.
    pub validators: Arc<Validators>,
    pub next_validators: Arc<Validators>,
    pub later_validators: Arc<Validators>,
    /// State after this height.
    pub app_hash: Vec<u8>,
    pub results_hash: [u8; 32],
    /// In force at the next height.
    pub params: BlockParams,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("invalid block: {0}")]
pub struct InvalidBlock(pub String);

fn ensure(condition: bool, what: impl FnOnce() -> String) -> Result<(), InvalidBlock> {
    if condition { Ok(()) } else { Err(InvalidBlock(what())) }
}

impl Tip {
    pub fn next_height(&self) -> u64 {
        self.height + 1
    }

    /// Time of the next block: decided by the votes for this one, and never chosen by a proposer.
    pub fn next_time(&self, last_commit: &Commit, constants: &ChainConstants) -> Option<Time> {
        match self.id {
            None => Some(constants.genesis_time),
            Some(_) => form::median_time(last_commit, &self.validators),
        }
    }

    /// Room for transactions in the next block.
    pub fn max_data_bytes(&self, evidence: &List) -> u64 {
        let commit = COMMIT_BYTES + COMMIT_ENTRY_BYTES * self.next_validators.count() as u64;
        self.params.block_bytes_max().saturating_sub(HEADER_BYTES_MAX + commit + form::evidence_len(evidence))
    }

    fn header(
        &self,
        constants: &ChainConstants,
        last_commit: &Commit,
        (txs, evidence): (&[Vec<u8>], &List),
        proposer: [u8; 20],
    ) -> Result<Header, InvalidBlock> {
        let bad = |what: &str| InvalidBlock(what.to_string());
        let some = |hash| Some(Hash::Sha256(hash));
        let time = self.next_time(last_commit, constants).ok_or_else(|| bad("last commit has no time"))?;
        Ok(Header {
            version: tendermint::block::header::Version { block: BLOCK_PROTOCOL, app: self.params.app_version },
            chain_id: constants.chain_id.clone(),
            height: self.next_height().try_into().map_err(|_| bad("height is out of range"))?,
            time,
            last_block_id: self.id.as_ref().map(form::block_id),
            last_commit_hash: some(form::commit_hash(last_commit)),
            data_hash: some(form::data_hash(txs)),
            validators_hash: self.next_validators.to_tendermint().hash(),
            next_validators_hash: self.later_validators.to_tendermint().hash(),
            consensus_hash: Hash::Sha256(form::consensus_hash(self.params.max_bytes, self.params.max_gas)),
            app_hash: self.app_hash.clone().try_into().map_err(|_| bad("app hash"))?,
            last_results_hash: some(self.results_hash),
            evidence_hash: some(form::evidence_hash(evidence)),
            proposer_address: tendermint::account::Id::new(proposer),
        })
    }

    pub fn build(
        &self,
        constants: &ChainConstants,
        txs: Vec<Vec<u8>>,
        evidence: List,
        proposer: [u8; 20],
    ) -> Result<Block, InvalidBlock> {
        let header = self.header(constants, &self.commit, (&txs, &evidence), proposer)?;
        let last_commit = self.id.map(|_| self.commit.clone());
        Ok(Block::new(header, txs, evidence, last_commit))
    }

    /// Everything about a block but what its transactions do and what its evidence says.
    pub fn check(&self, constants: &ChainConstants, block: &Block, size: usize) -> Result<(), InvalidBlock> {
        let max = self.params.block_bytes_max();
        ensure(size as u64 <= max, || format!("{size} bytes, limit {max}"))?;
        let empty = Commit::default();
        let last_commit = block.last_commit.as_ref().unwrap_or(&empty);
        match &self.id {
            None => ensure(block.last_commit.is_none(), || "first block has a last commit".to_string())?,
            Some(id) => {
                check_commit(constants, (self.height, id), &self.validators, last_commit)?;
            }
        }
        let proposer = address_bytes(block.header.proposer_address);
        ensure(self.next_validators.find(&proposer).is_some(), || "proposer is no validator".to_string())?;
        let expected = self.header(constants, last_commit, (&block.data, &block.evidence), proposer)?;
        ensure(expected == block.header, || format!("header {:?}, expected {expected:?}", block.header))?;
        let later = form::time_ms(block.header.time) > form::time_ms(self.time);
        ensure(self.id.is_none() || later, || "time does not advance".to_string())
    }

    /// Whether a commit decides a block of the next height.
    pub fn check_next_commit(
        &self,
        constants: &ChainConstants,
        id: &BlockRef,
        commit: &Commit,
    ) -> Result<(), InvalidBlock> {
        check_commit(constants, (self.next_height(), id), &self.next_validators, commit)
    }
}

/// Whether more than two thirds of a height's validators signed the block.
fn check_commit(
    constants: &ChainConstants,
    (height, id): (u64, &BlockRef),
    validators: &Validators,
    commit: &Commit,
) -> Result<(), InvalidBlock> {
    ensure(commit.height.value() == height, || "commit is of another height".to_string())?;
    ensure(form::to_block_ref(&commit.block_id) == *id, || "commit is for another block".to_string())?;
    ensure(commit.signatures.len() == validators.count(), || "commit's size".to_string())?;
    let mut signed_power = 0;
    for (entry, validator) in commit.signatures.iter().zip(validators.iter()) {
        let (address, timestamp, signature) = match entry {
            CommitSig::BlockIdFlagAbsent => continue,
            CommitSig::BlockIdFlagNil { .. } => return Err(InvalidBlock("commit has a nil vote".into())),
            CommitSig::BlockIdFlagCommit { validator_address, timestamp, signature } => {
                (validator_address, timestamp, signature)
            }
        };
        ensure(address.as_bytes() == validator.address, || "commit's order".to_string())?;
        let vote = Vote {
            kind: VoteType::Precommit,
            height: Height(height),
            round: Round::new(commit.round.value()),
            value: NilOrVal::Val(*id),
            address: Address(validator.address),
        };
        let bytes = form::vote_sign_bytes(constants.chain_id.as_str(), &vote, *timestamp);
        let signature = signature.as_ref().map(|signature| signature.as_bytes()).unwrap_or_default();
        ensure(verify(&validator.public_key, &bytes, signature), || {
            format!("signature of {} in the commit", hex::encode_upper(validator.address))
        })?;
        signed_power += validator.power;
    }
    let enough = u128::from(signed_power) * 3 > u128::from(validators.total_power()) * 2;
    ensure(enough, || "commit has too little power".to_string())
}

pub fn verify(public_key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = ed25519_consensus::VerificationKey::try_from(&public_key[..]) else { return false };
    let Ok(signature) = <[u8; 64]>::try_from(signature) else { return false };
    key.verify(&signature.into(), message).is_ok()
}

pub fn address_bytes(address: tendermint::account::Id) -> [u8; 20] {
    let mut bytes = [0; 20];
    bytes.copy_from_slice(address.as_bytes());
    bytes
}
