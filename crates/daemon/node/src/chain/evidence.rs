//! Votes of one validator for two blocks at one place, in CometBFT's form.
//!
//! Life: the engine finds a pair, or a client brings one → verified and pending → a proposer puts it into its block →
//! every validator verifies it again → the application hears of the misbehaviour → remembered as committed for as long
//! as it could be brought again.
//!
//! What is pending is not kept over a restart: every node finds the same pair by itself.
//! Evidence of an attack on a light client is not accepted: nobody here can produce it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use akash_app::Misbehavior;
use malachite::app::types::core::SignedVote;
use prost::Message as _;
use tendermint::evidence::{DuplicateVoteEvidence, Evidence, List};
use tendermint::vote::{Type, ValidatorIndex};
use tendermint::{Time, Vote};
use tendermint_proto::v0_38::types as proto;

use super::block::{BlockParams, address_bytes, verify};
use super::executor::{app_time, signed};
use super::form;
use super::published::Snapshot;
use super::validators::{Validator, Validators};
use crate::blocks::{BlockStore, BlockStoreError};
use crate::engine::context::{Address, Context, Height, NilOrVal, Round, VoteType};

/// More pairs than that tell nothing new.
const PENDING_MAX: usize = 100;
/// What a piece of evidence adds to a block beside its own bytes: tags and lengths.
const WRAPPING_BYTES: usize = 16;

/// The end of the chain that evidence is judged at.
#[derive(Copy, Clone, Debug)]
pub struct Now {
    pub height: u64,
    pub time: Time,
    pub params: BlockParams,
}

impl Now {
    /// As servers see it; nothing before the first block.
    pub fn of(snapshot: &Snapshot) -> Option<Self> {
        let block = snapshot.block.as_ref()?;
        let params = BlockParams::new(&snapshot.next_params);
        Some(Self { height: snapshot.height, time: block.block.header.time, params })
    }
}

#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    #[error("{0}")]
    Invalid(String),
    #[error("evidence was already committed")]
    Committed,
    #[error("too much evidence is pending already")]
    Full,
    #[error(transparent)]
    Blocks(#[from] BlockStoreError),
}

fn invalid<T>(text: impl Into<String>) -> Result<T, EvidenceError> {
    Err(EvidenceError::Invalid(text.into()))
}

/// Evidence that waits for a block, and the rules that all evidence must pass.
pub struct EvidencePool {
    chain_id: String,
    blocks: Arc<BlockStore>,
    pending: Mutex<BTreeMap<[u8; 32], DuplicateVoteEvidence>>,
}

impl EvidencePool {
    pub fn new(chain_id: String, blocks: Arc<BlockStore>) -> Self {
        Self { chain_id, blocks, pending: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<[u8; 32], DuplicateVoteEvidence>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A pair that the engine saw at a committed height.
    pub fn found(&self, pair: &(SignedVote<Context>, SignedVote<Context>), now: Now) -> Result<(), EvidenceError> {
        let (first, second) = pair;
        let height = first.message.height.0;
        let validators = self.validators(height)?;
        let (Some(a), Some(b)) = (to_vote(first, &validators), to_vote(second, &validators)) else {
            return invalid("the votes are of no validator");
        };
        let (vote_a, vote_b) = if key_of(&a) <= key_of(&b) { (a, b) } else { (b, a) };
        let power = validators.find(&first.message.address.0).map_or(0, |validator| validator.power);
        let evidence = DuplicateVoteEvidence {
            vote_a,
            vote_b,
            total_voting_power: to_power(validators.total_power())?,
            validator_power: to_power(power)?,
            timestamp: self.time_of(height)?,
        };
        self.submit(evidence, now).map(drop)
    }

    /// Verifies evidence and lets it wait for a block. Gives its hash.
    pub fn submit(&self, evidence: DuplicateVoteEvidence, now: Now) -> Result<[u8; 32], EvidenceError> {
        self.verify(&evidence, now)?;
        let hash = hash_of(&evidence);
        let mut pending = self.lock();
        if pending.len() >= PENDING_MAX && !pending.contains_key(&hash) {
            return Err(EvidenceError::Full);
        }
        if pending.insert(hash, evidence).is_none() {
            tracing::warn!(hash = hex::encode_upper(hash), "a validator voted for two blocks; evidence is pending");
        }
        Ok(hash)
    }

    /// What a proposer puts into its block. What has become too old meanwhile is dropped.
    pub fn for_block(&self, now: Now) -> List {
        let mut left = usize::try_from(now.params.evidence_bytes_max).unwrap_or(0);
        let mut pending = self.lock();
        pending.retain(|_, evidence| self.verify(evidence, now).is_ok());
        let mut taken = Vec::new();
        for evidence in pending.values() {
            let Some(rest) = left.checked_sub(bytes_of(evidence).len() + WRAPPING_BYTES) else { break };
            left = rest;
            taken.push(Evidence::DuplicateVote(Box::new(evidence.clone())));
        }
        List::new(taken)
    }

    /// All evidence of a block that is proposed at `now`.
    pub fn check_block(&self, list: &List, now: Now) -> Result<(), EvidenceError> {
        let (mut bytes, mut seen) = (0, Vec::new());
        for evidence in list.iter() {
            let Evidence::DuplicateVote(evidence) = evidence else {
                return invalid("only evidence of duplicate votes is accepted");
            };
            self.verify(evidence, now)?;
            let hash = hash_of(evidence);
            if seen.contains(&hash) {
                return invalid("the same evidence twice");
            }
            seen.push(hash);
            bytes += bytes_of(evidence).len();
        }
        if bytes > usize::try_from(now.params.evidence_bytes_max).unwrap_or(0) {
            return invalid(format!("{bytes} bytes of evidence, limit {}", now.params.evidence_bytes_max));
        }
        Ok(())
    }

    /// A block was decided: its evidence waits no more and will not be taken again.
    pub fn committed(&self, list: &List, height: u64) -> Result<(), EvidenceError> {
        for evidence in list.iter() {
            if let Evidence::DuplicateVote(evidence) = evidence {
                let hash = hash_of(evidence);
                self.lock().remove(&hash);
                self.blocks.save_evidence(&hash, height)?;
            }
        }
        Ok(())
    }

    fn validators(&self, height: u64) -> Result<Validators, EvidenceError> {
        match self.blocks.validators(height)? {
            Some(validators) => Ok(validators),
            None => invalid(format!("the validators of height {height} are not known")),
        }
    }

    fn time_of(&self, height: u64) -> Result<Time, EvidenceError> {
        match self.blocks.block(height)? {
            Some((_, block)) => Ok(block.header.time),
            None => invalid(format!("don't have header at height #{height}")),
        }
    }

    fn verify(&self, evidence: &DuplicateVoteEvidence, now: Now) -> Result<(), EvidenceError> {
        let height = evidence.vote_a.height.value();
        if self.blocks.evidence_height(&hash_of(evidence))?.is_some_and(|committed| committed <= now.height) {
            return Err(EvidenceError::Committed);
        }
        if height > now.height {
            return invalid(format!("evidence of height {height}, the chain is at {}", now.height));
        }
        let time = self.time_of(height)?;
        if evidence.timestamp != time {
            return invalid("evidence has a different time to the block it is associated with");
        }
        let age = now.time.duration_since(time).unwrap_or(Duration::ZERO);
        let params = &now.params;
        if now.height - height > params.evidence_age_blocks && age > params.evidence_age {
            return invalid(format!("evidence of height {height} is too old"));
        }
        check_pair(&self.chain_id, evidence, &self.validators(height)?)
    }
}

/// What does not depend on the chain's end. Pure.
fn check_pair(chain_id: &str, evidence: &DuplicateVoteEvidence, validators: &Validators) -> Result<(), EvidenceError> {
    let (a, b) = (&evidence.vote_a, &evidence.vote_b);
    if (a.height, a.round, a.vote_type) != (b.height, b.round, b.vote_type) {
        return invalid("the votes are of different places");
    }
    if a.validator_address != b.validator_address {
        return invalid("the votes are of different validators");
    }
    match key_of(a).cmp(&key_of(b)) {
        std::cmp::Ordering::Less => {}
        std::cmp::Ordering::Equal => return invalid("the votes are for the same block"),
        std::cmp::Ordering::Greater => return invalid("the votes are in the wrong order"),
    }
    let address = address_bytes(a.validator_address);
    let Some(validator) = validators.find(&address) else {
        return invalid("the votes are of no validator of that height");
    };
    if evidence.validator_power.value() != validator.power
        || evidence.total_voting_power.value() != validators.total_power()
    {
        return invalid("the powers are not those of that height");
    }
    if [a, b].iter().all(|vote| is_signed(chain_id, vote, validator)) {
        Ok(())
    } else {
        invalid("a signature is wrong")
    }
}

fn is_signed(chain_id: &str, vote: &Vote, validator: &Validator) -> bool {
    let (Some(time), Some(signature)) = (vote.timestamp, vote.signature.as_ref()) else { return false };
    let value = match &vote.block_id {
        None => NilOrVal::Nil,
        Some(id) => NilOrVal::Val(form::to_block_ref(id)),
    };
    let kind = match vote.vote_type {
        Type::Prevote => VoteType::Prevote,
        Type::Precommit => VoteType::Precommit,
    };
    let vote = crate::engine::context::Vote {
        kind,
        height: Height(vote.height.value()),
        round: Round::new(vote.round.value()),
        value,
        address: Address(validator.address),
    };
    verify(&validator.public_key, &form::vote_sign_bytes(chain_id, &vote, time), signature.as_bytes())
}

/// What CometBFT orders the two votes by.
fn key_of(vote: &Vote) -> Vec<u8> {
    let Some(id) = &vote.block_id else { return proto::PartSetHeader::default().encode_to_vec() };
    let mut key = id.hash.as_bytes().to_vec();
    key.extend(proto::PartSetHeader::from(id.part_set_header).encode_to_vec());
    key
}

fn to_vote(signed: &SignedVote<Context>, validators: &Validators) -> Option<Vote> {
    let vote = &signed.message;
    let index = validators.iter().position(|validator| validator.address == vote.address.0)?;
    Some(Vote {
        vote_type: match vote.kind {
            VoteType::Prevote => Type::Prevote,
            VoteType::Precommit => Type::Precommit,
        },
        height: vote.height.0.try_into().ok()?,
        round: vote.round.as_u32()?.try_into().ok()?,
        block_id: match &vote.value {
            NilOrVal::Nil => None,
            NilOrVal::Val(block) => Some(form::block_id(block)),
        },
        timestamp: Some(signed.signature.time()?),
        validator_address: tendermint::account::Id::new(vote.address.0),
        validator_index: ValidatorIndex::try_from(u32::try_from(index).ok()?).ok()?,
        signature: tendermint::Signature::new(signed.signature.bytes).ok()?,
        extension: Vec::new(),
        extension_signature: None,
    })
}

fn to_power(power: u64) -> Result<tendermint::vote::Power, EvidenceError> {
    power.try_into().map_err(|_| EvidenceError::Invalid("the power is out of range".to_string()))
}

fn bytes_of(evidence: &DuplicateVoteEvidence) -> Vec<u8> {
    akash_types::comet::duplicate_vote(evidence).encode_to_vec()
}

/// How CometBFT names it.
fn hash_of(evidence: &DuplicateVoteEvidence) -> [u8; 32] {
    form::sha256(&bytes_of(evidence))
}

/// What the application is told.
pub fn misbehavior(list: &List) -> Vec<Misbehavior> {
    let told = |evidence: &Evidence| match evidence {
        Evidence::DuplicateVote(evidence) => Some(Misbehavior {
            address: address_bytes(evidence.vote_a.validator_address),
            power: signed(evidence.validator_power.value()),
            height: signed(evidence.vote_a.height.value()),
            time: app_time(evidence.timestamp),
            total_power: signed(evidence.total_voting_power.value()),
        }),
        Evidence::LightClientAttack(_) => None,
    };
    list.iter().filter_map(told).collect()
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
