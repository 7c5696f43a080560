//! When the next height should end, so that blocks come at an even pace on all nodes.
//!
//! Measured from the median times of the votes, which all nodes know, and not from this node's own start of a height:
//! a node that was away falls into step with the others. Measured over several heights, because the time from the
//! start of a height to its votes would otherwise be added to every interval.

use std::collections::VecDeque;
use std::time::Duration;

/// Heights over which the pace is kept.
const HEIGHTS: usize = 20;

pub struct Pace {
    interval_ms: i64,
    /// Times of votes, one for each of the last heights without a gap.
    voted_ms: VecDeque<i64>,
}

impl Pace {
    pub fn new(interval: Duration) -> Self {
        let interval_ms = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).min(i64::from(u32::MAX));
        Self { interval_ms, voted_ms: VecDeque::new() }
    }

    /// How long the height that begins now should last, `voted_ms` being the time of the votes of the one before.
    /// None: as short as it can be.
    pub fn next(&mut self, voted_ms: Option<i64>, now_ms: i64) -> Option<Duration> {
        if self.interval_ms == 0 {
            return None;
        }
        let Some(voted_ms) = voted_ms else { return Some(duration(self.interval_ms)) };
        self.remember(voted_ms);
        let first_ms = self.voted_ms.front().copied().unwrap_or(voted_ms);
        let heights = i64::try_from(self.voted_ms.len()).unwrap_or(i64::MAX / self.interval_ms);
        // The votes of the height after the one that begins now end that many intervals after the first ones.
        let end_ms = first_ms.saturating_add((heights + 1).saturating_mul(self.interval_ms));
        let left_ms = end_ms.saturating_sub(now_ms);
        Some(duration(left_ms.clamp(self.interval_ms / 4, self.interval_ms + self.interval_ms / 2)))
    }

    /// After a pause the pace begins anew: nothing is made up for.
    fn remember(&mut self, voted_ms: i64) {
        let paused =
            self.voted_ms.back().is_some_and(|last_ms| voted_ms.saturating_sub(*last_ms) > 3 * self.interval_ms);
        if paused {
            self.voted_ms.clear();
        }
        self.voted_ms.push_back(voted_ms);
        if self.voted_ms.len() > HEIGHTS {
            self.voted_ms.pop_front();
        }
    }
}

fn duration(ms: i64) -> Duration {
    Duration::from_millis(ms.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A height begins when the one before ends; its votes come `delay_ms` later. Gives the end of the last height.
    fn run(pace: &mut Pace, delay_ms: i64, heights: i64) -> i64 {
        let (mut start_ms, mut voted_ms) = (0, None);
        for _ in 0..heights {
            let lasts_ms = i64::try_from(pace.next(voted_ms, start_ms).unwrap().as_millis()).unwrap();
            voted_ms = Some(start_ms + delay_ms);
            start_ms += lasts_ms.max(delay_ms);
        }
        start_ms
    }

    #[test]
    fn slow_votes_do_not_slow_the_chain() {
        let total_ms = run(&mut Pace::new(Duration::from_millis(200)), 60, 1000);
        assert!((199_000..204_500).contains(&total_ms), "{total_ms}");
    }

    #[test]
    fn nothing_is_made_up_for_after_a_pause() {
        let mut pace = Pace::new(Duration::from_millis(200));
        run(&mut pace, 10, 50);
        assert_eq!(pace.next(Some(1_000_000), 1_000_010), Some(Duration::from_millis(300)));
    }

    #[test]
    fn no_interval_is_no_target() {
        assert_eq!(Pace::new(Duration::ZERO).next(Some(1), 2), None);
    }
}
