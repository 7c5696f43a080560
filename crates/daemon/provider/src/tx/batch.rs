//! The fate of one signed transaction, decided from facts.

use serde::{Deserialize, Serialize};

use super::intent::hex_bytes;
use crate::chain::Verdict;
use crate::fact::Fact;

/// Blocks after the sequence has passed a transaction until "no block has it" is believed: a node's index may lag.
pub const SETTLE_BLOCKS: u64 = 3;
/// After so many blocks without a trace the bytes are sent again.
pub const RESEND_BLOCKS: u64 = 5;

/// A transaction in flight, as kept on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The intents in it, by number, in the order of the messages.
    pub intents: Vec<u64>,
    pub sequence: u64,
    #[serde(with = "hex_bytes")]
    pub hash: Vec<u8>,
    #[serde(with = "hex_bytes")]
    pub bytes: Vec<u8>,
}

/// What is known about it, read in this order: sequence, then hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traces {
    /// The account's next sequence number.
    pub sequence: Fact<u64>,
    pub found: Fact<Verdict>,
    pub height: u64,
    /// Height at which the bytes were sent last; `None` if not since we started.
    pub sent_at: Option<u64>,
    /// Height at which the sequence was first seen beyond this transaction.
    pub passed_at: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A block has it.
    Finish(Verdict),
    Wait,
    /// Send the very same bytes.
    Send,
    /// It can never land: make a new one.
    Replan,
}

impl Batch {
    #[must_use]
    pub fn next(&self, traces: &Traces) -> Next {
        let sequence = match (&traces.found, &traces.sequence) {
            (Fact::Yes(verdict), _) => return Next::Finish(verdict.clone()),
            (Fact::Unknown(_), _) | (_, Fact::Unknown(_)) => return Next::Wait,
            (Fact::No, Fact::No) => 0,
            (Fact::No, Fact::Yes(sequence)) => *sequence,
        };
        if sequence > self.sequence {
            let settled = traces.passed_at.is_some_and(|height| traces.height >= height + SETTLE_BLOCKS);
            return if settled { Next::Replan } else { Next::Wait };
        }
        match traces.sent_at {
            None => Next::Send,
            Some(height) if traces.height >= height + RESEND_BLOCKS => Next::Send,
            Some(_) => Next::Wait,
        }
    }

    /// Whether the account's sequence has passed this transaction.
    pub fn is_passed(&self, sequence: &Fact<u64>) -> bool {
        sequence.yes().is_some_and(|sequence| *sequence > self.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_in_flight_is_followed_by_facts() {
        let batch = Batch { intents: vec![1], sequence: 7, hash: vec![0; 32], bytes: vec![1] };
        let unknown = || Fact::Unknown("down".into());
        let ok = Verdict::ok();
        let table = [
            (Fact::Yes(8), Fact::Yes(ok.clone()), 100, Some(99), None, Next::Finish(ok.clone())),
            (unknown(), Fact::Yes(ok.clone()), 100, None, None, Next::Finish(ok)),
            (unknown(), Fact::No, 100, None, None, Next::Wait),
            (Fact::Yes(7), Fact::Unknown("down".into()), 100, None, None, Next::Wait),
            (Fact::Yes(7), Fact::No, 100, None, None, Next::Send),
            (Fact::Yes(7), Fact::No, 100, Some(99), None, Next::Wait),
            (Fact::Yes(7), Fact::No, 104, Some(99), None, Next::Send),
            (Fact::Yes(8), Fact::No, 100, Some(99), Some(100), Next::Wait),
            (Fact::Yes(8), Fact::No, 103, Some(99), Some(100), Next::Replan),
            (Fact::Yes(8), Fact::No, 103, None, None, Next::Wait),
            (Fact::Yes(6), Fact::No, 103, Some(100), None, Next::Wait),
        ];
        for (sequence, found, height, sent_at, passed_at, expected) in table {
            let traces = Traces { sequence, found, height, sent_at, passed_at };
            assert_eq!(batch.next(&traces), expected, "{traces:?}");
        }
    }
}
