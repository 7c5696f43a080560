use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage, Value};

use super::plan::{self, Custom, Field};
use super::time;
use super::tree::Tree;
use crate::num::Dec;

/// What the node's language has for an absent time.
const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

const ANY: &str = "google.protobuf.Any";

/// A message; those that have a form of their own get it.
pub(super) fn message(message: &DynamicMessage, depth: usize) -> Tree {
    let descriptor = message.descriptor();
    match descriptor.full_name() {
        "google.protobuf.Timestamp" => Tree::text(time::timestamp(number(message, 1), number(message, 2))),
        "google.protobuf.Duration" => Tree::text(time::duration(number(message, 1), number(message, 2))),
        ANY => any(message, depth),
        _ => Tree::Object(members(message, depth)),
    }
}

/// The members of a message in declaration order.
pub(super) fn members(message: &DynamicMessage, depth: usize) -> Vec<(String, Tree)> {
    let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
    let mut members = Vec::new();
    for field in plan::fields(&message.descriptor()) {
        let in_oneof = field.descriptor.containing_oneof().is_some();
        if in_oneof && !message.has_field(&field.descriptor) {
            continue;
        }
        members.push((field.descriptor.name().to_owned(), member(message, field, depth)));
    }
    members
}

fn member(message: &DynamicMessage, field: &Field, depth: usize) -> Tree {
    let descriptor = &field.descriptor;
    if !message.has_field(descriptor) {
        return absent(field, depth);
    }
    match message.get_field(descriptor).as_ref() {
        Value::List(items) => Tree::List(items.iter().map(|item| value(item, field, depth)).collect()),
        Value::Map(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(b.0));
            Tree::Object(sorted.into_iter().map(|(key, item)| (map_key(key), map_value(item, depth))).collect())
        }
        single => value(single, field, depth),
    }
}

/// What is written for a field that is not on the wire.
fn absent(field: &Field, depth: usize) -> Tree {
    let descriptor = &field.descriptor;
    if descriptor.is_list() {
        return Tree::List(Vec::new());
    }
    if descriptor.is_map() {
        return Tree::Object(Vec::new());
    }
    match (descriptor.kind(), field.custom) {
        (_, Some(Custom::Int)) if field.never_null => Tree::text("0"),
        (_, Some(_)) => Tree::Null,
        (Kind::Bytes, _) => Tree::Null,
        (Kind::Message(inner), _) if field.never_null => default_message(inner, depth),
        (Kind::Message(_), _) => Tree::Null,
        (kind, None) => value(&Value::default_value(&kind), field, depth),
    }
}

fn default_message(descriptor: MessageDescriptor, depth: usize) -> Tree {
    match descriptor.full_name() {
        "google.protobuf.Timestamp" => Tree::text(ZERO_TIME),
        _ => message(&DynamicMessage::new(descriptor), depth),
    }
}

fn value(item: &Value, field: &Field, depth: usize) -> Tree {
    match (item, field.custom) {
        (Value::String(text), Some(Custom::Dec)) => decimal(text),
        (Value::String(digits), Some(Custom::Int)) => Tree::text(digits),
        (Value::Bytes(digits), Some(Custom::Int)) => Tree::text(String::from_utf8_lossy(digits)),
        (Value::EnumNumber(number), _) => enum_name(*number, &field.descriptor),
        _ => plain(item, depth),
    }
}

fn plain(item: &Value, depth: usize) -> Tree {
    match item {
        Value::Bool(value) => Tree::Bool(*value),
        Value::I32(value) => Tree::Number(value.to_string()),
        Value::U32(value) => Tree::Number(value.to_string()),
        Value::I64(value) => Tree::text(value),
        Value::U64(value) => Tree::text(value),
        Value::F32(value) => float(f64::from(*value)),
        Value::F64(value) => float(*value),
        Value::String(text) => Tree::text(text),
        Value::Bytes(bytes) => Tree::Text(STANDARD.encode(bytes)),
        Value::EnumNumber(number) => Tree::Number(number.to_string()),
        Value::Message(inner) => message(inner, depth),
        Value::List(items) => Tree::List(items.iter().map(|item| plain(item, depth)).collect()),
        Value::Map(_) => Tree::Null, // a map's value is never a map
    }
}

/// A decimal. Text that is none has no value: as it stands it could be read as another one, since both are digits.
fn decimal(wire: &str) -> Tree {
    Dec::from_wire(wire).map_or(Tree::Null, Tree::text)
}

/// The name, or the number of a value that has none.
fn enum_name(number: i32, field: &FieldDescriptor) -> Tree {
    let name = match field.kind() {
        Kind::Enum(kind) => kind.get_value(number).map(|value| value.name().to_owned()),
        _ => None,
    };
    name.map_or_else(|| Tree::Number(number.to_string()), Tree::Text)
}

fn float(value: f64) -> Tree {
    let finite = serde_json::Number::from_f64(value).map(|number| Tree::Number(number.to_string()));
    finite.unwrap_or_else(|| Tree::text(value))
}

fn map_key(key: &MapKey) -> String {
    match key {
        MapKey::Bool(value) => value.to_string(),
        MapKey::I32(value) => value.to_string(),
        MapKey::I64(value) => value.to_string(),
        MapKey::U32(value) => value.to_string(),
        MapKey::U64(value) => value.to_string(),
        MapKey::String(text) => text.clone(),
    }
}

fn map_value(item: &Value, depth: usize) -> Tree {
    plain(item, depth)
}

/// `{"@type":"/x",...}`. Of a type that we do not know, or cannot read, the bytes are shown.
fn any(any: &DynamicMessage, depth: usize) -> Tree {
    let url = any.get_field_by_number(1).and_then(|v| v.as_str().map(ToOwned::to_owned)).unwrap_or_default();
    let bytes = any.get_field_by_number(2).and_then(|v| v.as_bytes().cloned()).unwrap_or_default();
    let opened = depth.checked_sub(1).and_then(|depth| {
        let descriptor = super::descriptor(url.strip_prefix('/')?)?;
        let inner = DynamicMessage::decode(descriptor, bytes.clone()).ok()?;
        Some(match message(&inner, depth) {
            Tree::Object(members) if inner.descriptor().full_name() != ANY => members,
            other => vec![("value".to_owned(), other)],
        })
    });
    let members = opened.unwrap_or_else(|| vec![("value".to_owned(), Tree::Text(STANDARD.encode(&bytes)))]);
    let head = ("@type".to_owned(), Tree::Text(url));
    Tree::Object(std::iter::once(head).chain(members).collect())
}

/// An integer field of a well-known type.
fn number(message: &DynamicMessage, field: u32) -> i64 {
    let value = message.get_field_by_number(field);
    value.and_then(|v| v.as_i64().or_else(|| v.as_i32().map(i64::from))).unwrap_or_default()
}
