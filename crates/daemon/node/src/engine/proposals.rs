//! Blocks on their way to a decision: cut into parts for the network, put together again, kept by round.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use malachite::app::consensus::ProposedValue;
use malachite::app::streaming::{StreamContent, StreamId, StreamMessage};
use malachite::app::types::PeerId;
use malachite::app::types::core::Validity;
use tendermint::block::Block;

use super::context::{Address, BlockRef, Context, Height, Part, Round};
use super::wire::{Reader, WireError, Writer};
use crate::chain::form;

/// Streams of parts that are open at once; more can only come from a peer that misbehaves.
const STREAMS_MAX: usize = 256;
/// Blocks for heights ahead of ours: how far ahead and how many for each.
const AHEAD_HEIGHTS_MAX: u64 = 10;
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
    pub fn stream(&self, id: StreamId, round: Round, pol_round: Round, proposer: Address) -> Vec<StreamMessage<Part>> {
        let len = u32::try_from(self.bytes.len()).expect("a block is smaller than 4 GiB");
        let init = Part::Init { height: Height(self.height), round, pol_round, proposer, len };
        let mut contents = vec![StreamContent::Data(init)];
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

struct Init {
    height: Height,
    round: Round,
    pol_round: Round,
    proposer: Address,
    len: u32,
}

#[derive(Default)]
struct Stream {
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
}

/// Puts blocks together whose parts arrive in any order.
pub struct Assembler {
    streams: HashMap<(PeerId, StreamId), Stream>,
    block_bytes_max: usize,
}

impl Assembler {
    pub fn new(block_bytes_max: usize) -> Self {
        Self { streams: HashMap::new(), block_bytes_max }
    }

    pub fn add(&mut self, publisher: PeerId, message: StreamMessage<Part>) -> Option<Candidate> {
        if self.streams.len() >= STREAMS_MAX {
            self.streams.clear();
        }
        let key = (publisher, message.stream_id.clone());
        let stream = self.streams.entry(key.clone()).or_default();
        match message.content {
            StreamContent::Data(Part::Init { height, round, pol_round, proposer, len }) => {
                stream.init = Some(Init { height, round, pol_round, proposer, len });
            }
            StreamContent::Data(Part::Data(bytes)) => {
                stream.size += bytes.len();
                if let Some(replaced) = stream.parts.insert(message.sequence, bytes) {
                    stream.size -= replaced.len();
                }
            }
            StreamContent::Fin => stream.end = Some(message.sequence),
        }
        if stream.size > self.block_bytes_max {
            self.streams.remove(&key);
            return None;
        }
        if !stream.is_complete() {
            return None;
        }
        let stream = self.streams.remove(&key)?;
        let init = stream.init?;
        let bytes: Vec<u8> = stream.parts.into_values().flatten().collect();
        Candidate::from_bytes(init.height.0, init.round, init.pol_round, init.proposer, bytes.into())
    }
}

/// Blocks that arrived before their height began: kept, because nobody sends them twice.
#[derive(Default)]
pub struct Ahead(BTreeMap<u64, Vec<Candidate>>);

impl Ahead {
    pub fn keep(&mut self, candidate: Candidate, next_height: u64) {
        if candidate.height > next_height && candidate.height < next_height + AHEAD_HEIGHTS_MAX {
            let waiting = self.0.entry(candidate.height).or_default();
            if waiting.len() < AHEAD_BLOCKS_MAX {
                waiting.push(candidate);
            }
        }
    }

    pub fn take(&mut self, height: u64) -> Vec<Candidate> {
        let taken = self.0.remove(&height).unwrap_or_default();
        self.0.retain(|waiting, _| *waiting > height);
        taken
    }
}
