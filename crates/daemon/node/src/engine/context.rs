//! Malachite's `Context` in the terms of CometBFT 0.38.
//!
//! The decided value is a block's identity; the block itself travels as proposal parts. A signature carries the
//! timestamp that was signed: certificates keep (address, signature), so that every validator's own time survives
//! commits, write-ahead log and sync, while `Vote` itself stays equal when the engine rebuilds it on replay.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use ed25519_consensus::{SigningKey, VerificationKey};
use malachite::app::types::core as malachite_types;
pub use malachite_types::{LinearTimeouts, NilOrVal, Round, VoteType};

use crate::chain::form;
use crate::chain::validators::{Validator as ChainValidator, Validators};

#[derive(Copy, Clone, Default, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Height(pub u64);

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl malachite_types::Height for Height {
    const ZERO: Self = Height(0);
    const INITIAL: Self = Height(1);

    fn increment_by(&self, n: u64) -> Self {
        Height(self.0.saturating_add(n))
    }

    fn decrement_by(&self, n: u64) -> Option<Self> {
        self.0.checked_sub(n).map(Height)
    }

    fn as_u64(&self) -> u64 {
        self.0
    }
}

/// A validator's address: the first 20 bytes of SHA-256 of its ed25519 key.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub [u8; 20]);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_upper(self.0))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl malachite_types::Address for Address {}

/// CometBFT's BlockID; both the engine's value and the value's id.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockRef {
    pub hash: [u8; 32],
    pub total: u32,
    pub parts: [u8; 32],
}

impl fmt::Display for BlockRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", hex::encode_upper(&self.hash[..6]), self.total, hex::encode_upper(&self.parts[..4]))
    }
}

impl fmt::Debug for BlockRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl malachite_types::Value for BlockRef {
    type Id = BlockRef;

    fn id(&self) -> BlockRef {
        *self
    }
}

/// An ed25519 signature together with the time that it covers.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimedSignature {
    pub seconds: i64,
    pub nanos: u32,
    pub bytes: [u8; 64],
}

impl TimedSignature {
    pub const LEN: usize = 76;
    /// In place of a signature that is not given. Its time does not exist, so that it verifies for nothing.
    pub const NONE: Self = Self { seconds: 0, nanos: u32::MAX, bytes: [0; 64] };

    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        out[..8].copy_from_slice(&self.seconds.to_be_bytes());
        out[8..12].copy_from_slice(&self.nanos.to_be_bytes());
        out[12..].copy_from_slice(&self.bytes);
        out
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().ok()?;
        Some(Self {
            seconds: i64::from_be_bytes(bytes[..8].try_into().ok()?),
            nanos: u32::from_be_bytes(bytes[8..12].try_into().ok()?),
            bytes: bytes[12..].try_into().ok()?,
        })
    }

    pub fn new(time: tendermint::Time, bytes: [u8; 64]) -> Self {
        let (seconds, nanos) = form::split_time(time);
        Self { seconds, nanos, bytes }
    }

    /// None when somebody made up a time that does not exist.
    pub fn time(&self) -> Option<tendermint::Time> {
        tendermint::Time::from_unix_timestamp(self.seconds, self.nanos).ok()
    }
}

impl fmt::Debug for TimedSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}/{}", self.seconds, self.nanos, hex::encode(&self.bytes[..4]))
    }
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Ed25519;

impl malachite_types::SigningScheme for Ed25519 {
    type DecodingError = String;
    type Signature = TimedSignature;
    type PublicKey = VerificationKey;
    type PrivateKey = SigningKey;

    fn decode_signature(bytes: &[u8]) -> Result<TimedSignature, String> {
        TimedSignature::from_bytes(bytes).ok_or_else(|| format!("a signature has {} bytes", TimedSignature::LEN))
    }

    fn encode_signature(signature: &TimedSignature) -> Vec<u8> {
        signature.to_bytes().to_vec()
    }

    fn decode_public_key(bytes: &[u8]) -> Result<VerificationKey, String> {
        VerificationKey::try_from(bytes).map_err(|error| error.to_string())
    }

    fn encode_public_key(key: &VerificationKey) -> Vec<u8> {
        key.as_bytes().to_vec()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    pub address: Address,
    pub key: VerificationKey,
    pub power: u64,
}

impl malachite_types::Validator<Context> for Validator {
    fn address(&self) -> &Address {
        &self.address
    }

    fn public_key(&self) -> &VerificationKey {
        &self.key
    }

    fn voting_power(&self) -> u64 {
        self.power
    }
}

/// The validators of one height in CometBFT's order, with the priorities that choose the proposer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorSet {
    members: Arc<Vec<Validator>>,
    chain: Arc<Validators>,
}

impl ValidatorSet {
    /// Keys were checked when they entered the set; one that is no point on the curve can never sign and is left out.
    pub fn new(chain: Arc<Validators>) -> Self {
        let member = |validator: &ChainValidator| {
            let key = VerificationKey::try_from(&validator.public_key[..]).ok()?;
            Some(Validator { address: Address(validator.address), key, power: validator.power })
        };
        Self { members: Arc::new(chain.iter().filter_map(member).collect()), chain }
    }
}

impl malachite_types::ValidatorSet<Context> for ValidatorSet {
    fn count(&self) -> usize {
        self.members.len()
    }

    fn total_voting_power(&self) -> u64 {
        self.members.iter().map(|validator| validator.power).sum()
    }

    fn get_by_address(&self, address: &Address) -> Option<&Validator> {
        self.members.iter().find(|validator| validator.address == *address)
    }

    fn get_by_index(&self, index: usize) -> Option<&Validator> {
        self.members.get(index)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub height: Height,
    pub round: Round,
    pub value: BlockRef,
    pub pol_round: Round,
    pub address: Address,
}

impl malachite_types::Proposal<Context> for Proposal {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &BlockRef {
        &self.value
    }

    fn take_value(self) -> BlockRef {
        self.value
    }

    fn pol_round(&self) -> Round {
        self.pol_round
    }

    fn validator_address(&self) -> &Address {
        &self.address
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    pub kind: VoteType,
    pub height: Height,
    pub round: Round,
    pub value: NilOrVal<BlockRef>,
    pub address: Address,
}

impl malachite_types::Vote<Context> for Vote {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &NilOrVal<BlockRef> {
        &self.value
    }

    fn take_value(self) -> NilOrVal<BlockRef> {
        self.value
    }

    fn vote_type(&self) -> VoteType {
        self.kind
    }

    fn validator_address(&self) -> &Address {
        &self.address
    }

    fn extension(&self) -> Option<&malachite_types::SignedExtension<Context>> {
        None
    }

    fn take_extension(&mut self) -> Option<malachite_types::SignedExtension<Context>> {
        None
    }

    fn extend(self, _: malachite_types::SignedExtension<Context>) -> Self {
        self
    }
}

/// What comes first of a proposed block: whose it is, and what the pieces add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Init {
    pub height: Height,
    pub round: Round,
    pub pol_round: Round,
    pub proposer: Address,
    pub len: u32,
    /// SHA-256 of all bytes.
    pub hash: [u8; 32],
    /// The proposer's, over all of the above.
    pub signature: [u8; 64],
}

impl Init {
    /// Begins like no vote and no proposal of CometBFT, so that a signature of one is none of the other.
    pub fn sign_bytes(&self, chain_id: &str) -> Vec<u8> {
        let mut bytes = b"akash/proposal-parts/1\0".to_vec();
        bytes.extend((chain_id.len() as u64).to_be_bytes());
        bytes.extend(chain_id.as_bytes());
        bytes.extend(self.height.0.to_be_bytes());
        bytes.extend(self.round.as_i64().to_be_bytes());
        bytes.extend(self.pol_round.as_i64().to_be_bytes());
        bytes.extend(self.proposer.0);
        bytes.extend(self.len.to_be_bytes());
        bytes.extend(self.hash);
        bytes
    }
}

/// A piece of a proposed block on its way between nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Init(Init),
    Data(Bytes),
}

impl malachite_types::ProposalPart<Context> for Part {
    fn is_first(&self) -> bool {
        matches!(self, Part::Init(_))
    }

    /// The end of a stream is a message of its own.
    fn is_last(&self) -> bool {
        false
    }
}

#[derive(Clone, Debug)]
pub struct Context;

impl malachite_types::Context for Context {
    type Address = Address;
    type Height = Height;
    type ProposalPart = Part;
    type Proposal = Proposal;
    type Validator = Validator;
    type ValidatorSet = ValidatorSet;
    type Timeouts = LinearTimeouts;
    type Value = BlockRef;
    type Vote = Vote;
    type Extension = Bytes;
    type SigningScheme = Ed25519;

    fn select_proposer<'a>(&self, set: &'a ValidatorSet, _height: Height, round: Round) -> &'a Validator {
        let proposer = set.chain.proposer(round.as_u32().unwrap_or(0));
        set.members
            .iter()
            .find(|validator| validator.address.0 == proposer)
            .or(set.members.first())
            .expect("genesis and validator updates never leave an empty set")
    }

    fn new_proposal(
        &self,
        height: Height,
        round: Round,
        value: BlockRef,
        pol_round: Round,
        address: Address,
    ) -> Proposal {
        Proposal { height, round, value, pol_round, address }
    }

    fn new_prevote(&self, height: Height, round: Round, value: NilOrVal<BlockRef>, address: Address) -> Vote {
        Vote { kind: VoteType::Prevote, height, round, value, address }
    }

    fn new_precommit(&self, height: Height, round: Round, value: NilOrVal<BlockRef>, address: Address) -> Vote {
        Vote { kind: VoteType::Precommit, height, round, value, address }
    }
}
