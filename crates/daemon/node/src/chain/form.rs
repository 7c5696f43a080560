//! Bytes and hashes of blocks as CometBFT 0.38 defines them: pure functions over the `tendermint` crate's types.

use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tendermint::block::{Block, Commit, CommitSig};
use tendermint::crypto::default::Sha256 as TendermintSha256;
use tendermint::merkle::simple_hash_from_byte_vectors;
use tendermint::{Hash, Time};
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::abci::ExecTxResult;
use tendermint_proto::v0_38::types as proto;

use super::validators::Validators;
use crate::engine::context::{BlockRef, NilOrVal, Proposal, Vote, VoteType};

/// Size of the pieces whose Merkle root stands in a block id.
pub const PART_SIZE: usize = 65_536;

pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub fn merkle_root<T: AsRef<[u8]>>(leaves: &[T]) -> [u8; 32] {
    simple_hash_from_byte_vectors::<TendermintSha256>(leaves)
}

/// Root over the transactions' hashes.
pub fn data_hash(txs: &[Vec<u8>]) -> [u8; 32] {
    merkle_root(&txs.iter().map(|tx| sha256(tx)).collect::<Vec<_>>())
}

pub fn commit_hash(commit: &Commit) -> [u8; 32] {
    let leaves: Vec<_> =
        commit.signatures.iter().map(|entry| proto::CommitSig::from(entry.clone()).encode_to_vec()).collect();
    merkle_root(&leaves)
}

/// Root over the part of each result that every node must agree on.
pub fn results_hash(results: &[ExecTxResult]) -> [u8; 32] {
    let agreed = |result: &ExecTxResult| {
        let (data, gas_wanted, gas_used) = (result.data.clone(), result.gas_wanted, result.gas_used);
        ExecTxResult { code: result.code, data, gas_wanted, gas_used, ..Default::default() }.encode_to_vec()
    };
    merkle_root(&results.iter().map(agreed).collect::<Vec<_>>())
}

pub fn consensus_hash(max_bytes: i64, max_gas: i64) -> [u8; 32] {
    sha256(&proto::HashedParams { block_max_bytes: max_bytes, block_max_gas: max_gas }.encode_to_vec())
}

/// The block as it travels and as its parts are cut; an absent message is written the way Go writes it.
pub fn encode_block(block: &Block) -> Vec<u8> {
    let empty_id = || proto::BlockId { hash: Vec::new(), part_set_header: Some(proto::PartSetHeader::default()) };
    let mut raw = proto::Block::from(block.clone());
    if let Some(header) = &mut raw.header {
        header.last_block_id.get_or_insert_with(empty_id);
    }
    raw.last_commit
        .get_or_insert_with(|| proto::Commit { block_id: Some(empty_id()), ..Default::default() });
    raw.encode_to_vec()
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
    let parts: Vec<_> = bytes.chunks(PART_SIZE).collect();
    let total = u32::try_from(parts.len()).expect("a block is smaller than 4 GiB");
    BlockRef { hash: hash_bytes(block.header.hash()), total, parts: merkle_root(&parts) }
}

pub fn hash_bytes(hash: Hash) -> [u8; 32] {
    match hash {
        Hash::Sha256(bytes) => bytes,
        Hash::None => [0; 32],
    }
}

/// CometBFT's time of a block: the median of the commit's times, weighted by power. None if nobody signed.
pub fn median_time(commit: &Commit, validators: &Validators) -> Option<Time> {
    let mut votes: Vec<(Time, u64)> = commit
        .signatures
        .iter()
        .zip(validators.iter())
        .filter_map(|(entry, validator)| match entry {
            CommitSig::BlockIdFlagCommit { timestamp, .. } | CommitSig::BlockIdFlagNil { timestamp, .. } => {
                Some((*timestamp, validator.power))
            }
            CommitSig::BlockIdFlagAbsent => None,
        })
        .collect();
    votes.sort_by_key(|(time, _)| time.unix_timestamp_nanos());
    let mut median = votes.iter().map(|(_, power)| power).sum::<u64>() / 2;
    for (time, power) in &votes {
        if median <= *power {
            return Some(*time);
        }
        median -= power;
    }
    None
}

pub fn canonical_id(block: &BlockRef) -> proto::CanonicalBlockId {
    let header = proto::CanonicalPartSetHeader { total: block.total, hash: block.parts.to_vec() };
    proto::CanonicalBlockId { hash: block.hash.to_vec(), part_set_header: Some(header) }
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

pub fn vote_sign_bytes(chain_id: &str, vote: &Vote, seconds: i64, nanos: u32) -> Vec<u8> {
    let kind = match vote.kind {
        VoteType::Prevote => proto::SignedMsgType::Prevote,
        VoteType::Precommit => proto::SignedMsgType::Precommit,
    };
    let block_id = match &vote.value {
        NilOrVal::Nil => None,
        NilOrVal::Val(block) => Some(canonical_id(block)),
    };
    proto::CanonicalVote {
        r#type: kind.into(),
        height: vote.height.0 as i64,
        round: vote.round.as_i64(),
        block_id,
        timestamp: Some(Timestamp { seconds, nanos: nanos as i32 }),
        chain_id: chain_id.to_string(),
    }
    .encode_length_delimited_to_vec()
}

pub fn proposal_sign_bytes(chain_id: &str, proposal: &Proposal, seconds: i64, nanos: u32) -> Vec<u8> {
    proto::CanonicalProposal {
        r#type: proto::SignedMsgType::Proposal.into(),
        height: proposal.height.0 as i64,
        round: proposal.round.as_i64(),
        pol_round: proposal.pol_round.as_i64(),
        block_id: Some(canonical_id(&proposal.value)),
        timestamp: Some(Timestamp { seconds, nanos: nanos as i32 }),
        chain_id: chain_id.to_string(),
    }
    .encode_length_delimited_to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::validators::Update;
    use crate::engine::context::{Address, Height, Round};
    use tendermint::block::Header;

    fn upper(bytes: impl AsRef<[u8]>) -> String {
        hex::encode_upper(bytes)
    }

    #[test]
    fn hashes_are_those_of_the_published_vectors() {
        let params = "048091BC7DDC283F77BFBF91D73C44DA58C3DF8A9CBC867405D8B7F3DAADA22F";
        assert_eq!(upper(consensus_hash(22_020_096, -1)), params);
        let txs = [b"a".to_vec(), b"b".to_vec(), b"c".to_vec()];
        assert_eq!(upper(data_hash(&txs)), "CAC3D448D4E20A2AD5EAE1F500E63C2A7F9217CD14572BA7FD22E26DC1EC2648");
        let failed = ExecTxResult { code: 5, gas_wanted: 100, gas_used: 80, log: "not hashed".into(), ..Default::default() };
        let results = results_hash(&[ExecTxResult::default(), failed]);
        assert_eq!(upper(results), "56B6DA66C23039C4C257773ADE20C319D6B2E6F4E4C0B88B3C7F1251C66F0C4E");
    }

    #[test]
    fn nil_precommit_has_the_published_sign_bytes() {
        let vote = Vote {
            kind: VoteType::Precommit,
            height: Height(7),
            round: Round::new(1),
            value: NilOrVal::Nil,
            address: Address([1; 20]),
        };
        let bytes = vote_sign_bytes("test-1", &vote, 1_704_067_200, 5);
        let expected = "2608021107000000000000001901000000000000002a08088081c8ac0610053206746573742d31";
        assert_eq!(hex::encode(bytes), expected);
    }

    fn first_header() -> Header {
        let key: [u8; 32] = std::array::from_fn(|index| index as u8);
        let validators = Validators::genesis(&[Update { public_key: key, power: 10 }]).unwrap();
        let hash = validators.to_tendermint().hash();
        let address = validators.iter().next().unwrap().address;
        let empty = || Some(Hash::Sha256(merkle_root::<Vec<u8>>(&[])));
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
        let updates: Vec<_> = keys
            .iter()
            .zip([10, 1, 1])
            .map(|(key, power)| Update { public_key: *key, power })
            .collect();
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
