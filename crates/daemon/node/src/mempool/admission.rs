//! Admission: what is tested before the pool, and the pool behind its lock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akash_app::{AppView, CheckState, SimulationFailure, SimulationResult, TxOutcome};
use bytes::Bytes;
use tokio::sync::{Notify, mpsc};

use super::pool::Pool;
use super::slots::Slots;
use crate::chain::form::sha256;
use crate::config::Mempool as Options;

/// Transactions that were admitted and that nobody has passed on yet.
const NEWS_MAX: usize = 10_000;
/// Transactions that are being checked or wait to be.
const CHECKING_MAX: usize = 1_000;

pub type TxHash = [u8; 32];

/// Clients look for these texts.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MempoolError {
    #[error("mempool is full: number of txs {txs} (max: {txs_max}), total txs bytes {bytes} (max: {bytes_max})")]
    Full { txs: usize, txs_max: usize, bytes: usize, bytes_max: usize },
    #[error("mempool is full: {CHECKING_MAX} transactions are being checked; try again in a moment")]
    Busy,
    #[error("Tx too large. Max size is {max}, but got {size}")]
    TooLarge { max: usize, size: usize },
    #[error("tx already exists in cache")]
    InCache,
}

pub struct Mempool {
    options: Options,
    pool: Mutex<Pool>,
    slots: Slots,
    checking: AtomicUsize,
    news: mpsc::Sender<Bytes>,
    listener: Mutex<Option<mpsc::Receiver<Bytes>>>,
    filled: Notify,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Count {
    pub txs: usize,
    pub bytes: usize,
}

impl Mempool {
    pub fn new(options: Options, check: CheckState, view: AppView) -> Arc<Self> {
        let (news, listener) = mpsc::channel(NEWS_MAX);
        let slots = Slots::new(std::thread::available_parallelism().map_or(1, usize::from));
        let pool = Mutex::new(Pool::new(&options, check, view));
        let listener = Mutex::new(Some(listener));
        Arc::new(Self { options, pool, slots, checking: AtomicUsize::new(0), news, listener, filled: Notify::new() })
    }

    /// A panic inside of a check leaves nothing half done that `committed` would not repair.
    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cheap tests. A reserved transaction must be given to `check`.
    pub fn reserve(&self, tx: &[u8]) -> Result<TxHash, MempoolError> {
        let max = self.options.max_tx_bytes;
        if tx.len() > max {
            return Err(MempoolError::TooLarge { max, size: tx.len() });
        }
        let hash = sha256(tx);
        if self.checking.fetch_add(1, Ordering::SeqCst) >= CHECKING_MAX {
            self.checking.fetch_sub(1, Ordering::SeqCst);
            return Err(MempoolError::Busy);
        }
        if self.lock().remember(hash) {
            return Ok(hash);
        }
        self.checking.fetch_sub(1, Ordering::SeqCst);
        Err(MempoolError::InCache)
    }

    /// The application's judgement; only what it accepts waits. Verifies signatures: call it where blocking is allowed.
    pub fn check(&self, hash: TxHash, tx: Bytes) -> TxOutcome {
        let _reserved = Reserved(&self.checking);
        let _slot = self.slots.take();
        let view = self.lock().view().clone();
        let prepared = match view.prepare(&tx) {
            Ok(prepared) => prepared,
            Err(outcome) => {
                self.lock().forget(&hash);
                return *outcome;
            }
        };
        let outcome = loop {
            let mut pool = self.lock();
            if !pool.recheck_some() {
                break pool.admit(hash, tx.clone(), prepared);
            }
        };
        if outcome.code == 0 {
            // A full channel only means that the periodic repetition has to bring it to the peers.
            let _ = self.news.try_send(tx);
            self.filled.notify_one();
        }
        outcome
    }

    /// What a transaction would do after all that wait. Runs on a copy, so that nobody waits for it.
    pub fn simulate(&self, tx: &[u8]) -> Result<SimulationResult, SimulationFailure> {
        let check = self.lock().check_state().clone();
        check.simulate(tx)
    }

    /// The next transactions whose encoded size in a block stays within `max_bytes`.
    pub fn reap(&self, max_bytes: u64) -> Vec<Bytes> {
        let mut pool = self.lock();
        pool.recheck_some();
        pool.reap(max_bytes)
    }

    /// A block was committed: its transactions leave, the rest is judged again on the new state.
    pub fn committed(&self, block: &[(TxHash, u32)], view: &AppView) {
        self.lock().committed(block, view);
    }

    pub fn count(&self) -> Count {
        self.lock().count()
    }

    /// In the order in which they would enter blocks.
    pub fn list(&self, limit: usize) -> Vec<Bytes> {
        self.lock().list(limit)
    }

    /// Returns when a transaction was admitted since the last call.
    pub async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Those that were admitted from now on, for the one who passes them on. None when somebody else has it.
    pub fn news(&self) -> Option<mpsc::Receiver<Bytes>> {
        self.listener.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// One place among those being checked, given back also by a panic.
struct Reserved<'a>(&'a AtomicUsize);

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
