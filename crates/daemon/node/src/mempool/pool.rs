//! The waiting transactions with the application's judgement on them.

use std::collections::HashMap;

use akash_app::{AppView, CheckKind, CheckState, PreparedTx, TxOutcome};
use bytes::Bytes;

use super::cache::Cache;
use super::waiting::{Bounds, Entry, Price, Waiting};
use super::{Count, MempoolError, TxHash};
use crate::config::Mempool as Options;

/// Tried again under one lock; whoever comes next tries the next portion.
const RECHECKED_AT_ONCE: usize = 2_000;
/// A transaction with more of its sender's before it is not replaced: each of them would be tried again first.
const REPLACED_BEHIND_MAX: usize = 64;
/// The SDK's code for a full mempool.
const SDK_MEMPOOL_IS_FULL: u32 = 20;

pub struct Pool {
    bounds: Bounds,
    ttl_blocks: u64,
    /// The committed state alone, and with all that wait on top.
    base: CheckState,
    check: CheckState,
    view: AppView,
    waiting: Waiting,
    prepared: HashMap<u64, PreparedTx>,
    /// Arrivals from here up to `recheck_end` were not tried on the committed state yet.
    recheck_from: u64,
    recheck_end: u64,
    cache: Cache,
}

impl Pool {
    pub fn new(options: &Options, check: CheckState, view: AppView) -> Self {
        let bounds = Bounds { txs: options.size, bytes: options.max_txs_bytes };
        Self {
            bounds,
            ttl_blocks: options.ttl_num_blocks,
            base: check.clone(),
            check,
            view,
            waiting: Waiting::new(bounds),
            prepared: HashMap::new(),
            recheck_from: 0,
            recheck_end: 0,
            cache: Cache::new(options.cache_size),
        }
    }

    pub fn view(&self) -> &AppView {
        &self.view
    }

    pub fn check_state(&self) -> &CheckState {
        &self.check
    }

    /// False when the transaction was seen lately.
    pub fn remember(&mut self, hash: TxHash) -> bool {
        self.cache.insert(hash)
    }

    pub fn forget(&mut self, hash: &TxHash) {
        self.cache.remove(hash);
    }

    /// Tries a new transaction; lets it wait if it is good and there is room.
    pub fn admit(&mut self, hash: TxHash, bytes: Bytes, prepared: PreparedTx) -> TxOutcome {
        let outcome = self.try_admit(hash, bytes, prepared);
        if outcome.code != 0 {
            self.cache.remove(&hash);
        }
        outcome
    }

    fn try_admit(&mut self, hash: TxHash, bytes: Bytes, prepared: PreparedTx) -> TxOutcome {
        let Some(sender) = prepared.sender() else {
            return self.check.check_prepared(&prepared, CheckKind::New); // which refuses what nobody signed
        };
        let fee = sender.fee.iter().map(|coin| coin.amount.to_u128().unwrap_or(u128::MAX)).max();
        let entry = Entry {
            hash,
            bytes,
            sender: sender.address,
            sequence: (!prepared.is_unordered()).then_some(sender.sequence),
            price: Price::new(fee.unwrap_or(0), prepared.gas_wanted()),
            height: self.height(),
        };
        if let Some(arrival) = self.waiting.replaced_by(&entry) {
            return self.replace(arrival, entry, prepared);
        }
        let Some(victims) = self.waiting.victims_for(&entry) else { return self.full() };
        let outcome = self.check.check_prepared(&prepared, CheckKind::New);
        if outcome.code == 0 {
            for victim in victims {
                self.drop_out(&victim);
            }
            let arrival = self.waiting.push(entry);
            self.prepared.insert(arrival, prepared);
        }
        outcome
    }

    /// Tried where the replaced one stands: after those of its sender that come before it. What waits behind stays
    /// tried on the replaced one's fee until the next block.
    fn replace(&mut self, arrival: u64, entry: Entry, prepared: PreparedTx) -> TxOutcome {
        let before = self.waiting.before(&entry.sender, entry.sequence.unwrap_or(0));
        if before.len() > REPLACED_BEHIND_MAX {
            return self.check.check_prepared(&prepared, CheckKind::New); // which refuses a sequence that was used
        }
        let mut state = self.base.clone();
        for earlier in before {
            if let Some(earlier) = self.prepared.get(&earlier) {
                state.check_prepared(earlier, CheckKind::Recheck);
            }
        }
        let outcome = state.check_prepared(&prepared, CheckKind::New);
        if outcome.code == 0 {
            if let Some(replaced) = self.waiting.replace(arrival, entry) {
                self.cache.remove(&replaced.hash);
            }
            self.prepared.insert(arrival, prepared);
        }
        outcome
    }

    fn full(&self) -> TxOutcome {
        let Count { txs, bytes } = self.count();
        let error = MempoolError::Full { txs, txs_max: self.bounds.txs, bytes, bytes_max: self.bounds.bytes };
        TxOutcome {
            code: SDK_MEMPOOL_IS_FULL,
            codespace: "sdk".to_string(),
            log: error.to_string(),
            ..TxOutcome::default()
        }
    }

    /// It may come again.
    fn drop_out(&mut self, hash: &TxHash) {
        self.remove(hash);
        self.cache.remove(hash);
    }

    fn remove(&mut self, hash: &TxHash) {
        if let Some(arrival) = self.waiting.remove(hash) {
            self.prepared.remove(&arrival);
        }
    }

    /// Only of those that were tried on the committed state.
    pub fn reap(&self, max_bytes: u64) -> Vec<Bytes> {
        let mut left = max_bytes;
        let mut taken = Vec::new();
        for (arrival, entry) in self.waiting.iter() {
            let untried = (self.recheck_from..self.recheck_end).contains(&arrival);
            let len = entry.bytes.len() as u64;
            let Some(rest) = left.checked_sub(1 + varint_len(len) + len) else { break };
            if untried {
                break;
            }
            left = rest;
            taken.push(entry.bytes.clone());
        }
        taken
    }

    pub fn committed(&mut self, block: &[(TxHash, u32)], view: &AppView) {
        for (hash, code) in block {
            self.remove(hash);
            if *code == 0 {
                self.cache.insert(*hash);
            } else {
                self.cache.remove(hash);
            }
        }
        self.check.reset(view);
        self.base = self.check.clone();
        self.view = view.clone();
        self.expire();
        (self.recheck_from, self.recheck_end) = (0, self.waiting.next_arrival());
        self.recheck_some();
    }

    fn expire(&mut self) {
        if self.ttl_blocks == 0 {
            return;
        }
        let height = self.height();
        let late = |entry: &Entry| height.saturating_sub(entry.height) > self.ttl_blocks;
        let expired: Vec<_> =
            self.waiting.iter().filter(|(_, entry)| late(entry)).map(|(_, entry)| entry.hash).collect();
        for hash in expired {
            self.drop_out(&hash);
        }
    }

    /// The next portion. False when all that wait were tried.
    pub fn recheck_some(&mut self) -> bool {
        let portion: Vec<_> = self
            .waiting
            .range(self.recheck_from, self.recheck_end)
            .take(RECHECKED_AT_ONCE)
            .map(|(arrival, entry)| (arrival, entry.hash))
            .collect();
        self.recheck_from = portion.last().map_or(self.recheck_end, |(arrival, _)| arrival + 1);
        for (arrival, hash) in portion {
            let Some(prepared) = self.prepared.get(&arrival) else { continue };
            if self.check.check_prepared(prepared, CheckKind::Recheck).code != 0 {
                self.drop_out(&hash);
            }
        }
        self.recheck_from < self.recheck_end
    }

    fn height(&self) -> u64 {
        u64::try_from(self.view.height()).unwrap_or(0)
    }

    pub fn count(&self) -> Count {
        Count { txs: self.waiting.len(), bytes: self.waiting.bytes() }
    }

    pub fn list(&self, limit: usize) -> Vec<Bytes> {
        self.waiting.iter().take(limit).map(|(_, entry)| entry.bytes.clone()).collect()
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
    fn varints_have_their_length() {
        for (value, len) in [(0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), (u64::MAX, 10)] {
            assert_eq!(varint_len(value), len, "{value}");
        }
    }
}
