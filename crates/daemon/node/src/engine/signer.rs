//! Signing and verifying for the engine: canonical CometBFT sign bytes under ed25519.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use ed25519_consensus::{Signature, SigningKey, VerificationKey};
use malachite::app::consensus::SignedConsensusMsg;
use malachite::app::types::core::{SignedExtension, SignedProposal, SignedVote, ValidatorProof, VoteExtensionScope};
use malachite_signing::{Error as SigningError, Signer, VerificationResult, Verifier};
use tendermint::Time;

use super::context::{Address, Context, Init, Proposal, TimedSignature, Vote, VoteType};
use super::last_sign::{LastSign, LastSignError, Position, Step};
use crate::chain::form;
use crate::chain::validators::address_of;
use crate::clock::Clock;
use crate::stop::Fatal;

#[derive(Debug, thiserror::Error)]
#[error("vote extensions are not in use on this chain")]
struct NoExtensions;

#[derive(Debug, thiserror::Error)]
#[error("this machine's clock shows no time that a vote can carry")]
struct NoTime;

#[derive(Clone)]
pub struct BlockVerifier {
    pub chain_id: String,
}

fn check(key: &VerificationKey, message: &[u8], signature: &TimedSignature) -> VerificationResult {
    VerificationResult::from_bool(key.verify(&Signature::from(signature.bytes), message).is_ok())
}

#[async_trait]
impl Verifier<Context> for BlockVerifier {
    async fn verify_signed_vote(
        &self,
        vote: &Vote,
        signature: &TimedSignature,
        key: &VerificationKey,
    ) -> Result<VerificationResult, SigningError> {
        let Some(time) = signature.time() else { return Ok(VerificationResult::Invalid) };
        Ok(check(key, &form::vote_sign_bytes(&self.chain_id, vote, time), signature))
    }

    async fn verify_signed_proposal(
        &self,
        proposal: &Proposal,
        signature: &TimedSignature,
        key: &VerificationKey,
    ) -> Result<VerificationResult, SigningError> {
        let Some(time) = signature.time() else { return Ok(VerificationResult::Invalid) };
        Ok(check(key, &form::proposal_sign_bytes(&self.chain_id, proposal, time), signature))
    }

    async fn verify_signed_vote_extension(
        &self,
        _scope: &VoteExtensionScope<Context>,
        _extension: &Bytes,
        _signature: &TimedSignature,
        _key: &VerificationKey,
    ) -> Result<VerificationResult, SigningError> {
        Ok(VerificationResult::Invalid)
    }

    async fn verify_validator_proof(
        &self,
        proof: &ValidatorProof<Context>,
    ) -> Result<VerificationResult, SigningError> {
        let key = proof.decoded_public_key().map_err(SigningError::from_source)?;
        Ok(check(&key, &proof.preimage(), &proof.signature))
    }
}

/// The consensus key with its vote state. Clones share both.
#[derive(Clone)]
pub struct BlockSigner {
    chain_id: String,
    key: SigningKey,
    state: Arc<Mutex<LastSign>>,
    /// Milliseconds of the latest block time: a vote's time must exceed it.
    floor_ms: Arc<AtomicI64>,
    fatal: Fatal,
    clock: Clock,
}

impl BlockSigner {
    pub fn new(chain_id: String, key: SigningKey, state: LastSign, fatal: Fatal, clock: Clock) -> Self {
        let floor_ms = Arc::new(AtomicI64::new(0));
        Self { chain_id, key, state: Arc::new(Mutex::new(state)), floor_ms, fatal, clock }
    }

    /// A block of this time is about to be voted on.
    pub fn raise_floor(&self, block_time_ms: i64) {
        self.floor_ms.fetch_max(block_time_ms, Ordering::SeqCst);
    }

    /// The clock that votes are dated by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn public_key(&self) -> [u8; 32] {
        self.key.verification_key().to_bytes()
    }

    /// Announces a block of ours. It is no vote: the same place may be announced again.
    pub fn sign_parts(&self, init: &Init) -> [u8; 64] {
        self.key.sign(&init.sign_bytes(&self.chain_id)).to_bytes()
    }

    /// Makes the last signature durable, and this one if it is ours: it may leave then. A failure ends the node.
    pub fn leaves(&self, message: &SignedConsensusMsg<Context>) -> Result<(), LastSignError> {
        let me = Address(address_of(&self.public_key()));
        let own = match message {
            SignedConsensusMsg::Vote(vote) if vote.message.address == me => {
                let bytes = |time| form::vote_sign_bytes(&self.chain_id, &vote.message, time);
                Some((position_of(&vote.message), vote.signature, vote.signature.time().map(bytes)))
            }
            SignedConsensusMsg::Proposal(proposal) if proposal.message.address == me => {
                let message = &proposal.message;
                let round = message.round.as_u32().unwrap_or(0);
                let bytes = |time| form::proposal_sign_bytes(&self.chain_id, message, time);
                let position = Position { height: message.height.0, round, step: Step::Propose };
                Some((position, proposal.signature, proposal.signature.time().map(bytes)))
            }
            SignedConsensusMsg::Vote(_) | SignedConsensusMsg::Proposal(_) => None,
        };
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let adopted = match own {
            Some((position, signature, Some(bytes))) => state.adopt(position, bytes, signature),
            Some((_, _, None)) | None => Ok(()),
        };
        adopted.and_then(|()| state.flush()).inspect_err(|error| self.fatal.report(error.to_string()))
    }

    /// Where the last signature was made.
    pub fn position(&self) -> Option<Position> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner).position()
    }

    fn now(&self) -> Option<Time> {
        let ms = self.clock.now_ms().max(self.floor_ms.load(Ordering::SeqCst) + 1);
        Time::from_unix_timestamp(ms.div_euclid(1000), ms.rem_euclid(1000) as u32 * 1_000_000).ok()
    }

    /// A refusal ends the node: going on would be silence at best and a double vote at worst.
    fn sign(&self, position: Position, sign_bytes: impl Fn(Time) -> Vec<u8>) -> Result<TimedSignature, SigningError> {
        let now = self.now().ok_or_else(|| SigningError::from_source(NoTime))?;
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let signed = state.sign(position, now, sign_bytes, |message| self.key.sign(message).to_bytes());
        signed.map_err(|error| {
            self.fatal.report(error.to_string());
            SigningError::from_source(error)
        })
    }
}

fn position_of(vote: &Vote) -> Position {
    let step = match vote.kind {
        VoteType::Prevote => Step::Prevote,
        VoteType::Precommit => Step::Precommit,
    };
    Position { height: vote.height.0, round: vote.round.as_u32().unwrap_or(0), step }
}

#[async_trait]
impl Signer<Context> for BlockSigner {
    async fn sign_vote(&self, vote: Vote) -> Result<SignedVote<Context>, SigningError> {
        let signature = self.sign(position_of(&vote), |time| form::vote_sign_bytes(&self.chain_id, &vote, time))?;
        Ok(SignedVote::new(vote, signature))
    }

    async fn sign_proposal(&self, proposal: Proposal) -> Result<SignedProposal<Context>, SigningError> {
        let round = proposal.round.as_u32().unwrap_or(0);
        let position = Position { height: proposal.height.0, round, step: Step::Propose };
        let signature = self.sign(position, |time| form::proposal_sign_bytes(&self.chain_id, &proposal, time))?;
        Ok(SignedProposal::new(proposal, signature))
    }

    async fn sign_vote_extension(
        &self,
        _scope: VoteExtensionScope<Context>,
        _extension: Bytes,
    ) -> Result<SignedExtension<Context>, SigningError> {
        Err(SigningError::from_source(NoExtensions))
    }

    async fn sign_validator_proof(
        &self,
        public_key: Vec<u8>,
        peer_id: Vec<u8>,
    ) -> Result<ValidatorProof<Context>, SigningError> {
        let message = ValidatorProof::<Context>::signing_bytes(&public_key, &peer_id);
        let bytes = self.key.sign(&message).to_bytes();
        Ok(ValidatorProof::new(public_key, peer_id, TimedSignature { seconds: 0, nanos: 0, bytes }))
    }
}
