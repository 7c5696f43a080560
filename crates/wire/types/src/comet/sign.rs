use prost::Message;
use tendermint::Time;
use tendermint::block::Id as BlockId;
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::types::{CanonicalBlockId, CanonicalPartSetHeader, CanonicalProposal, CanonicalVote};

/// The type number of a proposal.
const PROPOSAL: i32 = 32;

/// The two kinds of votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoteKind {
    Prevote = 1,
    Precommit = 2,
}

/// What a validator signs to vote, for a block or (`None`) for nil.
///
/// Each precommit has a time of its own, so that the signers of one block sign different bytes.
#[must_use]
pub fn vote_sign_bytes(
    chain_id: &str,
    kind: VoteKind,
    (height, round): (u64, u32),
    block_id: Option<&BlockId>,
    time: Time,
) -> Vec<u8> {
    CanonicalVote {
        r#type: kind as i32,
        height: height.cast_signed(),
        round: i64::from(round),
        block_id: block_id.map(canonical_block_id),
        timestamp: Some(timestamp(time)),
        chain_id: chain_id.to_owned(),
    }
    .encode_length_delimited_to_vec()
}

/// What a proposer signs. `pol_round` is the round of the prevotes that back a repeated proposal, if it is one.
#[must_use]
pub fn proposal_sign_bytes(
    chain_id: &str,
    (height, round): (u64, u32),
    pol_round: Option<u32>,
    block_id: &BlockId,
    time: Time,
) -> Vec<u8> {
    CanonicalProposal {
        r#type: PROPOSAL,
        height: height.cast_signed(),
        round: i64::from(round),
        pol_round: pol_round.map_or(-1, i64::from),
        block_id: Some(canonical_block_id(block_id)),
        timestamp: Some(timestamp(time)),
        chain_id: chain_id.to_owned(),
    }
    .encode_length_delimited_to_vec()
}

fn canonical_block_id(id: &BlockId) -> CanonicalBlockId {
    let header = &id.part_set_header;
    CanonicalBlockId {
        hash: id.hash.as_bytes().to_vec(),
        part_set_header: Some(CanonicalPartSetHeader { total: header.total, hash: header.hash.as_bytes().to_vec() }),
    }
}

fn timestamp(time: Time) -> Timestamp {
    let nanos = time.unix_timestamp_nanos().rem_euclid(1_000_000_000);
    Timestamp { seconds: time.unix_timestamp(), nanos: nanos as i32 }
}
