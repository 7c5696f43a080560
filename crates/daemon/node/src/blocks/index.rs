//! Finding transactions: by hash, and by `type.key = value` of an event of theirs.

use tendermint_proto::v0_38::abci::ExecTxResult;

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

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 12] = bytes.try_into().ok()?;
        let height = u64::from_be_bytes(bytes[..8].try_into().ok()?);
        Some(Self { height, index: u32::from_be_bytes(bytes[8..].try_into().ok()?) })
    }
}

/// `type.key`, zero, value, zero, position: one range per value, in the order of the chain.
fn event_key(tag: &str, value: &str, position: TxPosition) -> Vec<u8> {
    let mut key = Vec::with_capacity(tag.len() + value.len() + 14);
    key.extend(tag.as_bytes());
    key.push(0);
    key.extend(value.as_bytes());
    key.push(0);
    key.extend(position.to_bytes());
    key
}

pub(super) fn event_keys(result: &ExecTxResult, position: TxPosition) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    for event in result.events.iter().filter(|event| !event.r#type.is_empty()) {
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

impl BlockStore {
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
        let range = event_key(tag, value, within.from)..=event_key(tag, value, within.to);
        let mut found = Vec::new();
        for entry in self.events.range(range).take(limit) {
            let (_, value) = entry.into_inner()?;
            found.push(TxPosition::from_bytes(&value).ok_or_else(|| damaged("event index", 0, tag))?);
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
        let result = ExecTxResult { events, ..Default::default() };
        let position = TxPosition { height: 3, index: 1 };
        assert_eq!(event_keys(&result, position), vec![event_key("a.k", "v", position)]);
    }

    #[test]
    fn positions_sort_like_the_chain() {
        let later = TxPosition { height: 256, index: 0 };
        let sooner = TxPosition { height: 255, index: u32::MAX };
        assert!(sooner.to_bytes() < later.to_bytes() && sooner < later);
        assert_eq!(TxPosition::from_bytes(&later.to_bytes()), Some(later));
    }
}
