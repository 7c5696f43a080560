//! How fast blocks come, reckoned from the times of earlier blocks: a forecast speaks of heights, people of time.

use akash_kernel::{Ctx, QueryCtx, QueryError, Time, TxError};
use akash_proto::akash::ext::escrow::v1::Pace;
use prost_types::Timestamp;

use super::state::{NEWER_PACE, OLDER_PACE};
use crate::durations::NANOS_PER_SECOND;

/// So many blocks lie between two notes; the older note is once or twice as far back.
const STEP_BLOCKS: i64 = 1000;
/// Until there is a note, what the reference's clients reckon with: 6.5 seconds.
const DEFAULT_INTERVAL_NANOS: i128 = 6_500_000_000;

/// Notes the height now and then.
pub fn note(ctx: &mut Ctx) -> Result<(), TxError> {
    if ctx.height() % STEP_BLOCKS != 1 {
        return Ok(());
    }
    let now = Pace { height: ctx.height(), time: Some(timestamp(ctx.time())) };
    let older = NEWER_PACE.get(ctx)?;
    OLDER_PACE.put(ctx, older.as_ref().unwrap_or(&now))?;
    NEWER_PACE.put(ctx, &now)
}

/// Nanoseconds from one block to the next.
pub fn interval_nanos(ctx: &mut QueryCtx) -> Result<i128, QueryError> {
    let Some(older) = OLDER_PACE.get(ctx)? else { return Ok(DEFAULT_INTERVAL_NANOS) };
    let passed = nanos(&timestamp(ctx.time())).saturating_sub(nanos(&older.time.unwrap_or_default()));
    Ok(interval(ctx.height().saturating_sub(older.height), passed))
}

fn interval(blocks: i64, passed_nanos: i128) -> i128 {
    let interval = if blocks > 0 { passed_nanos.max(0) / i128::from(blocks) } else { 0 };
    if interval > 0 { interval } else { DEFAULT_INTERVAL_NANOS }
}

pub fn timestamp(time: Time) -> Timestamp {
    Timestamp { seconds: time.seconds, nanos: i32::try_from(time.nanos).unwrap_or(0) }
}

pub fn nanos(time: &Timestamp) -> i128 {
    i128::from(time.seconds).saturating_mul(NANOS_PER_SECOND).saturating_add(i128::from(time.nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interval_is_time_by_blocks() {
        for (blocks, passed, expected) in [
            (1000, 5_000_000_000_000, 5_000_000_000),
            (3, 1_000_000_000, 333_333_333),
            (0, 5, DEFAULT_INTERVAL_NANOS),
            (10, -5, DEFAULT_INTERVAL_NANOS),
        ] {
            assert_eq!(interval(blocks, passed), expected);
        }
    }
}
