//! Transactions that wait for a block: bounded, in order of arrival.
//!
//! Life of a transaction: `reserve` (size, room, cache of known hashes) → `check` (the application's own judgement on
//! the state that all earlier waiting transactions leave) → waiting → `reap` into a proposal → `committed`. After each
//! block the check state starts anew from the committed state and what still waits is judged again, in order.
//!
//! Because of that order, an account's transactions wait by ascending sequence: the check state refuses any other, and
//! one that falls out takes its followers with it at the next recheck.
//!
//! Does not know: the engine, peers (transactions are not gossiped yet), JSON.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use akash_app::{AppView, CheckKind, CheckState, SimulationFailure, SimulationResult, TxOutcome};
use bytes::Bytes;

use crate::chain::form::sha256;

const TXS_MAX: usize = 5_000;
const BYTES_MAX: usize = 64 << 20;
/// Largest transaction, as in CometBFT.
pub const TX_BYTES_MAX: usize = 1_048_576;
const CACHE_MAX: usize = 10_000;

pub type TxHash = [u8; 32];

/// Clients look for these texts.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MempoolError {
    #[error("mempool is full: number of txs {txs} (max: {TXS_MAX}), total txs bytes {bytes} (max: {BYTES_MAX})")]
    Full { txs: usize, bytes: usize },
    #[error("Tx too large. Max size is {TX_BYTES_MAX}, but got {0}")]
    TooLarge(usize),
    #[error("tx already exists in cache")]
    InCache,
}

struct Pool {
    check: CheckState,
    waiting: BTreeMap<u64, Bytes>,
    arrivals: HashMap<TxHash, u64>,
    bytes: usize,
    next_arrival: u64,
    cache: Cache,
}

pub struct Mempool(Mutex<Pool>);

#[derive(Debug, PartialEq, Eq)]
pub struct Count {
    pub txs: usize,
    pub bytes: usize,
}

impl Mempool {
    pub fn new(check: CheckState) -> Self {
        Self(Mutex::new(Pool {
            check,
            waiting: BTreeMap::new(),
            arrivals: HashMap::new(),
            bytes: 0,
            next_arrival: 0,
            cache: Cache::default(),
        }))
    }

    /// A panic inside of a check leaves nothing half done that `committed` would not repair.
    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cheap tests. A reserved transaction must be given to `check`.
    pub fn reserve(&self, tx: &[u8]) -> Result<TxHash, MempoolError> {
        let mut pool = self.lock();
        if pool.waiting.len() >= TXS_MAX || pool.bytes + tx.len() > BYTES_MAX {
            return Err(MempoolError::Full { txs: pool.waiting.len(), bytes: pool.bytes });
        }
        if tx.len() > TX_BYTES_MAX {
            return Err(MempoolError::TooLarge(tx.len()));
        }
        let hash = sha256(tx);
        if pool.cache.insert(hash) { Ok(hash) } else { Err(MempoolError::InCache) }
    }

    /// The application's judgement; only what it accepts waits.
    pub fn check(&self, hash: TxHash, tx: Bytes) -> TxOutcome {
        let mut pool = self.lock();
        let outcome = pool.check.check_tx(&tx, CheckKind::New);
        if outcome.code == 0 {
            pool.add(hash, tx)
        } else {
            pool.cache.remove(&hash)
        }
        outcome
    }

    /// What a transaction would do after all that wait. Runs on a copy, so that nobody waits for it.
    pub fn simulate(&self, tx: &[u8]) -> Result<SimulationResult, SimulationFailure> {
        let check = self.lock().check.clone();
        check.simulate(tx)
    }

    /// The next transactions whose encoded size in a block stays within `max_bytes`.
    pub fn reap(&self, max_bytes: u64) -> Vec<Bytes> {
        let pool = self.lock();
        let mut left = max_bytes;
        let mut taken = Vec::new();
        for tx in pool.waiting.values() {
            let len = tx.len() as u64;
            let Some(rest) = left.checked_sub(1 + varint_len(len) + len) else { break };
            left = rest;
            taken.push(tx.clone());
        }
        taken
    }

    /// A block was committed: its transactions leave, the rest is judged again on the new state.
    pub fn committed(&self, block: &[(TxHash, u32)], view: &AppView) {
        let mut pool = self.lock();
        for (hash, code) in block {
            pool.remove(hash);
            if *code == 0 {
                pool.cache.insert(*hash);
            } else {
                pool.cache.remove(hash);
            }
        }
        pool.check.reset(view);
        let waiting: Vec<Bytes> = pool.waiting.values().cloned().collect();
        for tx in waiting {
            let outcome = pool.check.check_tx(&tx, CheckKind::Recheck);
            if outcome.code != 0 {
                let hash = sha256(&tx);
                pool.remove(&hash);
                pool.cache.remove(&hash);
            }
        }
    }

    pub fn count(&self) -> Count {
        let pool = self.lock();
        Count { txs: pool.waiting.len(), bytes: pool.bytes }
    }

    pub fn list(&self, limit: usize) -> Vec<Bytes> {
        self.lock().waiting.values().take(limit).cloned().collect()
    }
}

impl Pool {
    fn add(&mut self, hash: TxHash, tx: Bytes) {
        self.bytes += tx.len();
        self.arrivals.insert(hash, self.next_arrival);
        self.waiting.insert(self.next_arrival, tx);
        self.next_arrival += 1;
    }

    fn remove(&mut self, hash: &TxHash) {
        if let Some(tx) = self.arrivals.remove(hash).and_then(|arrival| self.waiting.remove(&arrival)) {
            self.bytes -= tx.len();
        }
    }
}

/// The hashes seen last, oldest out first.
#[derive(Default)]
struct Cache {
    known: HashSet<TxHash>,
    order: VecDeque<TxHash>,
}

impl Cache {
    /// False when it was there.
    fn insert(&mut self, hash: TxHash) -> bool {
        if !self.known.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        while self.order.len() > CACHE_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
        true
    }

    /// Rare and small: a rejected transaction is nearly always among the newest.
    fn remove(&mut self, hash: &TxHash) {
        if self.known.remove(hash)
            && let Some(index) = self.order.iter().rposition(|known| known == hash)
        {
            self.order.remove(index);
        }
    }
}

fn varint_len(value: u64) -> u64 {
    let bits = u64::from(u64::BITS - value.max(1).leading_zeros());
    bits.div_ceil(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_forgets_the_oldest_first() {
        let mut cache = Cache::default();
        let hash = |number: usize| sha256(&number.to_be_bytes());
        for number in 0..=CACHE_MAX {
            assert!(cache.insert(hash(number)));
        }
        assert!(cache.insert(hash(0)));
        assert!(!cache.insert(hash(CACHE_MAX)));
        cache.remove(&hash(CACHE_MAX));
        assert!(cache.insert(hash(CACHE_MAX)));
    }

    #[test]
    fn varints_have_their_length() {
        for (value, len) in [(0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), (u64::MAX, 10)] {
            assert_eq!(varint_len(value), len, "{value}");
        }
    }
}
