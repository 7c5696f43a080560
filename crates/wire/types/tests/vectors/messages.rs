use akash_testkit::vectors::Verdict;
use akash_types::json;
use akash_types::num::Dec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor};
use serde_json::Value;

use crate::fields::{bytes, equal, text};

/// A message's bytes and its JSON: decoded, encoded, and through the node's JSON and back.
pub fn check(case: &Value) -> Verdict {
    match text(case, "type").map(json::descriptor) {
        Err(e) => Verdict::Failed(e),
        Ok(None) => Verdict::LeftOut("type is not part of our sources".to_owned()),
        Ok(Some(descriptor)) => message(&descriptor, case).into(),
    }
}

fn message(descriptor: &MessageDescriptor, case: &Value) -> Result<(), String> {
    let wire = bytes(case, "bytes")?;
    let message = DynamicMessage::decode(descriptor.clone(), wire.as_slice()).map_err(|e| e.to_string())?;
    equal("unknown fields", message.unknown_fields().count(), 0)?;
    if !has_map(descriptor) {
        equal("encoded again", hex::encode(message.encode_to_vec()), hex::encode(&wire))?;
    }

    let ours = json::encode(&message);
    let from_text: Value = serde_json::from_str(&json::encode_text(&message)).map_err(|e| e.to_string())?;
    equal("JSON as text", &from_text, &ours)?;
    let theirs = case.get("json").ok_or("case has no json")?;
    same(&ours, theirs).map_err(|at| format!("JSON differs at {at}: {ours} and {theirs}"))?;

    let back = json::decode(descriptor, &ours).map_err(|e| e.to_string())?;
    equal("JSON of what JSON gave", &json::encode(&back), &ours)
}

/// A message's bytes and the very text of its JSON.
pub fn json_text(case: &Value) -> Result<(), String> {
    let name = text(case, "type")?;
    let descriptor = json::descriptor(name).ok_or("type is not part of our sources")?;
    let message = DynamicMessage::decode(descriptor, bytes(case, "bytes")?.as_slice()).map_err(|e| e.to_string())?;
    let expected = case.get("json_text").and_then(Value::as_str).ok_or("case has no json_text")?;
    equal("JSON text", json::encode_text(&message).as_str(), expected)
}

/// Bytes of a map have no fixed order.
fn has_map(descriptor: &MessageDescriptor) -> bool {
    descriptor.fields().any(|field| match field.kind() {
        _ if field.is_map() => true,
        Kind::Message(inner) => inner.full_name() != descriptor.full_name() && has_map(&inner),
        _ => false,
    })
}

/// Compares the node's JSON with plain protobuf JSON, which leaves defaults out, shows a decimal as its wire text and
/// an integer in bytes as base64. The error is the place of the first difference.
fn same(ours: &Value, theirs: &Value) -> Result<(), String> {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            if let Some(name) = theirs.keys().find(|name| !ours.contains_key(*name)) {
                return Err(name.clone());
            }
            for (name, value) in ours {
                match theirs.get(name) {
                    Some(other) => same(value, other).map_err(|at| format!("{name}.{at}"))?,
                    None if is_default(value) => {}
                    None => return Err(name.clone()),
                }
            }
            Ok(())
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            ours.iter().zip(theirs).try_for_each(|(ours, theirs)| same(ours, theirs))
        }
        (Value::String(ours), Value::String(theirs)) => {
            let decimal = || ours.parse::<Dec>().is_ok_and(|value| value.to_wire() == *theirs);
            let digits = || STANDARD.decode(theirs).is_ok_and(|bytes| bytes == ours.as_bytes());
            let equal = ours == theirs || decimal() || digits();
            if equal { Ok(()) } else { Err(ours.clone()) }
        }
        _ if ours == theirs => Ok(()),
        _ => Err(ours.to_string()),
    }
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => is_default_text(text),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_default),
    }
}

/// Empty, zero, or a name: which value of an enum is the first cannot be seen here.
fn is_default_text(text: &str) -> bool {
    matches!(text, "" | "0" | "0.000000000000000000" | "0001-01-01T00:00:00Z" | "0s")
        || text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        || text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
}
