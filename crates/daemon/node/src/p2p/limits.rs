//! How much a peer may send, and what happens to one that sends more. Pure: time is given in.
//!
//! Every peer has a bucket of bytes that refills steadily. A peer that empties it, or that sends transactions which no
//! honest node passes on, is not listened to for a while, each time twice as long.

use std::collections::HashMap;
use std::hash::Hash;

/// Bytes that come back per second, and those that may come at once.
const BYTES_PER_SECOND: u64 = 4 << 20;
const BYTES_AT_ONCE: u64 = 32 << 20;
/// Counted for each message, so that many small ones are no way around the limit.
const MESSAGE_COST: u64 = 1 << 10;
/// Invalid transactions that are forgiven; one more is forgiven each second.
const FAULTS_MAX: u64 = 20;
const FIRST_SILENCE_MS: u64 = 10_000;
const SILENCE_MAX_MS: u64 = 600_000;
/// After so long without a new offence the next silence is the first one again.
const FORGOTTEN_AFTER_MS: u64 = 3_600_000;
/// Peers that are remembered. There are far fewer connections.
const PEERS_MAX: usize = 1_000;

#[derive(Clone, Debug)]
struct Account {
    bytes_left: u64,
    faults_left: u64,
    seen_ms: u64,
    fault_ms: u64,
    silent_until_ms: u64,
    next_silence_ms: u64,
}

/// What each peer has left.
pub struct Limits<P> {
    accounts: HashMap<P, Account>,
}

/// What to do with a message.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Take,
    /// The peer is not listened to at the moment.
    Drop,
    /// It has just gone too far.
    Silence {
        for_ms: u64,
    },
}

impl<P: Eq + Hash + Clone> Limits<P> {
    pub fn new() -> Self {
        Self { accounts: HashMap::new() }
    }

    /// A message of that size arrived.
    pub fn message(&mut self, peer: &P, len: usize, now_ms: u64) -> Verdict {
        let account = self.account(peer, now_ms);
        if now_ms < account.silent_until_ms {
            return Verdict::Drop;
        }
        let cost = (len as u64).saturating_add(MESSAGE_COST);
        match account.bytes_left.checked_sub(cost) {
            Some(left) => {
                account.bytes_left = left;
                Verdict::Take
            }
            None => account.silence(now_ms),
        }
    }

    /// It held transactions that no honest node passes on.
    pub fn fault(&mut self, peer: &P, count: u64, now_ms: u64) -> Verdict {
        let account = self.account(peer, now_ms);
        let forgiven = now_ms.saturating_sub(account.fault_ms) / 1_000;
        account.fault_ms = account.fault_ms.saturating_add(forgiven * 1_000);
        account.faults_left = account.faults_left.saturating_add(forgiven).min(FAULTS_MAX);
        match account.faults_left.checked_sub(count) {
            Some(left) => {
                account.faults_left = left;
                Verdict::Take
            }
            None => account.silence(now_ms),
        }
    }

    fn account(&mut self, peer: &P, now_ms: u64) -> &mut Account {
        if self.accounts.len() >= PEERS_MAX && !self.accounts.contains_key(peer) {
            self.accounts.retain(|_, account| now_ms < account.silent_until_ms);
            if self.accounts.len() >= PEERS_MAX {
                self.accounts.clear();
            }
        }
        let account = self.accounts.entry(peer.clone()).or_insert(Account {
            bytes_left: BYTES_AT_ONCE,
            faults_left: FAULTS_MAX,
            seen_ms: now_ms,
            fault_ms: now_ms,
            silent_until_ms: 0,
            next_silence_ms: FIRST_SILENCE_MS,
        });
        let passed_ms = now_ms.saturating_sub(account.seen_ms);
        let refill = passed_ms.saturating_mul(BYTES_PER_SECOND) / 1_000;
        account.bytes_left = account.bytes_left.saturating_add(refill).min(BYTES_AT_ONCE);
        account.seen_ms = now_ms;
        account
    }
}

impl Account {
    fn silence(&mut self, now_ms: u64) -> Verdict {
        if now_ms.saturating_sub(self.silent_until_ms) > FORGOTTEN_AFTER_MS {
            self.next_silence_ms = FIRST_SILENCE_MS;
        }
        let for_ms = self.next_silence_ms;
        self.silent_until_ms = now_ms.saturating_add(for_ms);
        self.next_silence_ms = (for_ms * 2).min(SILENCE_MAX_MS);
        self.faults_left = FAULTS_MAX;
        Verdict::Silence { for_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flood_is_silenced_twice_as_long_each_time() {
        let mut limits = Limits::new();
        let mut now_ms = 5_000;
        for expected_ms in [10_000, 20_000, 40_000] {
            let mut taken = 0u64;
            let verdict = loop {
                match limits.message(&"flooder", 64 << 10, now_ms) {
                    Verdict::Take => taken += 64 << 10,
                    other => break other,
                }
            };
            assert_eq!(verdict, Verdict::Silence { for_ms: expected_ms });
            assert!(taken <= BYTES_AT_ONCE, "{taken}");
            assert_eq!(limits.message(&"flooder", 1, now_ms + expected_ms - 1), Verdict::Drop);
            assert_eq!(limits.message(&"other", 1, now_ms), Verdict::Take);
            now_ms += expected_ms;
        }
    }

    #[test]
    fn steady_traffic_within_the_rate_is_never_silenced() {
        let mut limits = Limits::new();
        for second in 0..1_000u64 {
            for _ in 0..16 {
                assert_eq!(limits.message(&1, 200 << 10, second * 1_000), Verdict::Take, "{second}");
            }
        }
    }

    #[test]
    fn small_messages_count_too() {
        let mut limits = Limits::new();
        let taken = (0..).take_while(|_| limits.message(&1, 1, 0) == Verdict::Take).count();
        assert!(taken < 40_000, "{taken}");
    }

    #[test]
    fn few_faults_are_forgiven_many_are_not() {
        let mut limits = Limits::new();
        for second in 0..100 {
            assert_eq!(limits.fault(&1, 1, second * 1_000), Verdict::Take);
        }
        assert_eq!(limits.fault(&2, FAULTS_MAX, 0), Verdict::Take);
        assert_eq!(limits.fault(&2, 1, 999), Verdict::Silence { for_ms: FIRST_SILENCE_MS });
        assert_eq!(limits.message(&2, 1, 1_000), Verdict::Drop);
    }

    #[test]
    fn memory_is_bounded() {
        let mut limits = Limits::new();
        for peer in 0..10 * PEERS_MAX {
            limits.message(&peer, 1, 0);
            assert!(limits.accounts.len() <= PEERS_MAX);
        }
    }
}
