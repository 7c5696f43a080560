//! What CometBFT 0.38 hashes and signs, as far as the `tendermint` crate does not have it.
//!
//! That crate has the header's hash (`Header::hash`) and a validator set's (`Set::hash`). Here are the other hashes
//! that go into a header, the parts of a block, the bytes that validators sign, and the time of a block.
//!
//! Pure functions on that crate's types; which validator proposes, and when, is not known here.

mod hashes;
mod parts;
mod sign;
mod time;

pub use hashes::{
    TxResult, commit_hash, consensus_hash, data_hash, duplicate_vote, evidence_hash, merkle_root, results_hash,
};
pub use parts::{PART_BYTES, Part, PartSet};
pub use sign::{VoteKind, proposal_sign_bytes, vote_sign_bytes};
pub use time::{TimedVote, median_time};

#[cfg(test)]
mod tests;
