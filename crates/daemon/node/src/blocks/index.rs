//! Finding transactions: by hash, and by `type.key = value` of an event of theirs. Finding blocks: by those of theirs.
//!
//! All of it can be made again from blocks and results, see [`BlockStore::reindex`].

use fjall::OwnedWriteBatch;
use tendermint_proto::v0_38::abci::{Event, ExecTxResult, ResponseFinalizeBlock};

use crate::chain::form;

use super::store::{BlockStore, BlockStoreError, damaged};

/// Longer values are not indexed; the condition is still checked on the results themselves.
const VALUE_BYTES_MAX: usize = 256;

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TxPosition {
    pub height: u64,
    pub index: u32,
}

/// From which position on to continue a list, and its end.
#[derive(Copy, Clone, Debug)]
pub struct EventCursor {
    pub from: TxPosition,
    pub to: TxPosition,
}

impl TxPosition {
    pub fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&self.height.to_be_bytes());
        bytes[8..].copy_from_slice(&self.index.to_be_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 12] = bytes.try_into().ok()?;
        let height = u64::from_be_bytes(bytes[..8].try_into().ok()?);
        Some(Self { height, index: u32::from_be_bytes(bytes[8..].try_into().ok()?) })
    }
}

/// Every transaction is found under this tag with an empty value.
pub(super) const TX_HEIGHT: &str = "tx.height";

/// `type.key`, zero, value, zero, position: one range per value, in the order of the chain.
pub(super) fn event_key(tag: &str, value: &str, position: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(tag.len() + value.len() + 2 + position.len());
    key.extend(tag.as_bytes());
    key.push(0);
    key.extend(value.as_bytes());
    key.push(0);
    key.extend(position);
    key
}

/// The keys of what is indexed, each once.
fn event_keys(events: &[Event], position: &[u8]) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    for event in events.iter().filter(|event| !event.r#type.is_empty()) {
        for attribute in event.attributes.iter().filter(|attribute| attribute.index && !attribute.key.is_empty()) {
            if attribute.value.len() <= VALUE_BYTES_MAX {
                keys.push(event_key(&format!("{}.{}", event.r#type, attribute.key), &attribute.value, position));
            }
        }
    }
    keys.sort();
    keys.dedup();
    keys
}

/// The transactions of a block with their places and results.
fn in_block<'a>(
    height: u64,
    txs: &'a [Vec<u8>],
    results: &'a ResponseFinalizeBlock,
) -> impl Iterator<Item = (&'a Vec<u8>, &'a ExecTxResult, [u8; 12])> {
    let places = (0..).map(move |index| TxPosition { height, index }.to_bytes());
    txs.iter().zip(&results.tx_results).zip(places).map(|((tx, result), place)| (tx, result, place))
}

impl BlockStore {
    /// Adds the rows by which a block and its transactions are found.
    pub(super) fn index_into(
        &self,
        batch: &mut OwnedWriteBatch,
        height: u64,
        txs: &[Vec<u8>],
        results: &ResponseFinalizeBlock,
    ) {
        for key in event_keys(&results.events, &height.to_be_bytes()) {
            batch.insert(&self.block_events, key, height.to_be_bytes());
        }
        for (tx, result, place) in in_block(height, txs, results) {
            batch.insert(&self.txs, form::sha256(tx), place);
            batch.insert(&self.events, event_key(TX_HEIGHT, "", &place), place);
            for key in event_keys(&result.events, &place) {
                batch.insert(&self.events, key, place);
            }
        }
    }

    /// Takes them away. A transaction that stands in another block as well is still found there.
    pub(super) fn unindex_into(
        &self,
        batch: &mut OwnedWriteBatch,
        height: u64,
        txs: &[Vec<u8>],
        results: &ResponseFinalizeBlock,
    ) -> Result<(), BlockStoreError> {
        for key in event_keys(&results.events, &height.to_be_bytes()) {
            batch.remove(&self.block_events, key);
        }
        for (tx, result, place) in in_block(height, txs, results) {
            let hash = form::sha256(tx);
            if self.txs.get(hash)?.is_some_and(|found| *found == place) {
                batch.remove(&self.txs, hash);
            }
            batch.remove(&self.events, event_key(TX_HEIGHT, "", &place));
            for key in event_keys(&result.events, &place) {
                batch.remove(&self.events, key);
            }
        }
        Ok(())
    }

    pub fn find_tx(&self, hash: &[u8]) -> Result<Option<TxPosition>, BlockStoreError> {
        let Some(value) = self.txs.get(hash)? else { return Ok(None) };
        let position = TxPosition::from_bytes(&value);
        position.map(Some).ok_or_else(|| damaged("transaction index", 0, hex::encode_upper(hash)))
    }

    /// Positions of the transactions with an event attribute of exactly this value, in chain order.
    pub fn find_event(
        &self,
        tag: &str,
        value: &str,
        within: EventCursor,
        limit: usize,
    ) -> Result<Vec<TxPosition>, BlockStoreError> {
        if value.len() > VALUE_BYTES_MAX {
            return Ok(Vec::new());
        }
        let range = event_key(tag, value, &within.from.to_bytes())..=event_key(tag, value, &within.to.to_bytes());
        let mut found = Vec::new();
        for entry in self.events.range(range).take(limit) {
            let (_, value) = entry.into_inner()?;
            found.push(TxPosition::from_bytes(&value).ok_or_else(|| damaged("event index", 0, tag))?);
        }
        Ok(found)
    }

    /// Heights from `first` to `last` of blocks with an event attribute of exactly this value outside of their
    /// transactions, in order.
    pub fn find_block_event(
        &self,
        tag: &str,
        value: &str,
        first: u64,
        last: u64,
        limit: usize,
    ) -> Result<Vec<u64>, BlockStoreError> {
        if value.len() > VALUE_BYTES_MAX || first > last {
            return Ok(Vec::new());
        }
        let range = event_key(tag, value, &first.to_be_bytes())..=event_key(tag, value, &last.to_be_bytes());
        let mut found = Vec::new();
        for entry in self.block_events.range(range).take(limit) {
            let (_, value) = entry.into_inner()?;
            let height = value.as_ref().try_into().map_err(|_| damaged("event index", 0, tag))?;
            found.push(u64::from_be_bytes(height));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tendermint_proto::v0_38::abci::{Event, EventAttribute};

    #[test]
    fn only_indexed_attributes_with_names_get_keys() {
        let attribute = |key: &str, index| EventAttribute { key: key.into(), value: "v".into(), index };
        let events = vec![
            Event {
                r#type: "a".into(),
                attributes: vec![attribute("k", true), attribute("l", false), attribute("", true)],
            },
            Event { r#type: String::new(), attributes: vec![attribute("k", true)] },
        ];
        let position = TxPosition { height: 3, index: 1 }.to_bytes();
        assert_eq!(event_keys(&events, &position), vec![event_key("a.k", "v", &position)]);
    }

    #[test]
    fn positions_sort_like_the_chain() {
        let later = TxPosition { height: 256, index: 0 };
        let sooner = TxPosition { height: 255, index: u32::MAX };
        assert!(sooner.to_bytes() < later.to_bytes() && sooner < later);
        assert_eq!(TxPosition::from_bytes(&later.to_bytes()), Some(later));
    }
}
