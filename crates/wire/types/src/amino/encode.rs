use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};

use super::AminoError;
use super::plan::{self, Encoding, Field, Form, Oneof, Plan};
use crate::json::tree::Tree;
use crate::json::{self, Rfc3339};
use crate::num::{Dec, Int};

const NANOS: i64 = 1_000_000_000;

/// Seconds of 0001-01-01 and 9999-12-31T23:59:59.
const TIMES: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// `{"type":name,"value":{...}}`.
pub(super) fn any(type_url: &str, bytes: &[u8], depth: usize) -> Result<Tree, AminoError> {
    let unknown = || AminoError::UnknownType(type_url.chars().take(256).collect());
    let full_name = type_url.rsplit('/').next().unwrap_or_default();
    let descriptor = json::descriptor(full_name).ok_or_else(unknown)?;
    let plan = plan::of(&descriptor).ok_or_else(unknown)?;
    let inner = DynamicMessage::decode(descriptor, bytes).map_err(|_| AminoError::Message(full_name.to_owned()))?;

    let name = plan.name.clone().unwrap_or_else(|| format!("/{full_name}"));
    Ok(wrapped(name, message(&inner, depth)?))
}

/// A message without a wrapper; those that have a form of their own get it.
pub(super) fn message(message: &DynamicMessage, depth: usize) -> Result<Tree, AminoError> {
    let depth = depth.checked_sub(1).ok_or(AminoError::Depth)?;
    let descriptor = message.descriptor();
    let name = descriptor.full_name();
    match name {
        "google.protobuf.Timestamp" => return timestamp(number(message, 1), number(message, 2)),
        "google.protobuf.Duration" => return duration(number(message, 1), number(message, 2)),
        "google.protobuf.Any" => return opened(message, depth),
        _ => {}
    }
    let plan = plan::of(&descriptor).ok_or_else(|| AminoError::UnknownType(name.to_owned()))?;
    match plan.form {
        Form::Members => members(message, plan, depth).map(Tree::Object),
        Form::KeyField => Ok(message.get_field_by_name("key").map_or(Tree::Null, |key| bytes(&key))),
        Form::Threshold => threshold(message, depth),
        Form::Other => Err(AminoError::Kind(name.to_owned())),
    }
}

fn members(message: &DynamicMessage, plan: &Plan, depth: usize) -> Result<Vec<(String, Tree)>, AminoError> {
    let mut members: Vec<(String, Tree)> = Vec::new();
    for field in &plan.fields {
        let present = message.has_field(&field.descriptor);
        match &field.oneof {
            Some(oneof) if present => members.push(chosen(message, field, oneof, depth)?),
            Some(oneof) => {
                type_name(field, oneof)?;
                let written = members.iter().any(|(name, _)| *name == oneof.name);
                if !written && is_unset(message, &field.descriptor) {
                    members.push((oneof.name.clone(), Tree::Null));
                }
            }
            None if present => {
                let value = value(&message.get_field(&field.descriptor), field, depth)?;
                members.push((field.name.clone(), value));
            }
            None if field.keep_empty => members.push((field.name.clone(), absent(field, depth)?)),
            None => {}
        }
    }
    Ok(members)
}

/// `"OneofName":{"type":name,"value":{"field":...}}`.
fn chosen(message: &DynamicMessage, field: &Field, oneof: &Oneof, depth: usize) -> Result<(String, Tree), AminoError> {
    let value = value(&message.get_field(&field.descriptor), field, depth)?;
    let inner = Tree::Object(vec![(field.name.clone(), value)]);
    Ok((oneof.name.clone(), wrapped(type_name(field, oneof)?, inner)))
}

fn type_name(field: &Field, oneof: &Oneof) -> Result<String, AminoError> {
    oneof.type_name.clone().ok_or_else(|| AminoError::OneofName(field.descriptor.full_name().to_owned()))
}

fn is_unset(message: &DynamicMessage, field: &FieldDescriptor) -> bool {
    let oneof = field.containing_oneof();
    oneof.is_some_and(|oneof| oneof.fields().all(|member| !message.has_field(&member)))
}

/// What is written for a kept field that is not on the wire.
fn absent(field: &Field, depth: usize) -> Result<Tree, AminoError> {
    let descriptor = &field.descriptor;
    if descriptor.is_list() {
        return Ok(if field.encoding == Encoding::Coins { Tree::List(Vec::new()) } else { Tree::Null });
    }
    match descriptor.kind() {
        _ if descriptor.is_map() => Err(kind_error(field)),
        Kind::Message(_) => Err(AminoError::Absent(descriptor.full_name().to_owned())),
        kind => value(&Value::default_value(&kind), field, depth),
    }
}

fn value(item: &Value, field: &Field, depth: usize) -> Result<Tree, AminoError> {
    let number_error = || AminoError::Number(field.descriptor.full_name().to_owned());
    match (item, field.encoding) {
        (_, Encoding::Other) | (Value::Map(_), _) => Err(kind_error(field)),
        (Value::List(items), _) => {
            items.iter().map(|item| value(item, field, depth)).collect::<Result<_, _>>().map(Tree::List)
        }
        (Value::String(digits), Encoding::Int) => integer(digits).ok_or_else(number_error),
        (Value::Bytes(digits), Encoding::Int) => {
            std::str::from_utf8(digits).ok().and_then(integer).ok_or_else(number_error)
        }
        (Value::String(digits), Encoding::Dec) => decimal(digits).ok_or_else(number_error),
        _ => plain(item, field, depth),
    }
}

fn plain(item: &Value, field: &Field, depth: usize) -> Result<Tree, AminoError> {
    Ok(match item {
        Value::Bool(value) => Tree::Bool(*value),
        Value::I32(value) | Value::EnumNumber(value) => Tree::Number(value.to_string()),
        Value::U32(value) => Tree::Number(value.to_string()),
        Value::I64(value) => Tree::text(value),
        Value::U64(value) => Tree::text(value),
        Value::String(text) => Tree::text(text),
        Value::Bytes(_) => bytes(item),
        Value::Message(inner) => message(inner, depth)?,
        Value::F32(_) | Value::F64(_) | Value::List(_) | Value::Map(_) => return Err(kind_error(field)),
    })
}

fn kind_error(field: &Field) -> AminoError {
    AminoError::Kind(field.descriptor.full_name().to_owned())
}

fn integer(digits: &str) -> Option<Tree> {
    if digits.is_empty() { Some(Tree::text("0")) } else { digits.parse::<Int>().ok().map(Tree::text) }
}

/// PARITY(amino/empty-decimal): without a value it is `0`, without places. Page: docs/parity/wire.md.
fn decimal(digits: &str) -> Option<Tree> {
    if digits.is_empty() { Some(Tree::text("0")) } else { Dec::from_wire(digits).ok().map(Tree::text) }
}

fn bytes(value: &Value) -> Tree {
    Tree::Text(value.as_bytes().map(|bytes| STANDARD.encode(bytes)).unwrap_or_default())
}

fn wrapped(name: String, value: Tree) -> Tree {
    Tree::Object(vec![("type".to_owned(), Tree::Text(name)), ("value".to_owned(), value)])
}

/// A message's own `Any`; an absent one has no type.
fn opened(message: &DynamicMessage, depth: usize) -> Result<Tree, AminoError> {
    let url = message.get_field_by_number(1).and_then(|v| v.as_str().map(ToOwned::to_owned)).unwrap_or_default();
    let bytes = message.get_field_by_number(2).and_then(|v| v.as_bytes().cloned()).unwrap_or_default();
    any(&url, &bytes, depth)
}

fn threshold(message: &DynamicMessage, depth: usize) -> Result<Tree, AminoError> {
    let mut keys = Vec::new();
    for key in message.get_field_by_number(2).iter().filter_map(|keys| keys.as_list()).flatten() {
        keys.push(opened(key.as_message().ok_or(AminoError::Depth)?, depth)?);
    }
    let threshold = message.get_field_by_number(1).and_then(|v| v.as_u32()).unwrap_or_default();
    Ok(Tree::Object(vec![("pubkeys".to_owned(), Tree::List(keys)), ("threshold".to_owned(), Tree::text(threshold))]))
}

/// RFC 3339 with as many places as are needed, as Go's `RFC3339Nano`.
fn timestamp(seconds: i64, nanos: i64) -> Result<Tree, AminoError> {
    if !TIMES.contains(&seconds) || !(0..NANOS).contains(&nanos) {
        return Err(AminoError::Time);
    }
    let whole = Rfc3339 { seconds, nanos: 0 }.to_string();
    if nanos == 0 {
        return Ok(Tree::Text(whole));
    }
    let places = format!("{nanos:09}");
    Ok(Tree::Text(format!("{}.{}Z", whole.trim_end_matches('Z'), places.trim_end_matches('0'))))
}

/// Nanoseconds as text.
fn duration(seconds: i64, nanos: i64) -> Result<Tree, AminoError> {
    let total = seconds.checked_mul(NANOS).and_then(|whole| whole.checked_add(nanos));
    total.map(Tree::text).ok_or(AminoError::Time)
}

/// An integer field of a well-known type.
fn number(message: &DynamicMessage, field: u32) -> i64 {
    let value = message.get_field_by_number(field);
    value.and_then(|v| v.as_i64().or_else(|| v.as_i32().map(i64::from))).unwrap_or_default()
}
