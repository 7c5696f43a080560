//! Access to the members of a case.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

pub fn text<'a>(case: &'a Value, name: &str) -> Result<&'a str, String> {
    case.get(name).and_then(Value::as_str).ok_or_else(|| format!("case has no text {name}"))
}

pub fn number(case: &Value, name: &str) -> Result<u64, String> {
    case.get(name).and_then(Value::as_u64).ok_or_else(|| format!("case has no number {name}"))
}

pub fn flag(case: &Value, name: &str) -> Result<bool, String> {
    case.get(name).and_then(Value::as_bool).ok_or_else(|| format!("case has no flag {name}"))
}

/// Bytes under `name_hex` in hexadecimal digits, or under `name` in base64.
pub fn bytes(case: &Value, name: &str) -> Result<Vec<u8>, String> {
    if let Ok(text) = text(case, &format!("{name}_hex")) {
        return hex::decode(text).map_err(|e| format!("{name}_hex: {e}"));
    }
    STANDARD.decode(text(case, name)?).map_err(|e| format!("{name}: {e}"))
}

pub fn equal<T: PartialEq + std::fmt::Debug>(what: &str, got: T, expected: T) -> Result<(), String> {
    if got == expected { Ok(()) } else { Err(format!("{what}: got {got:?}, expected {expected:?}")) }
}
