//! Which transactions a proposal holds, and whether a proposal may be voted for.
//!
//! A proposal's transactions decode, fit into the block's bytes, and ask for no more gas than the block has. Whether
//! they succeed is not asked: a transaction that fails pays its fee and stands in the block.

use akash_proto::tendermint::types::ConsensusParams;
use akash_types::tx;
use bytes::Bytes;

use crate::block::{BlockInput, Verdict};
use crate::consensus;

/// Picks from the candidates in their order, up to the first that does not fit. What does not decode is left out.
pub fn build(params: &ConsensusParams, candidates: Vec<Bytes>, max_bytes: u64) -> Vec<Bytes> {
    let mut room = Room { bytes: max_bytes, gas: consensus::max_gas(params) };
    let mut picked = Vec::new();
    for candidate in candidates {
        let Some(gas) = gas_wanted(&candidate) else { continue };
        match room.without(&candidate, gas) {
            Some(rest) => room = rest,
            None => break,
        }
        picked.push(candidate);
    }
    picked
}

/// Judges somebody's proposal. All nodes answer alike.
pub fn judge(params: &ConsensusParams, block: &BlockInput) -> Verdict {
    let bytes = u64::try_from(consensus::max_bytes(params)).unwrap_or(0);
    let mut room = Room { bytes, gas: consensus::max_gas(params) };
    for (index, tx) in block.txs.iter().enumerate() {
        let Some(gas) = gas_wanted(tx) else {
            return Verdict::Reject(format!("transaction {index} does not decode"));
        };
        match room.without(tx, gas) {
            Some(rest) => room = rest,
            None => return Verdict::Reject(format!("transaction {index} goes beyond the block's bytes or gas")),
        }
    }
    Verdict::Accept
}

/// What is left of a block.
#[derive(Clone, Copy)]
struct Room {
    bytes: u64,
    /// No limit if none.
    gas: Option<u64>,
}

impl Room {
    fn without(self, tx: &[u8], gas: u64) -> Option<Self> {
        let gas = match self.gas {
            None => None,
            Some(left) => Some(left.checked_sub(gas)?),
        };
        Some(Self { bytes: self.bytes.checked_sub(encoded_len(tx))?, gas })
    }
}

/// The bytes that a transaction takes in a block's list: tag, length, itself.
fn encoded_len(tx: &[u8]) -> u64 {
    let length = tx.len();
    (1 + prost::length_delimiter_len(length) + length) as u64
}

/// What the transaction may use; nothing when the bytes are no transaction.
fn gas_wanted(bytes: &[u8]) -> Option<u64> {
    let decoded = tx::decode(bytes).ok()?;
    Some(decoded.auth_info.fee.map_or(0, |fee| fee.gas_limit))
}
