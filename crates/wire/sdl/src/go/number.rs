//! Go's `strconv.ParseFloat` and `strconv.ParseUint`, with their error texts.

use super::quote::quote;

/// Hexadecimal digits that a double holds exactly whatever their value.
const EXACT_HEX_DIGITS: usize = 13;

/// `strconv.ParseUint(text, 10, bits)`.
pub fn parse_uint(text: &str, bits: u32) -> Result<u64, String> {
    let failed = |why: &str| format!("strconv.ParseUint: parsing {}: {why}", quote(text));
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(failed("invalid syntax"));
    }
    let value: u64 = text.parse().map_err(|_| failed("value out of range"))?;
    if bits < 64 && value >> bits != 0 { Err(failed("value out of range")) } else { Ok(value) }
}

/// `strconv.ParseFloat(text, 64)`.
pub fn parse_float(text: &str) -> Result<f64, String> {
    let failed = |why: &str| format!("strconv.ParseFloat: parsing {}: {why}", quote(text));
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-') => (-1.0, &text[1..]),
        Some(b'+') => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    let lower = digits.to_ascii_lowercase();
    match lower.as_str() {
        "inf" | "infinity" => return Ok(sign * f64::INFINITY),
        "nan" if digits.len() == text.len() => return Ok(f64::NAN),
        _ => {}
    }
    if lower.contains('_') && !underscores_separate(&lower) {
        return Err(failed("invalid syntax"));
    }
    let plain = lower.replace('_', "");
    let value = match plain.strip_prefix("0x") {
        Some(hex) => parse_hex(hex),
        None if plain.starts_with(|c: char| c.is_ascii_digit() || c == '.') => plain.parse().ok(),
        None => None,
    };
    match value {
        None => Err(failed("invalid syntax")),
        Some(value) if f64::is_infinite(value) => Err(failed("value out of range")),
        Some(value) => Ok(sign * value),
    }
}

/// Go's rule: an underscore stands between digits, or between a base prefix and a digit.
fn underscores_separate(text: &str) -> bool {
    let bytes = text.as_bytes();
    let prefixed = bytes.len() >= 2 && bytes[0] == b'0' && matches!(bytes[1], b'b' | b'o' | b'x');
    let hex = prefixed && bytes[1] == b'x';
    let mut previous = if prefixed { b'0' } else { b'^' };
    for &byte in &bytes[if prefixed { 2 } else { 0 }..] {
        if byte.is_ascii_digit() || (hex && byte.is_ascii_hexdigit()) {
            previous = b'0';
        } else if byte == b'_' {
            if previous != b'0' {
                return false;
            }
            previous = b'_';
        } else {
            if previous == b'_' {
                return false;
            }
            previous = b'!';
        }
    }
    previous != b'_'
}

/// A hexadecimal float after its `0x`: digits with an optional point, then a binary exponent.
///
/// More digits than a double holds exactly are refused rather than rounded by a rule of our own.
fn parse_hex(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    if digits.is_empty() || significant.len() > EXACT_HEX_DIGITS {
        return None;
    }
    let value = if significant.is_empty() { 0 } else { u64::from_str_radix(significant, 16).ok()? };
    let exponent: i32 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    let exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?.checked_mul(4)?)?;
    Some(value as f64 * 2_f64.powi(exponent))
}

#[cfg(test)]
mod tests {
    use super::{parse_float, parse_uint};

    #[test]
    fn floats_are_those_of_go() {
        for (text, value) in
            [("1_0", 10.0), ("5.", 5.0), (".5", 0.5), ("0x1p3", 8.0), ("+1e2", 100.0), ("0x1.8p1", 3.0)]
        {
            assert_eq!(parse_float(text), Ok(value), "{text}");
        }
        for text in ["", "_1", "1_", "1__0", "1e", "0x1", " 1", "1 ", "--1", "+-1", "e5", ".", "0,5", "+nan", "1_.5"] {
            let expected = format!("strconv.ParseFloat: parsing \"{text}\": invalid syntax");
            assert_eq!(parse_float(text), Err(expected));
        }
        assert!(parse_float("1e400").is_err_and(|text| text.ends_with("value out of range")));
    }

    #[test]
    fn integers_are_plain_digits() {
        assert_eq!(parse_uint("0010", 32), Ok(10));
        assert!(parse_uint("+1", 32).is_err());
        assert!(parse_uint("4294967296", 32).is_err_and(|text| text.ends_with("value out of range")));
    }
}
