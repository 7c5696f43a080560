//! The recorded values are from the notes on CometBFT 0.38's hashes.

use proptest::prelude::*;
use tendermint::block::header::Version;
use tendermint::block::{CommitSig, Header};
use tendermint::validator::{Info, Set};
use tendermint::{AppHash, Hash, PublicKey, Time};

use super::{
    PART_BYTES, PartSet, TimedVote, TxResult, VoteKind, commit_hash, consensus_hash, data_hash, median_time,
    merkle_root, proposal_sign_bytes, results_hash, vote_sign_bytes,
};

const NOTHING: [&[u8]; 0] = [];

fn upper(hash: [u8; 32]) -> String {
    hex::encode_upper(hash)
}

fn one_validator() -> Set {
    let key: Vec<u8> = (0..32).collect();
    let key = PublicKey::from_raw_ed25519(&key).unwrap();
    Set::without_proposer(vec![Info::new(key, 10_u32.into())])
}

#[test]
fn hashes_of_a_header() {
    assert_eq!(upper(merkle_root(&NOTHING)), "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
    assert_eq!(
        upper(consensus_hash(22_020_096, -1)),
        "048091BC7DDC283F77BFBF91D73C44DA58C3DF8A9CBC867405D8B7F3DAADA22F"
    );
    assert_eq!(upper(data_hash(&["a", "b", "c"])), "CAC3D448D4E20A2AD5EAE1F500E63C2A7F9217CD14572BA7FD22E26DC1EC2648");
    let failed = TxResult { code: 5, gas_wanted: 100, gas_used: 80, ..TxResult::default() };
    assert_eq!(
        upper(results_hash([TxResult::default(), failed])),
        "56B6DA66C23039C4C257773ADE20C319D6B2E6F4E4C0B88B3C7F1251C66F0C4E"
    );
}

/// Also that the `tendermint` crate's own hashes are the right ones.
#[test]
fn hash_of_a_first_header() {
    let set = one_validator();
    assert_eq!(set.hash().to_string(), "A9518FEA7BC2DDEF53F1CCA0F621CB70DBB3D919130682E967115B15E9B7F007");
    assert_eq!(set.validators()[0].address.to_string(), "630DCD2966C4336691125448BBB25B4FF412A49C");

    let empty = Hash::Sha256(merkle_root(&NOTHING));
    let header = Header {
        version: Version { block: 11, app: 1 },
        chain_id: "test-1".parse().unwrap(),
        height: 1_u32.into(),
        time: Time::from_unix_timestamp(1_704_067_200, 0).unwrap(),
        last_block_id: None,
        last_commit_hash: Some(empty),
        data_hash: Some(empty),
        validators_hash: set.hash(),
        next_validators_hash: set.hash(),
        consensus_hash: Hash::Sha256(consensus_hash(22_020_096, -1)),
        app_hash: AppHash::default(),
        last_results_hash: Some(empty),
        evidence_hash: Some(empty),
        proposer_address: set.validators()[0].address,
    };
    assert_eq!(header.hash().to_string(), "96D7B537F2AD741D0CF88D59189F302E0C7CFE24324C816D1AF3DF1C5A5FE497");
}

#[test]
fn sign_bytes_of_a_nil_precommit() {
    let time = Time::from_unix_timestamp(1_704_067_200, 5).unwrap();
    let bytes = vote_sign_bytes("test-1", VoteKind::Precommit, (7, 1), None, time);
    assert_eq!(hex::encode(bytes), "2608021107000000000000001901000000000000002a08088081c8ac0610053206746573742d31");
}

/// The crate's own canonical forms agree with ours.
#[test]
fn sign_bytes_agree_with_the_tendermint_crate() {
    use tendermint::vote::{SignVoteRequest, Type, ValidatorIndex, Vote};
    let block_id: tendermint::block::Id = tendermint::block::Id {
        hash: Hash::Sha256([7; 32]),
        part_set_header: tendermint::block::parts::Header::new(3, Hash::Sha256([8; 32])).unwrap(),
    };
    let time = Time::from_unix_timestamp(1_704_067_200, 5).unwrap();
    let vote = Vote {
        vote_type: Type::Prevote,
        height: 9_u32.into(),
        round: 0_u16.into(),
        block_id: Some(block_id),
        timestamp: Some(time),
        validator_address: one_validator().validators()[0].address,
        validator_index: ValidatorIndex::try_from(0).unwrap(),
        signature: None,
        extension: Vec::new(),
        extension_signature: None,
    };
    let theirs = SignVoteRequest { vote, chain_id: "test-1".parse().unwrap() }.into_signable_vec();
    assert_eq!(vote_sign_bytes("test-1", VoteKind::Prevote, (9, 0), Some(&block_id), time), theirs);

    use tendermint::proposal::{Proposal, SignProposalRequest, Type as ProposalType};
    for pol_round in [None, Some(2_u16)] {
        let proposal = Proposal {
            msg_type: ProposalType::Proposal,
            height: 9_u32.into(),
            round: 3_u16.into(),
            pol_round: pol_round.map(Into::into),
            block_id: Some(block_id),
            timestamp: Some(time),
            signature: None,
        };
        let theirs = SignProposalRequest { proposal, chain_id: "test-1".parse().unwrap() }.into_signable_vec();
        let ours = proposal_sign_bytes("test-1", (9, 3), pol_round.map(u32::from), &block_id, time);
        assert_eq!(ours, theirs);
    }
}

#[test]
fn absent_votes_have_a_leaf_too() {
    let commit = tendermint::block::Commit {
        height: 1_u32.into(),
        round: 0_u16.into(),
        block_id: tendermint::block::Id::default(),
        signatures: vec![CommitSig::BlockIdFlagAbsent],
    };
    let leaf = hex::decode("08011a0b088092b8c398feffffff01").unwrap();
    assert_eq!(commit_hash(&commit), merkle_root(&[leaf]));
}

#[test]
fn parts_have_at_most_64_kib() {
    for (bytes, total) in [(1, 1), (PART_BYTES, 1), (PART_BYTES + 1, 2), (5 * PART_BYTES, 5)] {
        let set = PartSet::new(&vec![7; bytes]);
        assert_eq!(set.total(), total);
        let raw: Vec<&[u8]> = set.parts.iter().map(|part| part.bytes.as_slice()).collect();
        assert_eq!(set.hash, merkle_root(&raw));
        for part in &set.parts {
            assert!(part.is_of(total, &set.hash));
            assert!(!part.is_of(total, &[0; 32]));
            let mut other = part.clone();
            other.bytes[0] ^= 1;
            assert!(!other.is_of(total, &set.hash));
        }
    }
    assert_eq!(PartSet::new(&[]).hash, merkle_root(&NOTHING));
}

#[test]
fn median_follows_the_power() {
    let vote = |seconds, power| TimedVote { time: Time::from_unix_timestamp(seconds, 0).unwrap(), power };
    let seconds = |votes: &[TimedVote]| median_time(votes).map(|time| time.unix_timestamp());
    assert_eq!(seconds(&[]), None);
    assert_eq!(seconds(&[vote(5, 10)]), Some(5));
    assert_eq!(seconds(&[vote(9, 1), vote(5, 1), vote(7, 1)]), Some(5));
    assert_eq!(seconds(&[vote(9, 10), vote(5, 1), vote(7, 1)]), Some(9));
    assert_eq!(seconds(&[vote(1, 33), vote(2, 34), vote(3, 33)]), Some(2));
    assert_eq!(seconds(&[vote(1, u64::MAX), vote(2, 1)]), None);
}

proptest! {
    #[test]
    fn median_is_one_of_the_times(votes in proptest::collection::vec((0_i64..1000, 1_u64..1000), 1..20)) {
        let votes: Vec<_> = votes
            .into_iter()
            .map(|(seconds, power)| TimedVote { time: Time::from_unix_timestamp(seconds, 0).unwrap(), power })
            .collect();
        let median = median_time(&votes).unwrap();
        prop_assert!(votes.iter().any(|vote| vote.time == median));
    }
}
