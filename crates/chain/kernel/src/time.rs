//! Times as texts. Always UTC, by the Gregorian calendar, without any clock.

use crate::block::Time;

const SECONDS_PER_DAY: i64 = 86_400;
const NANOS_PER_SECOND: u32 = 1_000_000_000;

/// Years that four digits can show.
const LEAST_SECONDS: i64 = -62_135_596_800;
const MOST_SECONDS: i64 = 253_402_300_799;

/// As Go prints a time in error texts: `2006-01-02 15:04:05.9 +0000 UTC`.
#[must_use]
pub fn go_text(seconds: i64, nanos: u32) -> String {
    let (date, clock) = parts(seconds);
    format!("{date} {clock}{} +0000 UTC", fraction(nanos))
}

/// RFC 3339 as Go prints it, without trailing zeros: `2006-01-02T15:04:05.9Z`.
#[must_use]
pub fn rfc3339(time: Time) -> String {
    let (date, clock) = parts(time.seconds);
    format!("{date}T{clock}{}Z", fraction(time.nanos))
}

/// Reads RFC 3339 with `Z` or an offset. Nothing when it is no such time.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Time> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = bytes.get(from..to)?;
        digits.iter().all(u8::is_ascii_digit).then_some(())?;
        text.get(from..to)?.parse().ok()
    };
    let separators = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    let separated = separators.iter().all(|&(at, expected)| bytes.get(at) == Some(&expected));
    if !separated || !matches!(bytes.get(10), Some(b'T' | b't')) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month)
        || day < 1
        || day > days_of_month(year, month)
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }

    let (nanos, zone) = split_fraction(text.get(19..)?)?;
    let seconds = days(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - offset(zone)?;
    (LEAST_SECONDS..=MOST_SECONDS).contains(&seconds).then_some(Time { seconds, nanos })
}

/// Date and clock of a time that is within four-digit years; others are shown at the border.
fn parts(seconds: i64) -> (String, String) {
    let seconds = seconds.clamp(LEAST_SECONDS, MOST_SECONDS);
    let (day, rest) = (seconds.div_euclid(SECONDS_PER_DAY), seconds.rem_euclid(SECONDS_PER_DAY));
    let (year, month, day) = date(day);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    (format!("{year:04}-{month:02}-{day:02}"), clock)
}

fn fraction(nanos: u32) -> String {
    if nanos == 0 {
        return String::new();
    }
    format!(".{nanos:09}").trim_end_matches('0').to_owned()
}

/// Takes `.123` off the front of what follows the seconds.
fn split_fraction(text: &str) -> Option<(u32, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let (digits, zone) = rest.split_at(end);
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let nanos: u32 = format!("{digits:0<9}").parse().ok()?;
    (nanos < NANOS_PER_SECOND).then_some((nanos, zone))
}

/// Seconds that a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" || zone == "z" {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let legal = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !legal(hours) || !legal(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01. Years are counted from March, so that the leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days`].
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * month_from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for text in
            ["1970-01-01T00:00:00Z", "2026-02-28T23:59:59.5Z", "2024-02-29T12:00:00.000000001Z", "0001-01-01T00:00:00Z"]
        {
            assert_eq!(parse_rfc3339(text).map(rfc3339).as_deref(), Some(text));
        }
        assert_eq!(parse_rfc3339("2024-03-01T01:00:00+01:00").map(|time| time.seconds), Some(1_709_251_200));
        assert_eq!(go_text(1_136_214_245, 900_000_000), "2006-01-02 15:04:05.9 +0000 UTC");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2024-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00é",
            "+024-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }
}
