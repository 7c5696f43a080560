use ed25519_consensus::SigningKey;

use super::*;
use crate::chain::validators::{Update, address_of};
use crate::engine::context::{BlockRef, TimedSignature};

const CHAIN: &str = "test-1";

fn key(number: u8) -> SigningKey {
    SigningKey::from([number; 32])
}

fn validators() -> Validators {
    let update = |number: u8| {
        let public_key = key(number).verification_key().to_bytes();
        Update { public_key, power: u64::from(number) }
    };
    Validators::genesis(&[1, 2, 3].map(update)).unwrap()
}

/// A vote of validator 2 at 5/0; `block` 0 is nil.
fn vote(block: u8, second: i64) -> SignedVote<Context> {
    let key = key(2);
    let value = match block {
        0 => NilOrVal::Nil,
        _ => NilOrVal::Val(BlockRef { hash: [block; 32], total: 1, parts: [block; 32] }),
    };
    let address = Address(address_of(key.verification_key().as_bytes()));
    let vote = crate::engine::context::Vote {
        kind: VoteType::Precommit,
        height: Height(5),
        round: Round::new(0),
        value,
        address,
    };
    let time = Time::from_unix_timestamp(second, 0).unwrap();
    let bytes = key.sign(&form::vote_sign_bytes(CHAIN, &vote, time)).to_bytes();
    SignedVote::new(vote, TimedSignature::new(time, bytes))
}

fn evidence(a: u8, b: u8) -> DuplicateVoteEvidence {
    let set = validators();
    DuplicateVoteEvidence {
        vote_a: to_vote(&vote(a, 100), &set).unwrap(),
        vote_b: to_vote(&vote(b, 101), &set).unwrap(),
        total_voting_power: 6u32.into(),
        validator_power: 2u32.into(),
        timestamp: Time::from_unix_timestamp(99, 0).unwrap(),
    }
}

#[test]
fn pair_of_one_validator_for_two_blocks_is_evidence() {
    for (a, b) in [(1, 2), (0, 1), (7, 9)] {
        check_pair(CHAIN, &evidence(a, b), &validators()).unwrap();
    }
}

#[test]
fn anything_else_is_none() {
    type Change = fn(&mut DuplicateVoteEvidence);
    let changes: [(&str, Change); 9] = [
        ("the votes are for the same block", |evidence| evidence.vote_b = evidence.vote_a.clone()),
        ("the votes are in the wrong order", |evidence| std::mem::swap(&mut evidence.vote_a, &mut evidence.vote_b)),
        ("the votes are of different places", |evidence| evidence.vote_b.round = 1u16.into()),
        ("the votes are of different places", |evidence| evidence.vote_b.height = 6u32.into()),
        ("the votes are of different places", |evidence| evidence.vote_b.vote_type = Type::Prevote),
        ("the votes are of different validators", |evidence| {
            evidence.vote_b.validator_address = tendermint::account::Id::new([7; 20]);
        }),
        ("the powers are not those of that height", |evidence| evidence.validator_power = 3u32.into()),
        ("a signature is wrong", |evidence| evidence.vote_a.timestamp = Time::from_unix_timestamp(7, 0).ok()),
        ("a signature is wrong", |evidence| evidence.vote_b.signature = None),
    ];
    for (text, change) in changes {
        let mut bad = evidence(1, 2);
        change(&mut bad);
        assert_eq!(check_pair(CHAIN, &bad, &validators()).unwrap_err().to_string(), text);
    }
    assert!(check_pair("other-1", &evidence(1, 2), &validators()).is_err());
}

#[test]
fn evidence_survives_the_block_and_its_hash_is_that_of_its_bytes() {
    let list = List::new(vec![Evidence::DuplicateVote(Box::new(evidence(1, 2)))]);
    let hash = form::evidence_hash(&list);
    // One leaf: the hash of 0x00 and the bytes of the message inside.
    let mut leaf = vec![0];
    leaf.extend(bytes_of(&evidence(1, 2)));
    assert_eq!(hash, form::sha256(&leaf));
    // The powers survive the way through bytes.
    let raw = form::evidence_list(&list);
    assert_eq!(List::try_from(raw).unwrap(), list);
    let told = misbehavior(&list);
    assert_eq!((told[0].height, told[0].power, told[0].total_power), (5, 2, 6));
}
