//! Times and durations as text, without a clock and without time zones.

use std::fmt;
use std::str::FromStr;

const DAY: i64 = 86_400;
const NANOS: i64 = 1_000_000_000;

/// 0001-01-01 and 9999-12-31T23:59:59 as seconds of the epoch.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_799;

/// A moment as RFC 3339 text in UTC with 0, 3, 6 or 9 digits after the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rfc3339 {
    pub seconds: i64,
    pub nanos: u32,
}

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.seconds.div_euclid(DAY), self.seconds.rem_euclid(DAY));
        let (year, month, day) = civil_from_days(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        write!(f, "{}Z", fraction(i64::from(self.nanos)))
    }
}

/// Takes what [`Self::fmt`] writes, any number of digits after the second up to 9, and an offset in place of `Z`.
impl FromStr for Rfc3339 {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        read(text).ok_or(())
    }
}

/// A protobuf timestamp as text; out of range it is shown as the nearest moment that has a text.
pub(super) fn timestamp(seconds: i64, nanos: i64) -> Rfc3339 {
    let nanos = nanos.clamp(0, NANOS - 1) as u32;
    Rfc3339 { seconds: seconds.clamp(FIRST, LAST), nanos }
}

/// A protobuf duration as text: `1209600s`, `1.500s`.
pub(super) fn duration(seconds: i64, nanos: i64) -> String {
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    format!("{sign}{}{}s", seconds.unsigned_abs(), fraction(nanos.clamp(1 - NANOS, NANOS - 1).abs()))
}

/// Reads `-1.5s`: seconds and nanoseconds of the same sign.
pub(super) fn read_duration(text: &str) -> Option<(i64, i32)> {
    let magnitude = text.strip_suffix('s')?;
    let (sign, magnitude) = magnitude.strip_prefix('-').map_or((1, magnitude), |rest| (-1, rest));
    let (seconds, places) = magnitude.split_once('.').unwrap_or((magnitude, ""));
    if seconds.is_empty() || !seconds.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = seconds.parse().ok()?;
    Some((sign * seconds, sign as i32 * read_places(places)? as i32))
}

/// Nothing, or a point and 3, 6 or 9 digits.
fn fraction(nanos: i64) -> String {
    match nanos {
        0 => String::new(),
        n if n % 1_000_000 == 0 => format!(".{:03}", n / 1_000_000),
        n if n % 1_000 == 0 => format!(".{:06}", n / 1_000),
        n => format!(".{n:09}"),
    }
}

/// At most 9 digits as billionths.
fn read_places(digits: &str) -> Option<u32> {
    if digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{digits:0<9}").parse().ok()
}

fn read(text: &str) -> Option<Rfc3339> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let clock = rest.strip_prefix('T')?.get(..8)?;
    let (mut rest, mut nanos) = (rest.get(9..)?, 0);
    if let Some(digits) = rest.strip_prefix('.') {
        let end = digits.find(|c: char| !c.is_ascii_digit())?;
        if end == 0 {
            return None;
        }
        nanos = read_places(&digits[..end])?;
        rest = &digits[end..];
    }
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    let legal = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !legal || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * DAY + hour * 3600 + minute * 60 + second - offset(rest)?;
    (FIRST..=LAST).contains(&seconds).then_some(Rfc3339 { seconds, nanos })
}

/// `Z` or `+01:00`, in seconds.
fn offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    if text.len() != "+01:00".len() {
        return None;
    }
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let [hours, minutes] = numbers(text.get(1..)?, ':')?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Exactly `N` groups of digits.
fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let mut groups = text.split(separator);
    let mut out = [0; N];
    for slot in &mut out {
        let group = groups.next().filter(|g| !g.is_empty() && g.bytes().all(|b| b.is_ascii_digit()))?;
        *slot = group.parse().ok()?;
    }
    groups.next().is_none().then_some(out)
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the Gregorian calendar. Years are counted from March, so that the leap day
/// is the last one; 400 of them have 146 097 days.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
