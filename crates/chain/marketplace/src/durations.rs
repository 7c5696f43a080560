//! Durations of messages, compared as nanoseconds. Pure.

use prost_types::Duration;

pub const NANOS_PER_SECOND: i128 = 1_000_000_000;

pub fn nanos(duration: &Duration) -> i128 {
    i128::from(duration.seconds).saturating_mul(NANOS_PER_SECOND).saturating_add(i128::from(duration.nanos))
}

pub const fn hours(hours: i64) -> Duration {
    Duration { seconds: hours * 3600, nanos: 0 }
}

/// As people write it in an error: `3600s`.
pub fn text(duration: &Duration) -> String {
    match duration.nanos {
        0 => format!("{}s", duration.seconds),
        nanos => format!("{}s {nanos}ns", duration.seconds),
    }
}
