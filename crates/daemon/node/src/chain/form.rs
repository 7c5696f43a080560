//! Blocks as bytes, and the bridge from the engine's types to the forms of `akash_types::comet`. Pure.

use akash_types::comet::{self, TimedVote, TxResult, VoteKind};
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tendermint::block::{Block, Commit, CommitSig};
use tendermint::evidence::Evidence;
use tendermint::{Hash, Time};
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::abci::ExecTxResult;
use tendermint_proto::v0_38::types as proto;

pub use akash_types::comet::{PART_BYTES, commit_hash, consensus_hash, data_hash, evidence_hash, merkle_root};

use super::validators::Validators;
use crate::engine::context::{BlockRef, NilOrVal, Proposal, Vote, VoteType};

pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Root over the part of each result that every node must agree on.
pub fn results_hash(results: &[ExecTxResult]) -> [u8; 32] {
    comet::results_hash(results.iter().map(|result| TxResult {
        code: result.code,
        data: result.data.to_vec(),
        gas_wanted: result.gas_wanted,
        gas_used: result.gas_used,
    }))
}

/// The block as it travels and as its parts are cut; an absent message is written the way Go writes it.
pub fn encode_block(block: &Block) -> Vec<u8> {
    let empty_id = || proto::BlockId { hash: Vec::new(), part_set_header: Some(proto::PartSetHeader::default()) };
    let mut raw = proto::Block::from(block.clone());
    if let Some(header) = &mut raw.header {
        header.last_block_id.get_or_insert_with(empty_id);
    }
    raw.evidence = Some(evidence_list(&block.evidence));
    raw.last_commit.get_or_insert_with(|| proto::Commit { block_id: Some(empty_id()), ..Default::default() });
    raw.encode_to_vec()
}

/// How many bytes evidence takes in a block.
pub fn evidence_len(evidence: &tendermint::evidence::List) -> u64 {
    evidence_list(evidence).encoded_len() as u64
}

/// Evidence in its wire form.
pub fn evidence_list(list: &tendermint::evidence::List) -> proto::EvidenceList {
    let raw = |evidence: &Evidence| match evidence {
        Evidence::DuplicateVote(evidence) => {
            let sum = proto::evidence::Sum::DuplicateVoteEvidence(comet::duplicate_vote(evidence));
            proto::Evidence { sum: Some(sum) }
        }
        Evidence::LightClientAttack(_) => proto::Evidence::from(evidence.clone()),
    };
    proto::EvidenceList { evidence: list.iter().map(raw).collect() }
}

#[derive(Debug, thiserror::Error)]
#[error("bytes are no block: {0}")]
pub struct NoBlock(String);

pub fn decode_block(bytes: &[u8]) -> Result<Block, NoBlock> {
    let raw = proto::Block::decode(bytes).map_err(|error| NoBlock(error.to_string()))?;
    Block::try_from(raw).map_err(|error| NoBlock(error.to_string()))
}

/// The identity of a block: its header's hash and the root of the parts of its bytes.
pub fn block_ref(block: &Block, bytes: &[u8]) -> BlockRef {
    let parts: Vec<_> = bytes.chunks(PART_BYTES).collect();
    let total = u32::try_from(parts.len()).expect("a block is smaller than 4 GiB");
    BlockRef { hash: hash_bytes(block.header.hash()), total, parts: merkle_root(&parts) }
}

pub fn hash_bytes(hash: Hash) -> [u8; 32] {
    match hash {
        Hash::Sha256(bytes) => bytes,
        Hash::None => [0; 32],
    }
}

/// The time of the block after this commit. None if nobody signed.
pub fn median_time(commit: &Commit, validators: &Validators) -> Option<Time> {
    let votes: Vec<_> = commit
        .signatures
        .iter()
        .zip(validators.iter())
        .filter_map(|(entry, validator)| match entry {
            CommitSig::BlockIdFlagCommit { timestamp, .. } | CommitSig::BlockIdFlagNil { timestamp, .. } => {
                Some(TimedVote { time: *timestamp, power: validator.power })
            }
            CommitSig::BlockIdFlagAbsent => None,
        })
        .collect();
    comet::median_time(&votes)
}

pub fn block_id(block: &BlockRef) -> tendermint::block::Id {
    let parts = tendermint::block::parts::Header::new(block.total, Hash::Sha256(block.parts));
    tendermint::block::Id {
        hash: Hash::Sha256(block.hash),
        part_set_header: parts.expect("a block has at least one part"),
    }
}

pub fn to_block_ref(id: &tendermint::block::Id) -> BlockRef {
    let parts = &id.part_set_header;
    BlockRef { hash: hash_bytes(id.hash), total: parts.total, parts: hash_bytes(parts.hash) }
}

/// Seconds and nanoseconds of a time.
pub fn split_time(time: Time) -> (i64, u32) {
    let timestamp = Timestamp::from(time);
    (timestamp.seconds, u32::try_from(timestamp.nanos).unwrap_or(0))
}

pub fn time_ms(time: Time) -> i64 {
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

pub fn vote_sign_bytes(chain_id: &str, vote: &Vote, time: Time) -> Vec<u8> {
    let kind = match vote.kind {
        VoteType::Prevote => VoteKind::Prevote,
        VoteType::Precommit => VoteKind::Precommit,
    };
    let id = match &vote.value {
        NilOrVal::Nil => None,
        NilOrVal::Val(block) => Some(block_id(block)),
    };
    let round = vote.round.as_u32().unwrap_or(0);
    comet::vote_sign_bytes(chain_id, kind, (vote.height.0, round), id.as_ref(), time)
}

pub fn proposal_sign_bytes(chain_id: &str, proposal: &Proposal, time: Time) -> Vec<u8> {
    let position = (proposal.height.0, proposal.round.as_u32().unwrap_or(0));
    let (pol_round, id) = (proposal.pol_round.as_u32(), block_id(&proposal.value));
    comet::proposal_sign_bytes(chain_id, position, pol_round, &id, time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::validators::Update;
    use tendermint::block::Header;

    fn upper(bytes: impl AsRef<[u8]>) -> String {
        hex::encode_upper(bytes)
    }

    fn first_header() -> Header {
        let key: [u8; 32] = std::array::from_fn(|index| index as u8);
        let validators = Validators::genesis(&[Update { public_key: key, power: 10 }]).unwrap();
        let hash = validators.to_tendermint().hash();
        let address = validators.iter().next().unwrap().address;
        let empty = || Some(Hash::Sha256(merkle_root(&[] as &[Vec<u8>])));
        Header {
            version: tendermint::block::header::Version { block: 11, app: 1 },
            chain_id: "test-1".parse().unwrap(),
            height: 1u32.into(),
            time: Time::from_unix_timestamp(1_704_067_200, 0).unwrap(),
            last_block_id: None,
            last_commit_hash: empty(),
            data_hash: empty(),
            validators_hash: hash,
            next_validators_hash: hash,
            consensus_hash: Hash::Sha256(consensus_hash(22_020_096, -1)),
            app_hash: Vec::new().try_into().unwrap(),
            last_results_hash: empty(),
            evidence_hash: empty(),
            proposer_address: tendermint::account::Id::new(address),
        }
    }

    #[test]
    fn first_header_has_the_published_hash() {
        let header = first_header();
        let set = "A9518FEA7BC2DDEF53F1CCA0F621CB70DBB3D919130682E967115B15E9B7F007";
        assert_eq!(upper(hash_bytes(header.validators_hash)), set);
        let expected = "96D7B537F2AD741D0CF88D59189F302E0C7CFE24324C816D1AF3DF1C5A5FE497";
        assert_eq!(upper(hash_bytes(header.hash())), expected);
    }

    #[test]
    fn first_block_ends_with_the_empty_commit_and_survives_decoding() {
        let block = Block::new(first_header(), vec![], Default::default(), None);
        let bytes = encode_block(&block);
        assert!(hex::encode(&bytes).ends_with("22041a021200"));
        assert_eq!(decode_block(&bytes).unwrap(), block);
    }

    #[test]
    fn median_follows_power_not_count() {
        let keys: Vec<[u8; 32]> =
            (1..=3).map(|byte| ed25519_consensus::SigningKey::from([byte; 32]).verification_key().to_bytes()).collect();
        let updates: Vec<_> =
            keys.iter().zip([10, 1, 1]).map(|(key, power)| Update { public_key: *key, power }).collect();
        let validators = Validators::genesis(&updates).unwrap();
        let sign = |seconds| CommitSig::BlockIdFlagCommit {
            validator_address: tendermint::account::Id::new([0; 20]),
            timestamp: Time::from_unix_timestamp(seconds, 0).unwrap(),
            signature: None,
        };
        let commit = Commit { signatures: vec![sign(50), sign(900), sign(901)], ..Commit::default() };
        assert_eq!(median_time(&commit, &validators), Time::from_unix_timestamp(50, 0).ok());
        assert_eq!(median_time(&Commit::default(), &validators), None);
    }
}
