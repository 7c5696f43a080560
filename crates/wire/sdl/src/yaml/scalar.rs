//! What a scalar means to `go-yaml` v3: null, bool, int, float, timestamp or string.

use super::Scalar;
use crate::go::number::parse_float;

/// A scalar's meaning. Integers outside of 64 bits become floats, as in Go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meaning {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Timestamp,
    String,
}

impl Meaning {
    pub fn tag(self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Timestamp => "!!timestamp",
            Self::String => "!!str",
        }
    }
}

/// Resolves a scalar the way `go-yaml` does; a quoted one is always a string.
pub fn resolve(scalar: &Scalar) -> Meaning {
    match scalar.tag.as_deref() {
        Some("str") => Meaning::String,
        Some("float") => match resolve_plain(&scalar.text) {
            Meaning::Int(value) => Meaning::Float(value as f64),
            other => other,
        },
        Some(_) => resolve_plain(&scalar.text),
        None if scalar.quoted => Meaning::String,
        None => resolve_plain(&scalar.text),
    }
}

fn resolve_plain(text: &str) -> Meaning {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Meaning::Null,
        "true" | "True" | "TRUE" => return Meaning::Bool(true),
        "false" | "False" | "FALSE" => return Meaning::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Meaning::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Meaning::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Meaning::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match text.as_bytes()[0] {
        b'.' => parse_float(text).map_or(Meaning::String, Meaning::Float),
        b'+' | b'-' | b'0'..=b'9' => resolve_number(text),
        _ => Meaning::String,
    }
}

fn resolve_number(text: &str) -> Meaning {
    if is_timestamp(text) {
        return Meaning::Timestamp;
    }
    let plain = text.replace('_', "");
    if let Some(value) = integer(&plain) {
        return Meaning::Int(value);
    }
    if is_yaml_float(&plain)
        && let Ok(value) = parse_float(&plain)
    {
        return Meaning::Float(value);
    }
    Meaning::String
}

/// Go's `ParseInt(text, 0, 64)`, then `ParseUint(text, 0, 64)`.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let value = i128::from(u64::from_str_radix(digits, base).ok()?);
    let signed = text.starts_with(['+', '-']);
    let value = if negative { -value } else { value };
    (!signed || i64::try_from(value).is_ok()).then_some(value)
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_yaml_float(text: &str) -> bool {
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mantissa = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) if all_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)) => mantissa,
        Some(_) => return false,
        None => text,
    };
    match mantissa.split_once('.') {
        Some(("", fraction)) => all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && (fraction.is_empty() || all_digits(fraction)),
        None => all_digits(mantissa),
    }
}

/// Whether the text looks like a date of the form `2006-1-2`, which `go-yaml` takes for a timestamp.
///
/// A string field keeps the text and a number field fails either way, so the time after it need not be checked.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 8 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-'
}

#[cfg(test)]
mod tests {
    use super::{Meaning, resolve_plain};

    #[test]
    fn plain_scalars_mean_what_they_mean_to_go_yaml() {
        for (text, meaning) in [
            ("0x50", Meaning::Int(80)),
            ("0o120", Meaning::Int(80)),
            ("0120", Meaning::Int(80)),
            ("0080", Meaning::Float(80.0)),
            ("1_0", Meaning::Int(10)),
            ("80.5", Meaning::Float(80.5)),
            ("1e3", Meaning::Float(1000.0)),
            ("on", Meaning::String),
            ("True", Meaning::Bool(true)),
            ("2001-01-01", Meaning::Timestamp),
            ("18446744073709551615", Meaning::Int(18_446_744_073_709_551_615)),
            ("-", Meaning::String),
            ("1.2.3", Meaning::String),
        ] {
            assert_eq!(resolve_plain(text), meaning, "{text}");
        }
    }
}
