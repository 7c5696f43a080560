//! Typed events: a protobuf message as an ABCI event.
//!
//! The event's type is the message's full name; each top-level field is one attribute, sorted by name, whose value
//! is the JSON of that field. A text therefore carries its quotes.

use prost::{Message, Name};
use serde_json::{Map, Value};

use crate::json::{self, JsonError};

/// Type and attributes of the event that announces this message.
#[must_use]
pub fn encode_event<M: Message + Name>(message: &M) -> (String, Vec<(String, String)>) {
    let mut attributes = json::encode_members(message);
    attributes.sort_by(|a, b| a.0.cmp(&b.0));
    (M::full_name(), attributes)
}

/// Why attributes are not those of the typed event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    #[error("event is of type {got}, expected {expected}")]
    Type { got: String, expected: String },
    #[error("attribute {0:?} is no JSON")]
    Attribute(String),
    #[error(transparent)]
    Message(#[from] JsonError),
}

/// Reads a typed event back. Attributes that a node adds to every event of a message (`msg_index`, `mode`) are
/// passed over.
pub fn decode_event<M: Message + Name + Default>(kind: &str, attributes: &[(String, String)]) -> Result<M, EventError> {
    if kind != M::full_name() {
        return Err(EventError::Type { got: kind.chars().take(256).collect(), expected: M::full_name() });
    }
    let added = |key: &str| key == "msg_index" || key == "mode";
    let mut members = Map::new();
    for (key, value) in attributes.iter().filter(|(key, _)| !added(key)) {
        let value: Value = serde_json::from_str(value).map_err(|_| EventError::Attribute(key.clone()))?;
        members.insert(key.clone(), value);
    }
    Ok(json::decode_message(&Value::Object(members))?)
}
