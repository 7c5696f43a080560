use tendermint::Time;

/// The time that a precommit (for the block or for nil) names, and the power behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedVote {
    pub time: Time,
    pub power: u64,
}

/// The time of the next block: the median of the precommits' times, weighted by power. `None` without votes, or when
/// the powers have no sum.
///
/// A third of the power cannot move it outside of the times that honest validators named.
#[must_use]
pub fn median_time(votes: &[TimedVote]) -> Option<Time> {
    let mut votes = votes.to_vec();
    votes.sort_by_key(|vote| vote.time);
    let total = votes.iter().try_fold(0_u64, |sum, vote| sum.checked_add(vote.power))?;

    let mut rest = total / 2;
    for vote in &votes {
        if vote.power >= rest {
            return Some(vote.time);
        }
        rest -= vote.power;
    }
    None
}
