use ed25519_consensus::SigningKey;

use super::*;
use crate::chain::validators::Update;
use crate::p2p::stranger;

const CHAIN: &str = "test-1";
const HEIGHT: u64 = 7;

fn key(number: u8) -> SigningKey {
    SigningKey::from([number; 32])
}

fn validators() -> Validators {
    let update = |number| Update { public_key: key(number).verification_key().to_bytes(), power: 10 };
    Validators::genesis(&[1, 2, 3, 4].map(update)).unwrap()
}

fn signer_of(address: [u8; 20]) -> SigningKey {
    let own = |key: &SigningKey| crate::chain::validators::address_of(key.verification_key().as_bytes()) == address;
    (1..=4).map(key).find(own).unwrap()
}

fn init(validators: &Validators, height: u64, round: u32) -> Init {
    let proposer = validators.proposer(round);
    let mut init = Init {
        height: Height(height),
        round: Round::new(round),
        pol_round: Round::Nil,
        proposer: Address(proposer),
        len: 3,
        hash: form::sha256(b"abc"),
        signature: [0; 64],
    };
    init.signature = signer_of(proposer).sign(&init.sign_bytes(CHAIN)).to_bytes();
    init
}

fn expected<'a>(now: &'a Validators, next: &'a Validators) -> Expected<'a> {
    Expected { chain_id: CHAIN, next_height: HEIGHT, round: 2, validators: [now, next] }
}

#[test]
fn only_the_proposer_of_the_round_may_announce_a_block() {
    let (now, next) = (validators(), validators().next(&[]).unwrap());
    let expected = expected(&now, &next);
    let good = init(&now, HEIGHT, 2);
    assert!(expected.allows(&good));
    assert!(expected.allows(&init(&next, HEIGHT + 1, 0)));
    type Change = fn(&mut Init);
    let changes: [(&str, Change); 7] = [
        ("another round", |init| init.round = Round::new(3)),
        ("no round", |init| init.round = Round::Nil),
        ("another height", |init| init.height = Height(HEIGHT + 1)),
        ("another block", |init| init.hash[0] ^= 1),
        ("another length", |init| init.len += 1),
        ("another polka", |init| init.pol_round = Round::new(0)),
        ("another signature", |init| init.signature[3] ^= 1),
    ];
    for (name, change) in changes {
        let mut bad = good.clone();
        change(&mut bad);
        assert!(!expected.allows(&bad), "{name}");
    }
    // A validator of the set whose turn it is not, with a good signature of its own.
    let mut other = init(&now, HEIGHT, 3);
    other.round = Round::new(2);
    other.signature = signer_of(other.proposer.0).sign(&other.sign_bytes(CHAIN)).to_bytes();
    assert!(!expected.allows(&other));
    for (height, round) in [(HEIGHT - 1, 0), (HEIGHT + 2, 0), (HEIGHT, 2 + ROUNDS_AHEAD_MAX + 1)] {
        assert!(!expected.allows(&init(&now, height, round)), "{height}/{round}");
    }
}

fn data(stream: u8, sequence: u64, len: usize) -> StreamMessage<Part> {
    let part = Part::Data(Bytes::from(vec![0; len]));
    StreamMessage::new(StreamId::new(vec![stream].into()), sequence, StreamContent::Data(part))
}

#[test]
fn what_one_publisher_keeps_here_is_bounded() {
    let (now, next) = (validators(), validators().next(&[]).unwrap());
    let expected = expected(&now, &next);
    let mut assembler = Assembler::new(10 * form::PART_BYTES);
    let flooder = stranger();
    for stream in 0..200 {
        for sequence in 1..50 {
            assert!(assembler.add(flooder, data(stream, sequence, form::PART_BYTES), &expected).is_none());
            let own: Vec<_> = assembler.streams.values().flat_map(HashMap::values).collect();
            assert!(own.len() <= STREAMS_PER_PUBLISHER);
            assert!(own.iter().all(|stream| stream.size <= 10 * form::PART_BYTES && stream.parts.len() <= 10));
        }
    }
    for _ in 0..2 * PUBLISHERS_MAX {
        assembler.add(stranger(), data(0, 1, 1), &expected);
        assert!(assembler.streams.len() <= PUBLISHERS_MAX);
    }
}

#[test]
fn strangers_cannot_keep_a_proposer_out() {
    let (now, next) = (validators(), validators().next(&[]).unwrap());
    let expected = expected(&now, &next);
    let mut assembler = Assembler::new(1 << 20);
    let (proposer, id) = (stranger(), StreamId::new(vec![1].into()));
    let announced = Part::Init(init(&now, HEIGHT, 2));
    let strangers = |assembler: &mut Assembler| {
        for _ in 0..2 * PUBLISHERS_MAX {
            assembler.add(stranger(), data(0, 1, 1), &expected);
        }
    };
    strangers(&mut assembler);
    let message = StreamMessage::new(id.clone(), 0, StreamContent::Data(announced.clone()));
    assembler.add(proposer, message, &expected);
    strangers(&mut assembler);
    assert!(assembler.streams.contains_key(&proposer), "it was pushed out by those who announced nothing");
    for _ in 0..2 * PUBLISHERS_MAX {
        let copy = StreamMessage::new(id.clone(), 0, StreamContent::Data(announced.clone()));
        assembler.add(stranger(), copy, &expected);
    }
    assert!(assembler.streams.contains_key(&proposer), "it was pushed out by copies of its announcement");

    assembler.decided(HEIGHT - 1);
    strangers(&mut assembler);
    assembler.decided(HEIGHT);
    assembler.decided(HEIGHT + 1);
    assert!(assembler.streams.is_empty(), "what nothing announced is kept for ever");
}

#[test]
fn empty_parts_do_not_pile_up() {
    let (now, next) = (validators(), validators().next(&[]).unwrap());
    let mut assembler = Assembler::new(10 * form::PART_BYTES);
    let flooder = stranger();
    for sequence in 1..1_000 {
        assembler.add(flooder, data(0, sequence, 0), &expected(&now, &next));
        let kept: usize = assembler.streams.values().flat_map(HashMap::values).map(|stream| stream.parts.len()).sum();
        assert!(kept <= 10, "{kept}");
    }
}

#[test]
fn block_of_another_hash_is_not_put_together() {
    let (now, next) = (validators(), validators().next(&[]).unwrap());
    let expected = expected(&now, &next);
    let id = || StreamId::new(vec![1].into());
    let message = |sequence, content| StreamMessage::new(id(), sequence, content);
    let mut assembler = Assembler::new(1 << 20);
    let peer = stranger();
    let init = Part::Init(init(&now, HEIGHT, 0));
    assert!(assembler.add(peer, message(0, StreamContent::Data(init)), &expected).is_none());
    let wrong = Part::Data(Bytes::from_static(b"abd"));
    assert!(assembler.add(peer, message(1, StreamContent::Data(wrong)), &expected).is_none());
    assert!(assembler.add(peer, message(2, StreamContent::Fin), &expected).is_none());
    assert!(assembler.streams.is_empty());
}
