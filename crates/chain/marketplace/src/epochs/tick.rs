//! From one epoch to the next.

use akash_kernel::{Ctx, Time, TxError};
use akash_proto::akash::epochs::v1beta1::EpochInfo;
use prost_types::Timestamp;

use super::events;
use super::state::{EPOCHS, MAX_EPOCHS};
use crate::durations::{self, NANOS_PER_SECOND};
use crate::fault;

pub fn begin_block(ctx: &mut Ctx) -> Result<(), TxError> {
    for (id, info) in EPOCHS.scan_prefix(ctx, &[], MAX_EPOCHS)? {
        let (height, time) = (ctx.height(), ctx.time());
        let next = tick(&info, height, time).ok_or_else(|| fault::broken("epoch"))?;
        if next == info {
            continue;
        }
        if info.epoch_counting_started {
            events::epoch_ended(ctx, info.current_epoch);
        }
        events::epoch_started(ctx, next.current_epoch, next.current_epoch_start_time.map_or(0, |time| time.seconds));
        EPOCHS.put(ctx, &id, &next)?;
    }
    Ok(())
}

/// The epoch as it stands in a block; `None` when times leave their numbers.
fn tick(info: &EpochInfo, height: i64, time: Time) -> Option<EpochInfo> {
    let now = nanos(&Timestamp { seconds: time.seconds, nanos: i32::try_from(time.nanos).ok()? });
    let start = info.start_time.unwrap_or_default();
    if now < nanos(&start) {
        return Some(info.clone());
    }
    if !info.epoch_counting_started {
        return Some(EpochInfo {
            epoch_counting_started: true,
            current_epoch: 1,
            current_epoch_start_time: Some(start),
            current_epoch_start_height: height,
            ..info.clone()
        });
    }
    let length = durations::nanos(&info.duration.unwrap_or_default());
    let end = nanos(&info.current_epoch_start_time.unwrap_or_default()).checked_add(length)?;
    if now <= end {
        return Some(info.clone());
    }
    Some(EpochInfo {
        current_epoch: info.current_epoch.checked_add(1)?,
        current_epoch_start_time: Some(timestamp(end)?),
        current_epoch_start_height: height,
        ..info.clone()
    })
}

fn nanos(time: &Timestamp) -> i128 {
    i128::from(time.seconds).saturating_mul(NANOS_PER_SECOND).saturating_add(i128::from(time.nanos))
}

fn timestamp(nanos: i128) -> Option<Timestamp> {
    let seconds = i64::try_from(nanos.div_euclid(NANOS_PER_SECOND)).ok()?;
    Some(Timestamp { seconds, nanos: i32::try_from(nanos.rem_euclid(NANOS_PER_SECOND)).ok()? })
}

#[cfg(test)]
mod tests {
    use prost_types::Duration;

    use super::*;

    fn at(seconds: i64) -> Time {
        Time { seconds, nanos: 0 }
    }

    #[test]
    fn epochs_follow_each_other_one_a_block() {
        let mut info = EpochInfo {
            id: "minute".to_owned(),
            start_time: Some(Timestamp { seconds: 1000, nanos: 0 }),
            duration: Some(Duration { seconds: 60, nanos: 0 }),
            ..EpochInfo::default()
        };
        for (height, seconds, epoch, start, start_height) in [
            (1, 999, 0, 0, 0),
            (2, 1000, 1, 1000, 2),
            (3, 1060, 1, 1000, 2),
            (4, 1061, 2, 1060, 4),
            (5, 1300, 3, 1120, 5),
            (6, 1300, 4, 1180, 6),
            (7, 1181, 4, 1180, 6),
        ] {
            info = tick(&info, height, at(seconds)).unwrap();
            let begun = info.current_epoch_start_time.map_or(0, |time| time.seconds);
            assert_eq!((info.current_epoch, begun, info.current_epoch_start_height), (epoch, start, start_height));
        }
    }
}
