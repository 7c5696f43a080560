//! What goes into a block and what comes out of it.

use akash_kernel::{Event, Time};
use akash_proto::tendermint::types::ConsensusParams;
use bytes::Bytes;

use crate::outcome::TxOutcome;

/// A block to execute, or to judge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockInput {
    pub height: i64,
    pub time: Time,
    pub proposer_address: Vec<u8>,
    pub txs: Vec<Bytes>,
    /// Who signed the block before.
    pub last_commit: Vec<VoteInfo>,
    pub misbehavior: Vec<Misbehavior>,
}

/// A validator's part in the last commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteInfo {
    pub address: [u8; 20],
    pub power: i64,
    pub signed: bool,
}

/// A validator that signed two blocks of one height. Nothing is done with it yet: there is no slashing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misbehavior {
    pub address: [u8; 20],
    pub power: i64,
    pub height: i64,
    pub time: Time,
    pub total_power: i64,
}

/// What a block did. It becomes durable with the commit that follows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlockOutcome {
    /// One for each transaction, in order.
    pub tx_results: Vec<TxOutcome>,
    /// Events of the block itself, before and after those of its transactions.
    pub events: Vec<Event>,
    /// Changed ed25519 keys with their new powers.
    pub validator_updates: Vec<([u8; 32], i64)>,
    /// In force from the next height on.
    pub consensus_params: ConsensusParams,
}

/// What genesis made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InitOutcome {
    /// Ed25519 keys and powers.
    pub validators: Vec<([u8; 32], i64)>,
    /// What the first header says; the state of genesis itself is committed with the first block.
    pub app_hash: Vec<u8>,
}

/// Whether a proposal may be voted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Accept,
    Reject(String),
}
