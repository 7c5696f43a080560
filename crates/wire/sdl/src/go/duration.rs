//! Go's `time.ParseDuration`.

use super::quote::quote;

const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];
const LIMIT: u64 = 1 << 63;

/// Nanoseconds, or Go's error text.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (part, after) = element(rest, text)?;
        total = total.checked_add(part).filter(|sum| *sum <= LIMIT).ok_or_else(invalid)?;
        rest = after;
    }
    match i64::try_from(total) {
        Ok(value) if negative => Ok(-value),
        Ok(value) => Ok(value),
        Err(_) if negative => Ok(i64::MIN),
        Err(_) => Err(invalid()),
    }
}

/// One number with its unit, in nanoseconds, and what follows.
fn element<'a>(rest: &'a str, text: &str) -> Result<(u64, &'a str), String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let (whole, after) = digits(rest);
    let (fraction, after) = match after.strip_prefix('.') {
        Some(after) => digits(after),
        None => ("", after),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(invalid());
    }
    let name_length = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
    let (name, after) = after.split_at(name_length);
    if name.is_empty() {
        return Err(format!("time: missing unit in duration {}", quote(text)));
    }
    let (_, unit) = UNITS
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| format!("time: unknown unit {} in duration {}", quote(name), quote(text)))?;
    let value: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
    let value = value.checked_mul(*unit).filter(|value| *value <= LIMIT).ok_or_else(invalid)?;
    let value = value.checked_add(scaled(fraction, *unit)).filter(|value| *value <= LIMIT).ok_or_else(invalid)?;
    Ok((value, after))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// The fraction of a unit in nanoseconds; digits that no longer fit are dropped, as in Go.
fn scaled(fraction: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0_u64, 1.0_f64);
    for digit in fraction.bytes() {
        let next = value.checked_mul(10).and_then(|v| v.checked_add(u64::from(digit - b'0'))).filter(|v| *v < LIMIT);
        let Some(next) = next else { break };
        value = next;
        scale *= 10.0;
    }
    if value == 0 { 0 } else { (value as f64 * (unit as f64 / scale)) as u64 }
}

#[cfg(test)]
mod tests {
    use super::parse_duration;

    #[test]
    fn durations_are_those_of_go() {
        for (text, nanoseconds) in [
            ("24h", 86_400_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("1.5h", 5_400_000_000_000),
            ("100ms", 100_000_000),
            ("5µs", 5_000),
            ("-1s", -1_000_000_000),
            ("0", 0),
            (".5s", 500_000_000),
        ] {
            assert_eq!(parse_duration(text), Ok(nanoseconds), "{text}");
        }
        for (text, why) in [
            ("1d", "time: unknown unit \"d\" in duration \"1d\""),
            ("60", "time: missing unit in duration \"60\""),
            ("", "time: invalid duration \"\""),
            ("2562048h", "time: invalid duration \"2562048h\""),
        ] {
            assert_eq!(parse_duration(text), Err(why.to_owned()));
        }
    }
}
