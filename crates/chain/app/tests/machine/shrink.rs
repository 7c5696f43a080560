//! The shortest history found that still fails.

use super::run::{Counts, Failure, Restarts, run};
use super::step::Step;

/// Runs, at most.
const PATIENCE: usize = 600;

/// Leaves out ever smaller parts, as long as something still fails.
pub fn shorten(steps: &[Step], failure: &Failure) -> (Vec<Step>, Failure) {
    let (mut short, mut failure) = (steps.to_vec(), failure.clone());
    let mut size = short.len() / 2;
    let mut left = PATIENCE;
    while size > 0 && left > 0 {
        let mut start = 0;
        while start < short.len() && left > 0 {
            left -= 1;
            let end = (start + size).min(short.len());
            let candidate: Vec<Step> = short[..start].iter().chain(&short[end..]).cloned().collect();
            match run(&candidate, Restarts::Never, &mut Counts::default()) {
                Err(other) => (short, failure) = (candidate, other),
                Ok(_) => start = end,
            }
        }
        size /= 2;
    }
    (short, failure)
}
