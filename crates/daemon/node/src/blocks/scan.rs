//! Looking through the index where no single value is asked for.

use std::ops::RangeInclusive;

use fjall::Keyspace;

use super::index::{EventCursor, TX_HEIGHT, TxPosition, event_key};
use super::store::{BlockStore, BlockStoreError, damaged};

/// Behind the value's zero stands the place: of a transaction 12 bytes, of a block 8.
const TX_PLACE: usize = 12;
const BLOCK_PLACE: usize = 8;

/// Which values of an event attribute are looked for.
pub struct Wanted<'a> {
    pub tag: &'a str,
    pub holds: &'a dyn Fn(&str) -> bool,
    /// Any value will do, and the tag may also be the beginning of longer ones: the type of an event.
    pub any_attribute: bool,
}

impl BlockStore {
    /// Positions of transactions in chain order; nothing when that means looking at more than `limit` rows.
    pub fn scan_tx_events(
        &self,
        wanted: &Wanted,
        within: EventCursor,
        limit: usize,
    ) -> Result<Option<Vec<TxPosition>>, BlockStoreError> {
        let places = scan::<TX_PLACE>(&self.events, wanted, limit)?;
        let positions = places.map(|places| places.iter().filter_map(|place| TxPosition::from_bytes(place)).collect());
        let within = |position: &TxPosition| (within.from..=within.to).contains(position);
        Ok(positions.map(|mut positions: Vec<TxPosition>| {
            positions.retain(within);
            positions
        }))
    }

    /// As [`BlockStore::scan_tx_events`], for heights of blocks and their own events.
    pub fn scan_block_events(
        &self,
        wanted: &Wanted,
        within: RangeInclusive<u64>,
        limit: usize,
    ) -> Result<Option<Vec<u64>>, BlockStoreError> {
        let places = scan::<BLOCK_PLACE>(&self.block_events, wanted, limit)?;
        let heights = |places: Vec<[u8; BLOCK_PLACE]>| {
            places.into_iter().map(u64::from_be_bytes).filter(|height| within.contains(height)).collect()
        };
        Ok(places.map(heights))
    }

    /// Every transaction of a range; nothing when those are more than `limit`.
    pub fn tx_positions(&self, within: EventCursor, limit: usize) -> Result<Option<Vec<TxPosition>>, BlockStoreError> {
        let mut positions = Vec::new();
        let key = |position: TxPosition| event_key(TX_HEIGHT, "", &position.to_bytes());
        for entry in self.events.range(key(within.from)..=key(within.to)) {
            let (_, place) = entry.into_inner()?;
            positions.push(TxPosition::from_bytes(&place).ok_or_else(|| damaged("event index", 0, TX_HEIGHT))?);
            if positions.len() > limit {
                return Ok(None);
            }
        }
        Ok(Some(positions))
    }
}

/// Places in order, each once.
fn scan<const PLACE: usize>(
    rows: &Keyspace,
    wanted: &Wanted,
    limit: usize,
) -> Result<Option<Vec<[u8; PLACE]>>, BlockStoreError> {
    let mut places = Vec::new();
    let mut seen = 0;
    let behind: &[u8] = if wanted.any_attribute { &[0, b'.'] } else { &[0] };
    for byte in behind {
        let prefix = [wanted.tag.as_bytes(), &[*byte]].concat();
        for entry in rows.prefix(&prefix) {
            seen += 1;
            if seen > limit {
                return Ok(None);
            }
            let key = entry.key()?;
            let (rest, place) = key.split_last_chunk::<PLACE>().ok_or_else(|| damaged("event index", 0, wanted.tag))?;
            let value = rest.get(prefix.len()..).and_then(|rest| rest.strip_suffix(&[0])).unwrap_or_default();
            if wanted.any_attribute || std::str::from_utf8(value).is_ok_and(wanted.holds) {
                places.push(*place);
            }
        }
    }
    places.sort_unstable();
    places.dedup();
    Ok(Some(places))
}
