//! CometBFT's forms: parts of a block, canonical votes, headers and commits, the median of times.

#![no_main]

use akash_fuzz::choice;
use akash_types::comet::{self, PART_BYTES, Part, PartSet, TimedVote, VoteKind};
use libfuzzer_sys::fuzz_target;
use prost::Message;
use tendermint::Time;
use tendermint_proto::v0_38::types as proto;

fuzz_target!(|data: &[u8]| {
    match choice(data, 5) {
        Some((0, rest)) => parts(rest),
        Some((1, rest)) => median(rest),
        Some((2, rest)) => vote(rest),
        Some((3, rest)) => header(rest),
        Some((_, rest)) => commit(rest),
        None => {}
    }
});

/// The input repeated, so that there are several parts.
fn parts(data: &[u8]) {
    let Some((times, rest)) = data.split_first() else { return };
    let times = usize::from(*times) % 64;
    let block = rest.repeat(1 + times * PART_BYTES / (8 * rest.len().max(1)));
    let set = PartSet::new(&block);
    let joined: Vec<u8> = set.parts.iter().flat_map(|part| part.bytes.clone()).collect();
    assert_eq!(joined, block);
    let leaves: Vec<_> = set.parts.iter().map(|part| &part.bytes).collect();
    assert_eq!(comet::merkle_root(&leaves), set.hash);
    for part in &set.parts {
        assert!(part.is_of(set.total(), &set.hash));
        let next = set.parts.get(part.index as usize + 1);
        if next.is_none_or(|next| next.bytes != part.bytes) {
            let moved = Part { index: part.index + 1, ..part.clone() };
            assert!(!moved.is_of(set.total(), &set.hash));
        }
        let mut other = part.clone();
        other.bytes.push(0);
        assert!(!other.is_of(set.total(), &set.hash));
    }
}

fn median(data: &[u8]) {
    let votes: Vec<TimedVote> = data
        .as_chunks::<12>()
        .0
        .iter()
        .map(|chunk| {
            let seconds = i64::from(u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]));
            let power = u64::from_le_bytes(std::array::from_fn(|at| chunk[4 + at]));
            TimedVote { time: Time::from_unix_timestamp(seconds, 0).expect("within range"), power }
        })
        .collect();
    let Some(median) = comet::median_time(&votes) else { return };
    assert!(votes.iter().any(|vote| vote.time == median));
    let total: u64 = votes.iter().map(|vote| vote.power).sum();
    let before: u64 = votes.iter().filter(|vote| vote.time < median).map(|vote| vote.power).sum();
    let after: u64 = votes.iter().filter(|vote| vote.time > median).map(|vote| vote.power).sum();
    assert!(before <= total / 2 && after <= total - total / 2);
    let mut turned = votes;
    turned.reverse();
    assert_eq!(comet::median_time(&turned), Some(median));
}

fn vote(data: &[u8]) {
    let Ok(vote) = proto::Vote::decode(data) else { return };
    let Ok(vote) = tendermint::Vote::try_from(vote) else { return };
    let place = (vote.height.value(), vote.round.value());
    let time = vote.timestamp.unwrap_or(Time::unix_epoch());
    let bytes = comet::vote_sign_bytes("fuzz-1", VoteKind::Precommit, place, vote.block_id.as_ref(), time);
    let signed = proto::CanonicalVote::decode_length_delimited(bytes.as_slice()).expect("own bytes");
    assert_eq!(signed.height.cast_unsigned(), place.0);
    assert_eq!(signed.chain_id, "fuzz-1");
    assert_eq!(signed.encode_length_delimited_to_vec(), bytes);
}

fn header(data: &[u8]) {
    let Ok(header) = proto::Header::decode(data) else { return };
    let Ok(header) = tendermint::block::Header::try_from(header) else { return };
    let again = tendermint::block::Header::try_from(proto::Header::from(header.clone())).expect("own header");
    assert_eq!(again, header);
    assert_eq!(again.hash(), header.hash());
}

fn commit(data: &[u8]) {
    let Ok(commit) = proto::Commit::decode(data) else { return };
    let Ok(commit) = tendermint::block::Commit::try_from(commit) else { return };
    let again = tendermint::block::Commit::try_from(proto::Commit::from(commit.clone())).expect("own commit");
    assert_eq!(comet::commit_hash(&again), comet::commit_hash(&commit));
}
