//! Blocks on their way to a decision: cut into parts for the network, put together again, kept by round.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use malachite::app::consensus::ProposedValue;
use malachite::app::streaming::{StreamContent, StreamId, StreamMessage};
use malachite::app::types::PeerId;
use malachite::app::types::core::Validity;
use tendermint::block::Block;

use super::context::{Address, BlockRef, Context, Height, Init, Part, Round};
use super::wire::{Reader, WireError, Writer};
use crate::chain::block::verify;
use crate::chain::form;
use crate::chain::validators::Validators;

/// Streams that one publisher may have open; an honest one has one for each round that it proposes in.
const STREAMS_PER_PUBLISHER: usize = 4;
/// Bytes that one publisher may have waiting: one block of the largest size.
const BYTES_PER_PUBLISHER: usize = 110 << 20;
/// Publishers with unfinished streams. Anybody can be one, under any number of keys, so beyond this some give way.
const PUBLISHERS_MAX: usize = 256;
/// A proposal for a round further ahead of ours than this is not looked at.
const ROUNDS_AHEAD_MAX: u32 = 10;
/// Blocks that wait for the height after the next to begin.
const AHEAD_BLOCKS_MAX: usize = 8;

/// A complete block of an undecided height, own or received.
#[derive(Clone)]
pub struct Candidate {
    pub height: u64,
    pub round: Round,
    pub pol_round: Round,
    pub proposer: Address,
    pub id: BlockRef,
    pub bytes: Bytes,
    pub block: Block,
    pub valid: bool,
}

impl Candidate {
    /// None when the bytes are no block of that height. Not judged yet: `valid` is false.
    pub fn from_bytes(height: u64, round: Round, pol_round: Round, proposer: Address, bytes: Bytes) -> Option<Self> {
        let block = form::decode_block(&bytes).ok()?;
        if block.header.height.value() != height {
            return None;
        }
        let id = form::block_ref(&block, &bytes);
        Some(Self { height, round, pol_round, proposer, id, bytes, block, valid: false })
    }

    pub fn proposed_value(&self) -> ProposedValue<Context> {
        ProposedValue {
            height: Height(self.height),
            round: self.round,
            valid_round: self.pol_round,
            proposer: self.proposer,
            value: self.id,
            validity: Validity::from_bool(self.valid),
        }
    }

    /// The form kept on disk until the height is decided.
    pub fn store(&self) -> Bytes {
        let mut writer = Writer::default();
        writer.u64(self.height).round(self.round).round(self.pol_round).address(&self.proposer).bytes(&self.bytes);
        writer.finish()
    }

    pub fn restore(bytes: &[u8]) -> Result<Option<Self>, WireError> {
        let mut reader = Reader(bytes);
        let (height, round, pol_round) = (reader.u64()?, reader.round()?, reader.round()?);
        let proposer = reader.address()?;
        let block = Bytes::copy_from_slice(reader.bytes()?);
        Ok(Self::from_bytes(height, round, pol_round, proposer, block))
    }

    pub fn storage_key(&self) -> Vec<u8> {
        let mut key = self.height.to_be_bytes().to_vec();
        key.extend(self.round.as_i64().to_be_bytes());
        key.extend(self.id.hash);
        key
    }

    /// The messages that carry this block to the other validators.
    pub fn stream(
        &self,
        id: StreamId,
        (round, pol_round): (Round, Round),
        proposer: Address,
        sign: impl Fn(&Init) -> [u8; 64],
    ) -> Vec<StreamMessage<Part>> {
        let len = u32::try_from(self.bytes.len()).expect("a block is smaller than 4 GiB");
        let (height, hash) = (Height(self.height), form::sha256(&self.bytes));
        let mut init = Init { height, round, pol_round, proposer, len, hash, signature: [0; 64] };
        init.signature = sign(&init);
        let mut contents = vec![StreamContent::Data(Part::Init(init))];
        for start in (0..self.bytes.len()).step_by(form::PART_BYTES) {
            let end = (start + form::PART_BYTES).min(self.bytes.len());
            contents.push(StreamContent::Data(Part::Data(self.bytes.slice(start..end))));
        }
        contents.push(StreamContent::Fin);
        contents
            .into_iter()
            .zip(0..)
            .map(|(content, sequence)| StreamMessage::new(id.clone(), sequence, content))
            .collect()
    }
}

/// Where a proposal may be made now, and by whom.
pub struct Expected<'a> {
    pub chain_id: &'a str,
    pub next_height: u64,
    /// The round that this node is in at the next height.
    pub round: u32,
    /// Of the next height, and of the one after.
    pub validators: [&'a Validators; 2],
}

impl Expected<'_> {
    /// Whether the expected proposer of that height and round announced this block.
    fn allows(&self, init: &Init) -> bool {
        let Some(ahead) = init.height.0.checked_sub(self.next_height) else { return false };
        let Some(validators) = usize::try_from(ahead).ok().and_then(|ahead| self.validators.get(ahead)) else {
            return false;
        };
        let Some(round) = init.round.as_u32() else { return false };
        let reached = if ahead == 0 { self.round } else { 0 };
        let near = round <= reached.saturating_add(ROUNDS_AHEAD_MAX);
        let is_proposer = validators.proposer(round) == init.proposer.0;
        let key = validators.find(&init.proposer.0).map(|validator| validator.public_key);
        let is_signed = |key: [u8; 32]| verify(&key, &init.sign_bytes(self.chain_id), &init.signature);
        near && is_proposer && key.is_some_and(is_signed)
    }
}

struct Stream {
    opened: u64,
    init: Option<Init>,
    parts: BTreeMap<u64, Bytes>,
    size: usize,
    end: Option<u64>,
}

impl Stream {
    fn is_complete(&self) -> bool {
        let size = self.init.as_ref().map(|init| init.len as usize);
        self.end == Some(self.parts.len() as u64 + 1) && size == Some(self.size)
    }

    /// Bytes beyond what was announced, or pieces that are no pieces.
    fn is_nonsense(&self, block_bytes_max: usize) -> bool {
        let max = self.init.as_ref().map_or(block_bytes_max, |init| init.len as usize);
        let parts_max = max.div_ceil(form::PART_BYTES).max(1);
        max > block_bytes_max || self.size > max || self.parts.len() > parts_max
    }
}

/// Puts blocks together whose parts arrive in any order. What one publisher may keep here is bounded by count and
/// bytes, and so is the number of publishers.
pub struct Assembler {
    streams: HashMap<PeerId, HashMap<StreamId, Stream>>,
    opened: u64,
    /// Streams up to this one were there when the last height was decided.
    decided_at: u64,
    block_bytes_max: usize,
}

impl Assembler {
    pub fn new(block_bytes_max: usize) -> Self {
        Self { streams: HashMap::new(), opened: 0, decided_at: 0, block_bytes_max }
    }

    /// A complete block whose announcement is allowed.
    pub fn add(
        &mut self,
        publisher: PeerId,
        message: StreamMessage<Part>,
        expected: &Expected<'_>,
    ) -> Option<Candidate> {
        if self.streams.len() >= PUBLISHERS_MAX && !self.streams.contains_key(&publisher) {
            self.give_way();
        }
        self.opened += 1;
        let opened = self.opened;
        let own = self.streams.entry(publisher).or_default();
        let id = message.stream_id;
        let stream = own.entry(id.clone()).or_insert_with(|| Stream {
            opened,
            init: None,
            parts: BTreeMap::new(),
            size: 0,
            end: None,
        });
        match message.content {
            StreamContent::Data(Part::Init(init)) if expected.allows(&init) => stream.init = Some(init),
            StreamContent::Data(Part::Init(_)) => {
                own.remove(&id);
                self.tidy(publisher);
                return None;
            }
            StreamContent::Data(Part::Data(bytes)) => {
                stream.size += bytes.len();
                if let Some(replaced) = stream.parts.insert(message.sequence, bytes) {
                    stream.size -= replaced.len();
                }
            }
            StreamContent::Fin => stream.end = Some(message.sequence),
        }
        let (complete, nonsense) = (stream.is_complete(), stream.is_nonsense(self.block_bytes_max));
        let finished = if complete || nonsense { own.remove(&id) } else { None };
        self.tidy(publisher);
        finished.filter(|_| complete && !nonsense).and_then(assembled)
    }

    /// Removes the publisher that is the least likely to complete a block: who announced nothing allowed goes first,
    /// the oldest before the others; then who announced for the lowest round, the newest of those, because a copy of an
    /// announcement comes after it.
    fn give_way(&mut self) {
        let rank = |own: &HashMap<StreamId, Stream>| {
            let inits = own.values().filter_map(|stream| stream.init.as_ref());
            let place = inits.map(|init| (init.height.0, init.round.as_i64())).max();
            let opened = own.values().map(|stream| i128::from(stream.opened)).max();
            (place, opened.map(|opened| if place.is_some() { -opened } else { opened }))
        };
        if let Some(least) = self.streams.iter().min_by_key(|(_, own)| rank(own)).map(|(publisher, _)| *publisher) {
            self.streams.remove(&least);
        }
    }

    /// The oldest streams of a publisher that has too much give way; a publisher without any is forgotten.
    fn tidy(&mut self, publisher: PeerId) {
        let Some(own) = self.streams.get_mut(&publisher) else { return };
        let too_much = |own: &HashMap<StreamId, Stream>| {
            own.len() > STREAMS_PER_PUBLISHER
                || own.values().map(|stream| stream.size).sum::<usize>() > BYTES_PER_PUBLISHER
        };
        while too_much(own) {
            let oldest = own.iter().min_by_key(|(_, stream)| stream.opened).map(|(id, _)| id.clone());
            match oldest {
                Some(id) => own.remove(&id),
                None => break,
            };
        }
        if own.is_empty() {
            self.streams.remove(&publisher);
        }
    }

    /// A height was decided: what belongs to it goes, and what was announced by nothing since the one before.
    pub fn decided(&mut self, height: u64) {
        let before = std::mem::replace(&mut self.decided_at, self.opened);
        for own in self.streams.values_mut() {
            own.retain(|_, stream| match &stream.init {
                Some(init) => init.height.0 > height,
                None => stream.opened > before,
            });
        }
        self.streams.retain(|_, own| !own.is_empty());
    }
}

fn assembled(stream: Stream) -> Option<Candidate> {
    let init = stream.init?;
    let bytes: Vec<u8> = stream.parts.into_values().flatten().collect();
    if form::sha256(&bytes) != init.hash {
        return None;
    }
    Candidate::from_bytes(init.height.0, init.round, init.pol_round, init.proposer, bytes.into())
}

/// Blocks that arrived before their height began: kept, because nobody sends them twice.
#[derive(Default)]
pub struct Ahead(BTreeMap<u64, Vec<Candidate>>);

impl Ahead {
    pub fn keep(&mut self, candidate: Candidate) {
        let waiting = self.0.entry(candidate.height).or_default();
        if waiting.len() < AHEAD_BLOCKS_MAX {
            waiting.push(candidate);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn take(&mut self, height: u64) -> Vec<Candidate> {
        let taken = self.0.remove(&height).unwrap_or_default();
        self.0.retain(|waiting, _| *waiting > height);
        taken
    }
}

#[cfg(test)]
#[path = "proposals_tests.rs"]
mod tests;
