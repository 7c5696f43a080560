//! Arguments of a method, out of JSON or out of a URI; the two write the same types differently.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In JSON a string, never a bare number.
    Int,
    Bool,
    Text,
    /// Base64 in JSON; in a URI 0x hex, or quoted raw characters.
    Bytes,
    /// Hex in JSON; in a URI as `Bytes`.
    Hex,
    /// Any JSON value, in both.
    Json,
}

pub type Spec = &'static [(&'static str, Kind)];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Argument {
    Int(i64),
    Bool(bool),
    Text(String),
    Bytes(Vec<u8>),
    Json(Value),
}

/// Absent arguments have their type's zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args(BTreeMap<&'static str, Argument>);

impl Args {
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.0.get(name) {
            Some(Argument::Int(value)) => Some(*value),
            _ => None,
        }
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Argument::Bool(true)))
    }

    pub fn text(&self, name: &str) -> &str {
        match self.0.get(name) {
            Some(Argument::Text(text)) => text,
            _ => "",
        }
    }

    pub fn bytes(&self, name: &str) -> &[u8] {
        match self.0.get(name) {
            Some(Argument::Bytes(bytes)) => bytes,
            _ => &[],
        }
    }

    pub fn json(&self, name: &str) -> Option<&Value> {
        match self.0.get(name) {
            Some(Argument::Json(value)) => Some(value),
            _ => None,
        }
    }

    pub fn from_json(spec: Spec, params: &Value) -> Result<Self, String> {
        let mut args = Self::default();
        match params {
            Value::Null => {}
            Value::Object(object) => {
                for (name, kind) in spec {
                    args.add(name, object.get(*name).map(|value| json_argument(*kind, value)))?;
                }
            }
            Value::Array(array) if array.len() == spec.len() => {
                for ((name, kind), value) in spec.iter().zip(array) {
                    args.add(name, Some(json_argument(*kind, value)))?;
                }
            }
            Value::Array(array) => {
                let names: Vec<_> = spec.iter().map(|(name, _)| *name).collect();
                let got: Vec<_> = array.iter().map(Value::to_string).collect();
                return Err(format!(
                    "expected {} parameters ([{}]), got {} ([{}])",
                    names.len(),
                    names.join(" "),
                    got.len(),
                    got.join(" ")
                ));
            }
            _ => return Err("params is neither an object nor an array".to_string()),
        }
        Ok(args)
    }

    pub fn from_uri(spec: Spec, pairs: &[(String, String)]) -> Result<Self, String> {
        let mut args = Self::default();
        for (name, kind) in spec {
            let text = pairs.iter().find(|(given, _)| given == name).map(|(_, text)| text.as_str());
            let argument = text.filter(|text| !text.is_empty()).map(|text| uri_argument(*kind, text).map(Some));
            args.add(name, argument)?;
        }
        Ok(args)
    }

    fn add(&mut self, name: &'static str, argument: Option<Result<Option<Argument>, String>>) -> Result<(), String> {
        if let Some(argument) = argument.transpose()?.flatten() {
            self.0.insert(name, argument);
        }
        Ok(())
    }
}

fn json_argument(kind: Kind, value: &Value) -> Result<Option<Argument>, String> {
    let argument = match (kind, value) {
        (_, Value::Null) => return Ok(None),
        (Kind::Int, Value::String(text)) => Argument::Int(text.parse().map_err(|_| bad_int(value))?),
        (Kind::Int, _) => return Err(bad_int(value)),
        (Kind::Json, value) => Argument::Json(value.clone()),
        (Kind::Bool, Value::Bool(value)) => Argument::Bool(*value),
        (Kind::Text, Value::String(text)) => Argument::Text(text.clone()),
        (Kind::Bytes, Value::String(text)) => {
            Argument::Bytes(BASE64.decode(text).map_err(|error| format!("illegal base64 data: {error}"))?)
        }
        (Kind::Hex, Value::String(text)) => {
            Argument::Bytes(hex::decode(text).map_err(|error| format!("encoding/hex: {error}"))?)
        }
        _ => return Err(format!("cannot use {value} as {kind:?}")),
    };
    Ok(Some(argument))
}

fn bad_int(value: &Value) -> String {
    format!("invalid 64-bit integer encoding \"{value}\", expected string")
}

fn uri_argument(kind: Kind, text: &str) -> Result<Argument, String> {
    let quoted = (text.len() >= 2 && text.starts_with('"') && text.ends_with('"')).then(|| &text[1..text.len() - 1]);
    let hex = text.strip_prefix("0x").map(|digits| hex::decode(digits).map_err(|error| error.to_string()));
    match kind {
        Kind::Int => {
            let digits = quoted.unwrap_or(text);
            digits.parse().map(Argument::Int).map_err(|_| format!("got {text} instead of an integer"))
        }
        Kind::Bool => text.parse().map(Argument::Bool).map_err(|_| format!("got {text} instead of true or false")),
        Kind::Json => serde_json::from_str(text).map(Argument::Json).map_err(|error| error.to_string()),
        Kind::Text => match (quoted, hex) {
            (Some(_), _) => serde_json::from_str(text).map(Argument::Text).map_err(|error| error.to_string()),
            (None, Some(bytes)) => String::from_utf8(bytes?).map(Argument::Text).map_err(|error| error.to_string()),
            (None, None) => Err(format!("got {text}, a string must be in double quotes")),
        },
        Kind::Bytes | Kind::Hex => match (quoted, hex) {
            (Some(characters), _) => Ok(Argument::Bytes(characters.as_bytes().to_vec())),
            (None, Some(bytes)) => Ok(Argument::Bytes(bytes?)),
            (None, None) => Err(format!("got {text}, bytes must be 0x hex or in double quotes")),
        },
    }
}

/// The pairs of a query string or of a form.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decode(name), percent_decode(value))
        })
        .collect()
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).filter(|_| *first == b'%').and_then(|digits| hex::decode(digits).ok());
        match (first, escaped) {
            (_, Some(byte)) => {
                bytes.extend(byte);
                rest = &tail[2..];
            }
            (b'+', None) => {
                bytes.push(b' ');
                rest = tail;
            }
            (other, None) => {
                bytes.push(*other);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SPEC: Spec = &[("height", Kind::Int), ("prove", Kind::Bool), ("path", Kind::Text), ("data", Kind::Hex)];

    #[test]
    fn json_integers_must_be_strings() {
        let error = Args::from_json(SPEC, &json!({"height": 5})).unwrap_err();
        assert_eq!(error, "invalid 64-bit integer encoding \"5\", expected string");
        assert_eq!(Args::from_json(SPEC, &json!({"height": "5"})).unwrap().int("height"), Some(5));
        assert_eq!(Args::from_json(SPEC, &json!({"height": null, "other": 1})).unwrap().int("height"), None);
    }

    #[test]
    fn arrays_must_name_every_parameter() {
        let error = Args::from_json(&[("height", Kind::Int)], &json!([])).unwrap_err();
        assert_eq!(error, "expected 1 parameters ([height]), got 0 ([])");
    }

    #[test]
    fn uri_values_follow_their_types() {
        let given = pairs("height=\"7\"&prove=true&path=%22/a%20b%22&data=0xAb01");
        let args = Args::from_uri(SPEC, &given).unwrap();
        assert_eq!((args.int("height"), args.flag("prove")), (Some(7), true));
        assert_eq!((args.text("path"), args.bytes("data")), ("/a b", &[0xab, 1][..]));
        assert!(Args::from_uri(SPEC, &pairs("path=bare")).is_err());
        assert!(Args::from_uri(SPEC, &pairs("height=0x05")).is_err());
        assert_eq!(Args::from_uri(SPEC, &pairs("height=")).unwrap(), Args::default());
    }

    #[test]
    fn quoted_bytes_are_raw_characters() {
        let args = Args::from_uri(&[("tx", Kind::Bytes)], &pairs("tx=%22name%3Dvalue%22")).unwrap();
        assert_eq!(args.bytes("tx"), b"name=value");
    }
}
