//! Protobuf messages as JSON, the way a node writes it: in REST answers, event attributes and genesis files.
//!
//! Names are the original ones of the sources (snake case), members stand in declaration order and defaults are
//! written: an absent message or timestamp is `null`, absent bytes are `null`, an empty list is `[]`. Integers of
//! 64 bits are strings, enums names, bytes base64, decimals have a point and 18 places, an `Any` is opened:
//! `{"@type":"/x",...}`. An unset member of a oneof is left out.
//!
//! [`encode_text`] keeps the declaration order and Go's escapes, for places where the text itself is the
//! interface. [`encode`] gives the same as a [`serde_json::Value`]. [`decode`] reads it back; it refuses unknown
//! members and takes lower camel case names and numbers of enums too.
//!
//! Not known here: amino JSON, and which route answers what.

mod decode;
mod encode;
mod plan;
#[cfg(test)]
mod tests;
mod time;
pub(crate) mod tree;

pub use decode::{JsonError, decode, decode_message};
pub use time::Rfc3339;

use prost::{Message, Name};
use prost_reflect::{DynamicMessage, MessageDescriptor};
use serde_json::Value;

/// Messages nested deeper than this are refused on the way in and cut off on the way out.
const MAX_DEPTH: usize = 100;

/// The message as a JSON value. Members of a [`Value`] are sorted; see [`encode_text`] for the order of the node.
#[must_use]
pub fn encode(message: &DynamicMessage) -> Value {
    encode::message(message, MAX_DEPTH).into_value()
}

/// The message as JSON text, byte for byte as the node writes it.
#[must_use]
pub fn encode_text(message: &DynamicMessage) -> String {
    encode::message(message, MAX_DEPTH).to_text()
}

/// As [`encode`], from a generated message.
#[must_use]
pub fn encode_message<M: Message + Name>(message: &M) -> Value {
    encode(&dynamic(message))
}

/// As [`encode_text`], from a generated message.
#[must_use]
pub fn encode_message_text<M: Message + Name>(message: &M) -> String {
    encode_text(&dynamic(message))
}

/// Each member of the message in declaration order: its name and its JSON text.
#[must_use]
pub fn encode_members<M: Message + Name>(message: &M) -> Vec<(String, String)> {
    let members = encode::members(&dynamic(message), MAX_DEPTH);
    members.into_iter().map(|(name, value)| (name, value.to_text())).collect()
}

/// The descriptor of a message by its full name, without a slash in front.
#[must_use]
pub fn descriptor(name: &str) -> Option<MessageDescriptor> {
    akash_proto::descriptors().get_message_by_name(name)
}

/// A generated message under its descriptor.
pub(crate) fn dynamic<M: Message + Name>(message: &M) -> DynamicMessage {
    let descriptor = descriptor(&M::full_name()).expect("messages and descriptors come from the same sources");
    DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice())
        .expect("what prost encodes is valid for its own descriptor")
}
