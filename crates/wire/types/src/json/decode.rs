use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};
use serde_json::Value as Json;

use super::plan::{self, Custom, Field};
use super::time::{self, Rfc3339};
use crate::num::{Dec, Int};

/// Why a JSON value is no such message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    #[error("unknown field {field:?} in {message}")]
    UnknownField { message: String, field: String },
    #[error("field {0:?} occurs under both of its names")]
    Twice(String),
    #[error("field {field:?} is no {expected}")]
    Value { field: String, expected: &'static str },
    #[error("unable to resolve type URL {0}")]
    UnknownType(String),
    #[error("more than one member of oneof {0:?}")]
    OneOf(String),
    #[error("nested too deeply")]
    Depth,
}

/// Reads a message from JSON.
pub fn decode(message: &MessageDescriptor, json: &Json) -> Result<DynamicMessage, JsonError> {
    read_message(message, json, message.full_name(), super::MAX_DEPTH)
}

/// Reads a generated message from JSON.
pub fn decode_message<M: Message + Name + Default>(json: &Json) -> Result<M, JsonError> {
    let name = M::full_name();
    let descriptor = super::descriptor(&name).ok_or_else(|| JsonError::UnknownType(name.clone()))?;
    let message = decode(&descriptor, json)?;
    message.transcode_to().map_err(|_| JsonError::Value { field: name, expected: "message" })
}

fn read_message(
    descriptor: &MessageDescriptor,
    json: &Json,
    field: &str,
    depth: usize,
) -> Result<DynamicMessage, JsonError> {
    let depth = depth.checked_sub(1).ok_or(JsonError::Depth)?;
    match descriptor.full_name() {
        "google.protobuf.Timestamp" => read_timestamp(descriptor, json, field),
        "google.protobuf.Duration" => read_duration(descriptor, json, field),
        "google.protobuf.Any" => read_any(descriptor, json, field, depth),
        _ => {
            let members = json.as_object().ok_or_else(|| wrong(field, "object"))?;
            read_members(descriptor, members.iter(), depth)
        }
    }
}

fn read_members<'a>(
    descriptor: &MessageDescriptor,
    members: impl Iterator<Item = (&'a String, &'a Json)>,
    depth: usize,
) -> Result<DynamicMessage, JsonError> {
    let fields = plan::fields(descriptor);
    let mut message = DynamicMessage::new(descriptor.clone());
    let mut seen = Vec::new();
    for (name, json) in members {
        let named = |f: &&Field| f.descriptor.name() == name || f.descriptor.json_name() == name;
        let field = fields.iter().find(named).ok_or_else(|| unknown(descriptor, name))?;
        if seen.contains(&field.descriptor.number()) {
            return Err(JsonError::Twice(name.clone()));
        }
        seen.push(field.descriptor.number());
        if json.is_null() {
            continue;
        }
        if let Some(oneof) = field.descriptor.containing_oneof()
            && oneof.fields().any(|other| message.has_field(&other))
        {
            return Err(JsonError::OneOf(oneof.name().to_owned()));
        }
        let value = read_field(field, json, depth)?;
        message.try_set_field(&field.descriptor, value).map_err(|_| wrong(name, "value of this field"))?;
    }
    Ok(message)
}

fn read_field(field: &Field, json: &Json, depth: usize) -> Result<Value, JsonError> {
    let descriptor = &field.descriptor;
    if descriptor.is_map() {
        return read_map(descriptor, json, depth);
    }
    if descriptor.is_list() {
        let items = json.as_array().ok_or_else(|| wrong(descriptor.name(), "list"))?;
        return Ok(Value::List(items.iter().map(|item| read_value(field, item, depth)).collect::<Result<_, _>>()?));
    }
    read_value(field, json, depth)
}

fn read_map(descriptor: &FieldDescriptor, json: &Json, depth: usize) -> Result<Value, JsonError> {
    let entries = json.as_object().ok_or_else(|| wrong(descriptor.name(), "object"))?;
    let Kind::Message(entry) = descriptor.kind() else { return Err(wrong(descriptor.name(), "map")) };
    let value_field = Field { descriptor: entry.map_entry_value_field(), never_null: false, custom: None };
    let key_kind = entry.map_entry_key_field().kind();
    let read = |(key, item): (&String, &Json)| {
        let key = read_scalar(&key_kind, &Json::String(key.clone()), descriptor.name())?;
        let key: MapKey = key.into_map_key().ok_or_else(|| wrong(descriptor.name(), "map key"))?;
        Ok((key, read_value(&value_field, item, depth)?))
    };
    Ok(Value::Map(entries.iter().map(read).collect::<Result<_, JsonError>>()?))
}

fn read_value(field: &Field, json: &Json, depth: usize) -> Result<Value, JsonError> {
    let name = field.descriptor.name();
    match (field.custom, field.descriptor.kind()) {
        (Some(Custom::Dec), _) => {
            let value: Dec = text(json, name, "decimal")?.parse().map_err(|_| wrong(name, "decimal"))?;
            Ok(Value::String(value.to_wire()))
        }
        (Some(Custom::Int), kind) => {
            let value: Int = text(json, name, "integer")?.parse().map_err(|_| wrong(name, "integer"))?;
            let digits = value.to_string();
            Ok(if kind == Kind::Bytes { Value::Bytes(digits.into_bytes().into()) } else { Value::String(digits) })
        }
        (None, Kind::Message(inner)) => read_message(&inner, json, name, depth).map(Value::Message),
        (None, kind) => read_scalar(&kind, json, name),
    }
}

fn read_scalar(kind: &Kind, json: &Json, field: &str) -> Result<Value, JsonError> {
    Ok(match kind {
        Kind::Bool => Value::Bool(match json {
            Json::String(text) => text.parse().map_err(|_| wrong(field, "boolean"))?,
            other => other.as_bool().ok_or_else(|| wrong(field, "boolean"))?,
        }),
        Kind::String => Value::String(text(json, field, "text")?.to_owned()),
        Kind::Bytes => {
            let text = text(json, field, "base64 text")?;
            Value::Bytes(STANDARD.decode(text).map_err(|_| wrong(field, "base64 text"))?.into())
        }
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(number(json, field, "32-bit integer")?),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(number(json, field, "unsigned 32-bit integer")?),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number(json, field, "64-bit integer")?),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(number(json, field, "unsigned 64-bit integer")?),
        Kind::Float => Value::F32(number(json, field, "number")?),
        Kind::Double => Value::F64(number(json, field, "number")?),
        Kind::Enum(kind) => {
            let named = json.as_str().and_then(|name| kind.get_value_by_name(name));
            match named {
                Some(value) => Value::EnumNumber(value.number()),
                None if json.is_number() => Value::EnumNumber(number(json, field, "value of this enum")?),
                None => return Err(wrong(field, "value of this enum")),
            }
        }
        Kind::Message(_) => return Err(wrong(field, "scalar")),
    })
}

/// A number, or a text with one. Exponents and fractions of zero are not understood.
fn number<T: std::str::FromStr>(json: &Json, field: &str, expected: &'static str) -> Result<T, JsonError> {
    let digits = match json {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => return Err(wrong(field, expected)),
    };
    digits.parse().map_err(|_| wrong(field, expected))
}

fn text<'a>(json: &'a Json, field: &str, expected: &'static str) -> Result<&'a str, JsonError> {
    json.as_str().ok_or_else(|| wrong(field, expected))
}

fn read_timestamp(descriptor: &MessageDescriptor, json: &Json, field: &str) -> Result<DynamicMessage, JsonError> {
    let text = text(json, field, "RFC 3339 time")?;
    let time: Rfc3339 = text.parse().map_err(|()| wrong(field, "RFC 3339 time"))?;
    Ok(seconds_and_nanos(descriptor, time.seconds, time.nanos as i32))
}

fn read_duration(descriptor: &MessageDescriptor, json: &Json, field: &str) -> Result<DynamicMessage, JsonError> {
    let text = text(json, field, "duration")?;
    let (seconds, nanos) = time::read_duration(text).ok_or_else(|| wrong(field, "duration"))?;
    Ok(seconds_and_nanos(descriptor, seconds, nanos))
}

fn seconds_and_nanos(descriptor: &MessageDescriptor, seconds: i64, nanos: i32) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    message.set_field_by_number(1, Value::I64(seconds));
    message.set_field_by_number(2, Value::I32(nanos));
    message
}

/// `{"@type":"/x",...}`.
fn read_any(
    descriptor: &MessageDescriptor,
    json: &Json,
    field: &str,
    depth: usize,
) -> Result<DynamicMessage, JsonError> {
    let members = json.as_object().ok_or_else(|| wrong(field, "object"))?;
    let url = members.get("@type").and_then(Json::as_str).ok_or_else(|| wrong(field, "object with an @type"))?;
    let inner = url.strip_prefix('/').and_then(super::descriptor);
    let inner = inner.ok_or_else(|| JsonError::UnknownType(url.chars().take(256).collect()))?;
    let value = match inner.full_name() {
        "google.protobuf.Timestamp" | "google.protobuf.Duration" | "google.protobuf.Any" => {
            let value = members.get("value").ok_or_else(|| wrong(field, "object with a value"))?;
            read_message(&inner, value, field, depth)?
        }
        _ => {
            let depth = depth.checked_sub(1).ok_or(JsonError::Depth)?;
            read_members(&inner, members.iter().filter(|(name, _)| *name != "@type"), depth)?
        }
    };
    let mut any = DynamicMessage::new(descriptor.clone());
    any.set_field_by_number(1, Value::String(url.to_owned()));
    any.set_field_by_number(2, Value::Bytes(value.encode_to_vec().into()));
    Ok(any)
}

fn wrong(field: &str, expected: &'static str) -> JsonError {
    JsonError::Value { field: field.to_owned(), expected }
}

fn unknown(message: &MessageDescriptor, field: &str) -> JsonError {
    JsonError::UnknownField { message: message.full_name().to_owned(), field: field.chars().take(128).collect() }
}
