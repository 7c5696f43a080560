//! Prices: decimal texts of at most 18 decimals, kept as the digits of the amount times 10^18.

use std::cmp::Ordering;

/// Decimals of a price.
const PRECISION: usize = 18;
/// 2^315: amounts times 10^18 from here on are out of range.
const OUT_OF_RANGE: &str =
    "66749594872528440074844428317798503581334516323645399060845050244444366430645017188217565216768";
/// 10,000,000 times 10^18: the highest price of one unit.
const MAX_UNIT_PRICE: &str = "10000000000000000000000000";

/// `LegacyNewDecFromStr` and the checks of a price. The result has no leading zeros and is never zero.
pub fn parse_amount(text: &str) -> Result<String, String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if digits.is_empty() {
        return Err("decimal string cannot be empty".to_owned());
    }
    let (whole, fraction) = match digits.split_once('.') {
        None => (digits, ""),
        Some((_, fraction)) if fraction.contains('.') => return Err("invalid decimal string".to_owned()),
        Some((whole, fraction)) if whole.is_empty() || fraction.is_empty() => {
            return Err("invalid decimal length".to_owned());
        }
        Some(parts) => parts,
    };
    let Some(missing) = PRECISION.checked_sub(fraction.len()) else {
        let over = fraction.len() - PRECISION;
        return Err(format!(
            "value '{digits}' exceeds max precision by -{over} decimal places: max precision {PRECISION}"
        ));
    };
    let combined = format!("{whole}{fraction}{}", "0".repeat(missing));
    let (inner_negative, unsigned) = match combined.as_bytes()[0] {
        b'-' => (true, &combined[1..]),
        b'+' => (false, &combined[1..]),
        _ => (false, combined.as_str()),
    };
    if unsigned.is_empty() || !unsigned.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("failed to set decimal string with base 10: {combined}"));
    }
    let atto = unsigned.trim_start_matches('0');
    if compare(atto, OUT_OF_RANGE) != Ordering::Less {
        return Err("out of range: invalid decimal string".to_owned());
    }
    if atto.is_empty() {
        return Err("invalid coin amount: amount is zero".to_owned());
    }
    if negative != inner_negative {
        let shown = with_point(atto);
        return Err(format!("invalid: negative value not allowed: amount \"-{shown}\" is negative"));
    }
    Ok(atto.to_owned())
}

/// `^[a-zA-Z][a-zA-Z0-9/:._-]{2,127}$`
pub fn is_denom(text: &str) -> bool {
    (3..=128).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/:._-".contains(&b))
}

/// Whether a price, as digits times 10^18, is above what a unit may cost.
pub fn is_above_unit_maximum(atto: &str) -> bool {
    compare(atto.trim_start_matches('0'), MAX_UNIT_PRICE) == Ordering::Greater
}

/// Digits times 10^18 as a decimal text with 18 decimals.
pub fn with_point(atto: &str) -> String {
    let padded = format!("{atto:0>width$}", width = PRECISION + 1);
    let (whole, fraction) = padded.split_at(padded.len() - PRECISION);
    format!("{whole}.{fraction}")
}

/// Compares two numbers without leading zeros.
fn compare(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::{is_above_unit_maximum, parse_amount, with_point};

    #[test]
    fn amounts_have_eighteen_decimals() {
        assert_eq!(parse_amount("1000").as_deref(), Ok("1000000000000000000000"));
        assert_eq!(parse_amount("+0.5").as_deref(), Ok("500000000000000000"));
        assert_eq!(with_point("500000000000000000"), "0.500000000000000000");
        for (text, message) in [
            ("", "decimal string cannot be empty"),
            ("-", "decimal string cannot be empty"),
            (".5", "invalid decimal length"),
            ("1.2.3", "invalid decimal string"),
            ("1e3", "failed to set decimal string with base 10: 1e3000000000000000000"),
            ("0.0", "invalid coin amount: amount is zero"),
            ("-1", "invalid: negative value not allowed: amount \"-1.000000000000000000\" is negative"),
        ] {
            assert_eq!(parse_amount(text), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_unit_costs_ten_million_at_most() {
        assert!(!is_above_unit_maximum("10000000000000000000000000"));
        assert!(is_above_unit_maximum("10000000000000000000000001"));
    }
}
