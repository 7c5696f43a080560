//! A request message out of a path, a query and a body.
//!
//! Fields are named as in the sources or in lower camel case, nested ones with dots; a name that the message does not
//! have is left aside, as the original does. What was collected is read by the one reader of the node's JSON.

use akash_types::json;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use prost::Message as _;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value};

use super::answer::Failure;
use super::routes::{BodyIs, Route};
use super::template::{Variables, form_decode};

/// What came in.
pub struct Parts<'a> {
    pub variables: &'a Variables,
    pub query: &'a str,
    pub body: &'a [u8],
}

/// The encoded request of the route's method.
pub fn message(route: &Route, parts: &Parts) -> Result<Vec<u8>, Failure> {
    let input = route.input();
    let mut fields = match &route.body {
        BodyIs::Nothing => Map::new(),
        BodyIs::Everything => match body(parts.body)? {
            Value::Object(fields) => fields,
            Value::Null => Map::new(),
            _ => return Err(Failure::invalid("the body is no JSON object")),
        },
        BodyIs::Field(name) => Map::from_iter([(name.clone(), body(parts.body)?)]),
    };
    if route.body != BodyIs::Everything {
        add_query(&mut fields, route, parts.query)?;
    }
    for (name, text) in parts.variables {
        put(&mut fields, &input, name, text, true)?;
    }
    let message = json::decode(&input, &Value::Object(fields)).map_err(|error| Failure::invalid(error.to_string()))?;
    Ok(message.encode_to_vec())
}

/// No body stands for an empty one.
fn body(bytes: &[u8]) -> Result<Value, Failure> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes).map_err(|error| Failure::invalid(format!("the body is no JSON: {error}")))
}

fn add_query(fields: &mut Map<String, Value>, route: &Route, query: &str) -> Result<(), Failure> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = form_decode(name).zip(form_decode(text));
        let (name, text) = decoded.ok_or_else(|| Failure::invalid("the query is not UTF-8"))?;
        let in_path = route.template.variables().any(|variable| variable == name);
        if !in_path {
            put(fields, &route.input(), &name, &text, false)?;
        }
    }
    Ok(())
}

/// Puts one text under a field path. A value from the path replaces what the body said.
fn put(
    fields: &mut Map<String, Value>,
    message: &MessageDescriptor,
    path: &str,
    text: &str,
    replace: bool,
) -> Result<(), Failure> {
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    let Some(field) = field_of(message, first) else { return Ok(()) };
    match (rest, field.kind()) {
        (Some(rest), Kind::Message(inner)) if !field.is_list() && !field.is_map() => {
            let nested = fields.entry(field.name().to_owned()).or_insert_with(|| Value::Object(Map::new()));
            match nested {
                Value::Object(nested) => put(nested, &inner, rest, text, replace),
                _ => Err(Failure::invalid(format!("field {first:?} is no object"))),
            }
        }
        (Some(_), _) => Ok(()),
        (None, _) => {
            let value = value_of(&field, text)?;
            if field.is_list() {
                let list = fields.entry(field.name().to_owned()).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.push(value);
                }
                return Ok(());
            }
            let replaced = fields.insert(field.name().to_owned(), value);
            match replaced {
                Some(_) if !replace => Err(Failure::invalid(format!("too many values for field {path:?}"))),
                _ => Ok(()),
            }
        }
    }
}

fn field_of(message: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    message.get_field_by_name(name).or_else(|| message.get_field_by_json_name(name))
}

/// As the JSON reader wants it: it takes numbers as text, but neither short booleans nor numbers of enums.
fn value_of(field: &FieldDescriptor, text: &str) -> Result<Value, Failure> {
    let wrong = || Failure::invalid(format!("invalid value {:?} for field {:?}", shortened(text), field.name()));
    Ok(match field.kind() {
        Kind::Bool => Value::Bool(match text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => true,
            "0" | "f" | "F" | "false" | "FALSE" | "False" => false,
            _ => return Err(wrong()),
        }),
        Kind::Enum(kind) => match text.parse::<i32>() {
            Ok(number) if kind.get_value(number).is_some() => Value::from(number),
            Ok(_) => return Err(wrong()),
            Err(_) => Value::String(text.to_owned()),
        },
        Kind::Bytes => {
            let bytes = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).map_err(|_| wrong())?;
            Value::String(STANDARD.encode(bytes))
        }
        _ => Value::String(text.to_owned()),
    })
}

fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use prost_reflect::DynamicMessage;

    use super::*;
    use crate::rest::routes::{Matched, Routes};

    /// The request as JSON that a call gives, or the error's text.
    fn read(verb: Method, path: &str, query: &str, body: &str) -> Result<Value, String> {
        let Matched { route, variables } = Routes::new().find(&verb, path, |_| true).unwrap();
        let parts = Parts { variables: &variables, query, body: body.as_bytes() };
        let bytes = message(&route, &parts).map_err(|failure| failure.message)?;
        Ok(json::encode(&DynamicMessage::decode(route.input(), bytes.as_slice()).unwrap()))
    }

    #[test]
    fn queries_fill_nested_repeated_and_named_fields() {
        let path = "/akash/market/v1beta5/orders/list";
        let query = "filters.owner=akash1x&filters.dseq=7&filters.state=open&pagination.limit=5\
            &pagination.count_total=1&pagination.key=__8%3D&unknown=1&filters.unknown=2";
        let value = read(Method::GET, path, query, "").unwrap();
        assert_eq!(value["filters"]["owner"], "akash1x");
        assert_eq!(value["filters"]["dseq"], "7");
        assert_eq!(value["filters"]["state"], "open");
        assert_eq!(value["pagination"]["limit"], "5");
        assert_eq!(value["pagination"]["count_total"], true);
        assert_eq!(value["pagination"]["key"], "//8=");
        let camel = read(Method::GET, path, "pagination.countTotal=true", "").unwrap();
        assert_eq!(camel["pagination"]["count_total"], true);
    }

    #[test]
    fn enums_are_named_or_numbered() {
        let path = "/cosmos/tx/v1beta1/txs";
        for text in ["2", "ORDER_BY_DESC"] {
            let value = read(Method::GET, path, &format!("query=a&order_by={text}"), "").unwrap();
            assert_eq!(value["order_by"], "ORDER_BY_DESC");
        }
        let value = read(Method::GET, path, "events=a&events=b", "").unwrap();
        assert_eq!(value["events"], serde_json::json!(["a", "b"]));
    }

    #[test]
    fn wrong_values_name_their_field() {
        let path = "/cosmos/tx/v1beta1/txs";
        let cases = [
            ("limit=x", "field \"limit\" is no unsigned 64-bit integer"),
            ("limit=1&limit=2", "too many values for field \"limit\""),
            ("order_by=9", "invalid value \"9\" for field \"order_by\""),
            ("order_by=NO", "field \"order_by\" is no value of this enum"),
            ("pagination.key=%25", "invalid value \"%\" for field \"key\""),
            ("pagination.reverse=yes", "invalid value \"yes\" for field \"reverse\""),
            ("query=%ff", "the query is not UTF-8"),
        ];
        for (query, expected) in cases {
            assert_eq!(read(Method::GET, path, query, "").unwrap_err(), expected, "{query}");
        }
    }

    #[test]
    fn bodies_are_the_nodes_json() {
        let value = read(Method::POST, "/cosmos/tx/v1beta1/txs", "", r#"{"tx_bytes":"AQI=","mode":2}"#).unwrap();
        assert_eq!((value["tx_bytes"].as_str(), value["mode"].as_str()), (Some("AQI="), Some("BROADCAST_MODE_SYNC")));
        assert!(read(Method::POST, "/cosmos/tx/v1beta1/txs", "", "").is_ok());
        let failed = |body| read(Method::POST, "/cosmos/tx/v1beta1/txs", "", body).unwrap_err();
        assert!(failed("{").starts_with("the body is no JSON: "));
        assert_eq!(failed("[]"), "the body is no JSON object");
        assert!(failed(r#"{"x":1}"#).starts_with("unknown field \"x\""));
    }
}
