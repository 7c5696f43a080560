//! Amino JSON: the text that Ledger devices, Keplr and multisig members sign.
//!
//! It is derived from the same descriptors as the protobuf bytes, by the options `amino.*` of the sources. A
//! message inside an `Any` is wrapped: `{"type":name,"value":{...}}`, where the name is the option `amino.name` or
//! else the type URL. Members are sorted and left out when they are empty, unless an option keeps them. Integers of
//! 64 bits are texts, enums numbers, decimals have a point and 18 places.
//!
//! The text is signed, so there is exactly one per message; where the reference has none (maps, floating point,
//! a kept message that is absent, a oneof without a name) there is an error. Depth is bounded.
//!
//! What it does not know: the sign document around the messages (`tx`), and reading amino JSON, which nobody does.

mod encode;
mod plan;
#[cfg(test)]
mod tests;

use prost::{Message, Name};
use prost_reflect::DynamicMessage;
use prost_types::Any;

use crate::json;
use crate::json::tree::Tree;

/// Messages nested deeper than this are refused.
const MAX_DEPTH: usize = 32;

/// Why a message has no amino JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AminoError {
    #[error("unable to resolve type URL {0}")]
    UnknownType(String),
    #[error("message of type {0} cannot be decoded")]
    Message(String),
    #[error("messages are nested too deep")]
    Depth,
    #[error("field {0} has a kind that amino JSON does not know")]
    Kind(String),
    #[error("field {0} within a oneof must have the option amino.oneof_name")]
    OneofName(String),
    #[error("field {0} must not be absent")]
    Absent(String),
    #[error("field {0} is no number")]
    Number(String),
    #[error("time is out of range")]
    Time,
}

/// The text of a message, without a wrapper.
pub fn encode_text(message: &DynamicMessage) -> Result<String, AminoError> {
    encode::message(message, MAX_DEPTH).map(|tree| tree.to_text())
}

/// The text of a message inside an `Any`, with its wrapper.
pub fn encode_any_text(any: &Any) -> Result<String, AminoError> {
    any_tree(any).map(|tree| tree.to_text())
}

pub(crate) fn any_tree(any: &Any) -> Result<Tree, AminoError> {
    encode::any(&any.type_url, &any.value, MAX_DEPTH)
}

pub(crate) fn message_tree<M: Message + Name>(message: &M) -> Result<Tree, AminoError> {
    encode::message(&json::dynamic(message), MAX_DEPTH)
}
