//! Time, network and fate of four nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_app::{Genesis, GenesisValidator};
use akash_kernel::Time;
use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_types::coin::Coins;
use akash_types::key::SecretKey;
use akash_types::tx::{self, Unsigned};
use bytes::Bytes;
use ed25519_consensus::SigningKey;
use malachite::app::types::PeerId;
use malachite::app::types::core::Timeout;
use malachite::app::types::sync::RawDecidedValue;

use super::disk::Disk;
use super::node::{Crashed, Message, Node, Wish, peer_of, place_of};
use super::random::Random;
use crate::clock::Clock;
use crate::engine::context::Context;
use crate::mempool::TxHash;

const NODES: usize = 4;
const CHAIN_ID: &str = "sim-1";
/// Virtual time with faults; afterwards everything heals.
const TROUBLE_MS: u64 = 6_000;
/// Within this time after the last fault the chain must have gone on.
const HEAL_MS: u64 = 120_000;
const HEIGHTS_AFTER: u64 = 3;
const STATUS_EVERY_MS: u64 = 300;
const TXS: u64 = 6;
const START_MS: i64 = 1_704_067_200_000;

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub heights: u64,
    pub crashes: u64,
    /// Heights that were decided in a round above 0.
    pub later_rounds: u64,
    pub txs: u64,
    /// All that happened, in order: time, node, kind.
    pub trace: Vec<[u64; 3]>,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { heights, crashes, later_rounds, txs, trace } = self;
        let events = trace.len();
        write!(
            f,
            "{heights} heights, {later_rounds} later rounds, {crashes} crashes, {txs} transactions, {events} events"
        )
    }
}

enum Event {
    Deliver {
        from: usize,
        message: Message,
    },
    Blocks {
        from: usize,
        height: u64,
        values: Vec<RawDecidedValue<Context>>,
    },
    Timer {
        timeout: Timeout,
        number: u64,
        life: u64,
    },
    Status,
    Revive,
    /// After so many more effects.
    Crash {
        after: u64,
    },
    Offer {
        tx: Bytes,
    },
    Cut {
        until_ms: u64,
    },
}

struct Place {
    disk: Disk,
    key: SigningKey,
    peer: PeerId,
    node: Option<Node>,
    /// Counts its lives: timers of an earlier one are void.
    life: u64,
    cut_until_ms: u64,
}

pub struct World {
    now_ms: u64,
    clock: Arc<AtomicI64>,
    random: Random,
    /// By time and order of making: (node, what).
    events: BTreeMap<(u64, u64), (usize, Event)>,
    made: u64,
    places: Vec<Place>,
    genesis: Genesis,
    /// Loss of a message in thousand, and the longest way.
    loss: u64,
    slow_ms: u64,
    decided: BTreeMap<u64, (String, Vec<u8>)>,
    signed: BTreeMap<(usize, u64, i64, u8), String>,
    committed_txs: BTreeMap<TxHash, u64>,
    later_rounds: BTreeSet<u64>,
    crashes: u64,
    trace: Vec<[u64; 3]>,
}

impl World {
    /// One run from beginning to end; panics where something must not happen.
    pub fn run(seed: u64) -> Run {
        let mut world = Self::new(seed);
        world.plan();
        while world.now_ms < TROUBLE_MS {
            world.step();
        }
        world.heal();
        let goal = world.highest() + HEIGHTS_AFTER;
        while world.places.iter().any(|place| place.node.as_ref().is_none_or(|node| node.height() < goal)) {
            assert!(world.now_ms < TROUBLE_MS + HEAL_MS, "the chain stands still at {:?}", world.heights());
            world.step();
        }
        world.check_disks();
        Run {
            heights: world.highest(),
            crashes: world.crashes,
            later_rounds: world.later_rounds.len() as u64,
            txs: world.committed_txs.len() as u64,
            trace: world.trace,
        }
    }

    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let key = |number: usize| SigningKey::from([number as u8 + 1; 32]);
        let validator = |number: usize| GenesisValidator {
            public_key: key(number).verification_key().to_bytes(),
            power: 10,
            name: format!("node{number}"),
        };
        let genesis = play_genesis(PlayGenesis {
            chain_id: CHAIN_ID.to_owned(),
            time: Time { seconds: START_MS / 1_000, nanos: 0 },
            accounts: vec![(sender().address(), Coins::parse("1000000000uakt").unwrap())],
            validators: (0..NODES).map(validator).collect(),
            authority: None,
        })
        .unwrap();
        let place = |number| Place {
            disk: Disk::new(),
            key: key(number),
            peer: peer_of(&key(number)),
            node: None,
            life: 0,
            cut_until_ms: 0,
        };
        let slowest_ms = if random.in_thousand(200) { 400 } else { 60 };
        let (loss, slow_ms) = (random.below(120), 5 + random.below(slowest_ms));
        let mut world = Self {
            now_ms: 0,
            clock: Arc::new(AtomicI64::new(START_MS)),
            random,
            events: BTreeMap::new(),
            made: 0,
            places: (0..NODES).map(place).collect(),
            genesis,
            loss,
            slow_ms,
            decided: BTreeMap::new(),
            signed: BTreeMap::new(),
            committed_txs: BTreeMap::new(),
            later_rounds: BTreeSet::new(),
            crashes: 0,
            trace: Vec::new(),
        };
        for node in 0..NODES {
            world.at(0, node, Event::Revive);
            world.at(STATUS_EVERY_MS, node, Event::Status);
        }
        world
    }

    /// Faults and transactions of this run.
    fn plan(&mut self) {
        for _ in 0..self.random.below(6) {
            let (node, at_ms) = (self.any(), self.random.below(TROUBLE_MS));
            let after = self.random.below(25);
            self.at(at_ms, node, Event::Crash { after });
        }
        for _ in 0..self.random.below(4) {
            let (node, at_ms) = (self.any(), self.random.below(TROUBLE_MS));
            let until_ms = at_ms + self.random.below(1_500);
            self.at(at_ms, node, Event::Cut { until_ms });
        }
        for sequence in 0..TXS {
            let tx = transfer(sequence);
            for node in 0..NODES {
                for repeat in 0..4 {
                    let at_ms = 100 + sequence * 250 + repeat * 800 + self.random.below(100);
                    self.at(at_ms, node, Event::Offer { tx: tx.clone() });
                }
            }
        }
    }

    fn any(&mut self) -> usize {
        self.random.below(NODES as u64) as usize
    }

    fn at(&mut self, at_ms: u64, node: usize, event: Event) {
        self.made += 1;
        self.events.insert((at_ms, self.made), (node, event));
    }

    fn step(&mut self) {
        let ((at_ms, _), (node, event)) = self.events.pop_first().expect("statuses never end");
        self.now_ms = self.now_ms.max(at_ms);
        self.clock.store(START_MS + self.now_ms as i64, Ordering::SeqCst);
        self.note(node, &event);
        self.happen(node, event);
        self.let_work(node);
    }

    fn note(&mut self, node: usize, event: &Event) {
        let kind = match event {
            Event::Deliver { from, .. } => 1 + *from as u64,
            Event::Blocks { height, .. } => 10 + height,
            Event::Timer { number, .. } => 1_000 + number,
            Event::Status => 2_000,
            Event::Revive => 2_001,
            Event::Crash { .. } => 2_002,
            Event::Offer { .. } => 2_003,
            Event::Cut { .. } => 2_004,
        };
        self.trace.push([self.now_ms, node as u64, kind]);
    }

    fn happen(&mut self, node: usize, event: Event) {
        let now_ms = self.now_ms;
        match event {
            Event::Revive => self.revive(node),
            Event::Crash { after } if now_ms < TROUBLE_MS => {
                if let Some(node) = &mut self.places[node].node {
                    node.crash_after = Some(after);
                }
            }
            Event::Crash { .. } => {}
            Event::Cut { until_ms } => self.places[node].cut_until_ms = until_ms.min(TROUBLE_MS),
            Event::Status => {
                self.at(now_ms + STATUS_EVERY_MS, node, Event::Status);
                if let Some(height) = self.places[node].node.as_ref().map(Node::height) {
                    self.send(node, &Message::Status(height));
                }
            }
            Event::Deliver { from, message: Message::Status(tip) } => self.compare(node, from, tip),
            Event::Deliver { from, message } => {
                let peer = self.places[from].peer;
                if let Some(node) = &mut self.places[node].node {
                    node.receive(peer, message);
                }
            }
            Event::Blocks { from, height, values } => {
                let peer = self.places[from].peer;
                if let Some(node) = &mut self.places[node].node {
                    node.receive_blocks(peer, height, values);
                }
            }
            Event::Timer { timeout, number, life } => {
                let place = &mut self.places[node];
                if let Some(node) = place.node.as_mut().filter(|_| place.life == life) {
                    node.timer(timeout, number);
                }
            }
            Event::Offer { tx } => {
                if let Some(node) = &self.places[node].node {
                    let mempool = node.adapter.executor.mempool();
                    if let Ok(hash) = mempool.reserve(&tx) {
                        mempool.check(hash, tx);
                    }
                }
            }
        }
    }

    /// Whoever is behind asks the one that said so.
    fn compare(&mut self, node: usize, from: usize, tip: u64) {
        let Some(height) = self.places[node].node.as_ref().map(Node::height) else { return };
        if tip <= height || self.is_lost(from, node) {
            return;
        }
        let Some(values) = self.places[from].node.as_mut().map(|peer| peer.decided_values(height + 1)) else { return };
        let at_ms = self.now_ms + 2 + self.random.below(self.slow_ms);
        self.at(at_ms, node, Event::Blocks { from, height: height + 1, values });
    }

    fn revive(&mut self, node: usize) {
        let clock = Clock::set_by(self.clock.clone());
        let place = &mut self.places[node];
        if place.node.is_none() {
            let random = Random::new(self.random.below(u64::MAX));
            place.life += 1;
            place.node = Some(Node::open(&place.disk, &place.key, &self.genesis, clock, random));
        }
    }

    fn let_work(&mut self, number: usize) {
        let place = &mut self.places[number];
        let Some(node) = &mut place.node else { return };
        let worked = node.work(&mut place.disk);
        let wishes = std::mem::take(&mut node.wishes);
        for wish in wishes {
            match wish {
                Wish::Send(message) => self.send(number, &message),
                Wish::Timer { timeout, number: timer, after_ms } => {
                    let life = self.places[number].life;
                    self.at(self.now_ms + after_ms, number, Event::Timer { timeout, number: timer, life });
                }
                Wish::Signed(message) => {
                    let (height, round, kind, value) = place_of(&message);
                    let first = self.signed.entry((number, height, round.as_i64(), kind)).or_insert(value.clone());
                    assert_eq!(*first, value, "node {number} signed twice at {height}/{round}");
                }
                Wish::Committed { height } => self.committed(number, height),
            }
        }
        if let Err(Crashed) = worked {
            self.crashes += 1;
            self.places[number].node = None;
            self.places[number].disk.log.crash(&mut self.random);
            let at_ms = self.now_ms + 1 + self.random.below(1_000);
            self.at(at_ms, number, Event::Revive);
            // Many a crash comes while, or soon after, the log is replayed.
            if self.random.in_thousand(400) {
                let (again_ms, after) = (at_ms + self.random.below(100), self.random.below(60));
                self.at(again_ms, number, Event::Crash { after });
            }
        }
    }

    fn committed(&mut self, number: usize, height: u64) {
        let node = self.places[number].node.as_ref().expect("it has just committed");
        let snapshot = node.adapter.executor.published().snapshot();
        // A node that is asked about an older height has moved on within the same step.
        let Some(block) = snapshot.block.filter(|block| block.height == height) else { return };
        let own = (block.id.to_string(), block.app_hash.clone());
        let first = self.decided.entry(height).or_insert_with(|| own.clone());
        assert_eq!(*first, own, "node {number} has another block {height}");
        if node.adapter.executor.tip().commit.round.value() > 0 {
            self.later_rounds.insert(height);
        }
        for (hash, result) in block.tx_hashes.iter().zip(&block.results.tx_results) {
            assert_eq!(result.code, 0, "{}", result.log);
            let first = *self.committed_txs.entry(*hash).or_insert(height);
            assert_eq!(first, height, "a transaction stands in two blocks");
        }
    }

    fn is_cut(&self, node: usize) -> bool {
        self.now_ms < self.places[node].cut_until_ms
    }

    fn is_lost(&mut self, from: usize, to: usize) -> bool {
        self.is_cut(from) || self.is_cut(to) || self.random.in_thousand(self.loss)
    }

    fn send(&mut self, from: usize, message: &Message) {
        for to in (0..NODES).filter(|to| *to != from) {
            if self.is_lost(from, to) {
                continue;
            }
            let copies = 1 + u64::from(self.random.in_thousand(self.loss / 2));
            for _ in 0..copies {
                let at_ms = self.now_ms + 1 + self.random.below(self.slow_ms);
                self.at(at_ms, to, Event::Deliver { from, message: message.clone() });
            }
        }
    }

    fn heal(&mut self) {
        (self.loss, self.slow_ms) = (0, 20);
        for node in 0..NODES {
            self.places[node].cut_until_ms = 0;
            if let Some(node) = &mut self.places[node].node {
                node.crash_after = None;
            }
            self.at(self.now_ms, node, Event::Revive);
        }
    }

    fn heights(&self) -> Vec<Option<u64>> {
        self.places.iter().map(|place| place.node.as_ref().map(Node::height)).collect()
    }

    fn highest(&self) -> u64 {
        self.decided.keys().next_back().copied().unwrap_or(0)
    }

    /// Every disk holds the same history, with every transaction where it was seen.
    fn check_disks(&self) {
        for (number, place) in self.places.iter().enumerate() {
            let executor = &place.node.as_ref().expect("all are back").adapter.executor;
            for (height, (id, app_hash)) in &self.decided {
                let Some((own, _)) = executor.blocks().block(*height).unwrap() else { continue };
                assert_eq!(own.to_string(), *id, "node {number} keeps another block {height}");
                if let Some((_, next)) = executor.blocks().block(height + 1).unwrap() {
                    assert_eq!(next.header.app_hash.as_bytes(), app_hash, "app hash of {height}");
                }
            }
            for (hash, height) in self.committed_txs.iter().filter(|(_, height)| **height <= executor.tip().height) {
                let found = executor.blocks().find_tx(hash).unwrap().expect("a committed transaction is lost");
                assert_eq!(found.height, *height);
            }
        }
    }
}

fn sender() -> SecretKey {
    SecretKey::from_bytes(&[7; 32]).unwrap()
}

fn transfer(sequence: u64) -> Bytes {
    let to = SecretKey::from_bytes(&[8; 32]).unwrap().address();
    let message = MsgSend {
        from_address: sender().address().to_string(),
        to_address: to.to_string(),
        amount: vec![Coin { denom: "uakt".to_owned(), amount: "1".to_owned() }],
    };
    let unsigned = Unsigned {
        messages: vec![tx::encode_any(&message)],
        fee: Coins::parse("5000uakt").unwrap(),
        gas_limit: 200_000,
        ..Unsigned::default()
    };
    tx::sign_direct(&unsigned, &sender(), CHAIN_ID, 0, sequence).into()
}
