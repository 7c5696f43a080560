//! What the fuzz targets share: taking inputs apart, and the properties that several of them assert.
//!
//! A target takes bytes to a decoder and asserts more than the absence of a panic: what is accepted is encoded back to
//! the same, what is shown is bounded, what is hashed is stable. Targets are in `fuzz_targets/`, one per family of
//! decoders; the first bytes of an input choose within the family, so that one corpus serves all of it. `bin/seeds.rs`
//! makes the first corpus from fixtures and vectors. `fuzz/run` builds and runs them; `docs/fuzzing.md` has results.

use std::sync::LazyLock;

use akash_types::json;
use prost_reflect::{DynamicMessage, MessageDescriptor, ReflectMessage, Value};

/// Takes the front of an input, as many bytes as there are.
pub fn split(data: &[u8], at: usize) -> (&[u8], &[u8]) {
    data.split_at(at.min(data.len()))
}

/// The first byte as a choice among `count`, and the rest.
pub fn choice(data: &[u8], count: usize) -> Option<(usize, &[u8])> {
    let (first, rest) = data.split_first()?;
    Some((usize::from(*first) % count, rest))
}

/// The first two bytes as a length; the bytes of that length and those behind them.
pub fn sized(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = data.split_first_chunk::<2>()?;
    Some(split(rest, usize::from(u16::from_le_bytes(*length))))
}

/// The inverse of [`sized`]; used to make seeds.
pub fn join(first: &[u8], second: &[u8]) -> Vec<u8> {
    let length = u16::try_from(first.len()).unwrap_or(u16::MAX);
    [&length.to_le_bytes(), first, second].concat()
}

/// Every message of the sources, by name. Two bytes of an input choose one.
pub static MESSAGES: LazyLock<Vec<MessageDescriptor>> = LazyLock::new(|| {
    let mut all: Vec<_> = akash_proto::descriptors().all_messages().filter(|m| !m.is_map_entry()).collect();
    all.sort_by(|a, b| a.full_name().cmp(b.full_name()));
    all
});

/// A message type by two bytes, and the rest.
pub fn message_type(data: &[u8]) -> Option<(&'static MessageDescriptor, &[u8])> {
    let (index, rest) = data.split_first_chunk::<2>()?;
    Some((&MESSAGES[usize::from(u16::from_le_bytes(*index)) % MESSAGES.len()], rest))
}

/// The two bytes that choose a message type.
pub fn message_index(name: &str) -> Option<[u8; 2]> {
    let index = MESSAGES.binary_search_by(|m| m.full_name().cmp(name)).ok()?;
    Some(u16::try_from(index).ok()?.to_le_bytes())
}

/// Whether every `Any` in the message is of a known type and can be read; else its JSON shows bytes.
pub fn is_open(message: &DynamicMessage) -> bool {
    if message.descriptor().full_name() == "google.protobuf.Any" {
        return opened(message).is_some_and(|inner| is_open(&inner));
    }
    message.fields().all(|(_, value)| is_open_value(value))
}

fn is_open_value(value: &Value) -> bool {
    match value {
        Value::Message(inner) => is_open(inner),
        Value::List(items) => items.iter().all(is_open_value),
        Value::Map(entries) => entries.values().all(is_open_value),
        _ => true,
    }
}

fn opened(any: &DynamicMessage) -> Option<DynamicMessage> {
    let url = any.get_field_by_number(1)?.as_str()?.to_owned();
    let bytes = any.get_field_by_number(2)?.as_bytes()?.clone();
    DynamicMessage::decode(json::descriptor(url.strip_prefix('/')?)?, bytes).ok()
}
