//! Signing and verifying for the engine: canonical CometBFT sign bytes under ed25519.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use ed25519_consensus::{Signature, SigningKey, VerificationKey};
use malachite::app::consensus::{LivenessMsg, SignedConsensusMsg};
use malachite::app::types::core::{SignedExtension, SignedProposal, SignedVote, ValidatorProof, VoteExtensionScope};
use malachite_signing::{Error as SigningError, Signer, VerificationResult, Verifier};
use prost::Message as _;
use tendermint::Time;
use tendermint_proto::v0_38::types as proto;

use super::context::{Address, BlockRef, Context, Init, NilOrVal, Proposal, TimedSignature, Vote, VoteType};
use super::last_sign::{LastSign, LastSignError, Position, Signed, Signing, Step};
use crate::chain::form;
use crate::chain::validators::address_of;
use crate::clock::Clock;
use crate::stop::Fatal;

#[derive(Debug, thiserror::Error)]
#[error("vote extensions are not in use on this chain")]
struct NoExtensions;

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
    quiet_until: Arc<AtomicU64>,
    fatal: Fatal,
    clock: Clock,
}

impl BlockSigner {
    pub fn new(chain_id: String, key: SigningKey, state: LastSign, fatal: Fatal, clock: Clock) -> Self {
        let state = Arc::new(Mutex::new(state));
        Self { chain_id, key, state, floor_ms: Arc::default(), quiet_until: Arc::default(), fatal, clock }
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

    /// False when this message must not go to others: what we did not sign, or another one than we signed. One of ours
    /// is durable from here on. An error ends the node.
    pub fn leaves(&self, message: &SignedConsensusMsg<Context>) -> Result<bool, LastSignError> {
        let me = Address(address_of(&self.public_key()));
        let (position, signature, sign_bytes) = match message {
            SignedConsensusMsg::Vote(vote) if vote.message.address == me => {
                let bytes = |time| form::vote_sign_bytes(&self.chain_id, &vote.message, time);
                (position_of(&vote.message), vote.signature, vote.signature.time().map(bytes))
            }
            SignedConsensusMsg::Proposal(proposal) if proposal.message.address == me => {
                let message = &proposal.message;
                let bytes = |time| form::proposal_sign_bytes(&self.chain_id, message, time);
                (place_of(message), proposal.signature, proposal.signature.time().map(bytes))
            }
            SignedConsensusMsg::Vote(_) | SignedConsensusMsg::Proposal(_) => return Ok(true),
        };
        let Some(sign_bytes) = sign_bytes else { return Ok(false) };
        let leaves = self.lock().leaves(position, Signed { sign_bytes, signature });
        leaves.inspect_err(|error| self.fatal.report(error.to_string()))
    }

    /// The same for what is said again; a certificate holds votes that may not have left by themselves.
    pub fn leaves_within(&self, message: &LivenessMsg<Context>) -> Result<bool, LastSignError> {
        let votes: Vec<_> = match message {
            LivenessMsg::Vote(vote) => return self.leaves(&SignedConsensusMsg::Vote(vote.clone())),
            LivenessMsg::PolkaCertificate(certificate) => certificate.votes(&Context).collect(),
            LivenessMsg::SkipRoundCertificate(certificate) => certificate.votes(&Context).collect(),
        };
        for vote in votes {
            self.leaves(&SignedConsensusMsg::Vote(vote))?;
        }
        Ok(true)
    }

    /// Where the last signature was made.
    pub fn position(&self) -> Option<Position> {
        self.lock().position()
    }

    /// Nothing is signed up to this height: another process uses the key.
    pub fn keep_quiet_until(&self, height: u64) {
        self.quiet_until.fetch_max(height, Ordering::SeqCst);
    }

    /// Whether a proposal would be signed. Whoever knows that it would not need not make it.
    pub fn may_propose(&self, proposal: &Proposal) -> bool {
        let position = place_of(proposal);
        let bytes = |time| form::proposal_sign_bytes(&self.chain_id, proposal, time);
        !self.is_quiet(position) && matches!(self.lock().look(position, bytes), None | Some(Signing::Done(_)))
    }

    fn is_quiet(&self, position: Position) -> bool {
        position.height <= self.quiet_until.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, LastSign> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Option<Time> {
        let ms = self.clock.now_ms().max(self.floor_ms.load(Ordering::SeqCst) + 1);
        Time::from_unix_timestamp(ms.div_euclid(1000), ms.rem_euclid(1000) as u32 * 1_000_000).ok()
    }

    /// What is refused is an ordinary thing: the validator stays silent there, and the others go on without it.
    fn sign(&self, position: Position, sign_bytes: impl Fn(Time) -> Vec<u8>) -> Signing {
        if self.is_quiet(position) {
            return Signing::Past;
        }
        let Some(now) = self.now() else {
            tracing::error!("this machine's clock shows no time that a vote can carry");
            return Signing::Past;
        };
        let signing = self.lock().sign(position, now, sign_bytes, |message| self.key.sign(message).to_bytes());
        if !matches!(signing, Signing::Done(_)) {
            tracing::warn!(?position, last = ?self.position(), "not signing: something was signed there or further on");
        }
        signing
    }
}

fn position_of(vote: &Vote) -> Position {
    let step = match vote.kind {
        VoteType::Prevote => Step::Prevote,
        VoteType::Precommit => Step::Precommit,
    };
    Position { height: vote.height.0, round: vote.round.as_u32().unwrap_or(0), step }
}

fn place_of(proposal: &Proposal) -> Position {
    Position { height: proposal.height.0, round: proposal.round.as_u32().unwrap_or(0), step: Step::Propose }
}

/// The value in the canonical sign bytes of a vote.
fn value_of(sign_bytes: &[u8]) -> Option<NilOrVal<BlockRef>> {
    let vote = proto::CanonicalVote::decode_length_delimited(sign_bytes).ok()?;
    let Some(id) = vote.block_id else { return Some(NilOrVal::Nil) };
    let parts = id.part_set_header?;
    let (hash, total) = (id.hash.try_into().ok()?, parts.total);
    Some(NilOrVal::Val(BlockRef { hash, total, parts: parts.hash.try_into().ok()? }))
}

#[async_trait]
impl Signer<Context> for BlockSigner {
    /// The engine does not know silence. A vote with no signature is one that it neither counts nor logs, and that
    /// `leaves` keeps back. Where another vote of ours stands, that one is our vote: others may have it.
    async fn sign_vote(&self, vote: Vote) -> Result<SignedVote<Context>, SigningError> {
        let signing = self.sign(position_of(&vote), |time| form::vote_sign_bytes(&self.chain_id, &vote, time));
        Ok(match signing {
            Signing::Done(signature) => SignedVote::new(vote, signature),
            Signing::Taken(Signed { sign_bytes, signature }) => match value_of(&sign_bytes) {
                Some(value) => SignedVote::new(Vote { value, ..vote }, signature),
                None => SignedVote::new(vote, TimedSignature::NONE),
            },
            Signing::Past => SignedVote::new(vote, TimedSignature::NONE),
        })
    }

    async fn sign_proposal(&self, proposal: Proposal) -> Result<SignedProposal<Context>, SigningError> {
        let bytes = |time| form::proposal_sign_bytes(&self.chain_id, &proposal, time);
        let signature = match self.sign(place_of(&proposal), bytes) {
            Signing::Done(signature) => signature,
            Signing::Taken(_) | Signing::Past => TimedSignature::NONE,
        };
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
