//! The shell around the queue: one turn is one small step forward, so that it can stop between any two.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use akash_types::address::Address;
use akash_types::coin::{Coin, Coins, DecCoin};
use akash_types::key::SecretKey;
use akash_types::num::Int;
use akash_types::tx::{self, Unsigned};
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::batch::{Batch, Next, Traces};
use super::store::{Store, Waiting};
use super::{Guard, Intent};
use crate::chain::trust::Trust;
use crate::chain::view::BidState;
use crate::chain::{Account, Answer, Chain, ChainError, Head, Simulated, Verdict};
use crate::disk::DiskError;
use crate::fact::Fact;

/// Intents that may wait; a provider that has more is not sending at all.
const MAX_WAITING: usize = 4096;
const MAX_BATCH: usize = 25;
const MAX_OUTCOMES: usize = 1024;
/// Gas limit in percent of the simulated use.
const GAS_MARGIN_PERCENT: u64 = 150;
const POLL: Duration = Duration::from_secs(1);
const RETRY_FIRST: Duration = Duration::from_millis(250);
const RETRY_MOST: Duration = Duration::from_secs(15);
/// Codes of the `sdk` codespace that say nothing about the messages.
const SDK_TX_IN_CACHE: u32 = 19;
const SDK_MEMPOOL_FULL: u32 = 20;
const SDK_WRONG_SEQUENCE: u32 = 32;

#[derive(Clone, Debug)]
pub struct QueueConfig {
    /// Per unit of gas.
    pub gas_price: DecCoin,
}

#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    #[error("more than {MAX_WAITING} messages wait to be sent")]
    Full,
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Where an intent stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntentState {
    Queued,
    Done,
    /// It had become pointless before it was sent.
    Moot,
    /// The chain refuses it.
    Refused(Verdict),
    /// Never heard of, or long ago.
    Absent,
}

/// A handle; clones are the same queue.
#[derive(Clone)]
pub struct Queue(Arc<Shared>);

struct Shared {
    chain: Arc<dyn Chain>,
    trust: Arc<Trust>,
    key: SecretKey,
    address: Address,
    config: QueueConfig,
    state: Mutex<State>,
    work: Notify,
    changed: watch::Sender<u64>,
}

struct State {
    store: Store,
    outcomes: Outcomes,
    memory: Memory,
}

/// What is known about the batch in flight beyond its file.
#[derive(Clone, Debug, Default)]
struct Memory {
    sent_at: Option<u64>,
    passed_at: Option<u64>,
    /// Made by this process and certainly not in any mempool.
    fresh: bool,
}

#[derive(Default)]
struct Outcomes {
    by_key: BTreeMap<String, IntentState>,
    order: VecDeque<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Moved,
    Waits,
}

impl Queue {
    /// Reads what an earlier process left.
    pub fn open(
        home: &Path,
        chain: Arc<dyn Chain>,
        trust: Arc<Trust>,
        key: SecretKey,
        config: QueueConfig,
    ) -> Result<Self, DiskError> {
        let store = Store::open(home.join("tx"))?;
        let state = State { store, outcomes: Outcomes::default(), memory: Memory::default() };
        let address = key.public().address();
        let (work, changed) = (Notify::new(), watch::channel(0).0);
        Ok(Self(Arc::new(Shared { chain, trust, key, address, config, state: Mutex::new(state), work, changed })))
    }

    /// Queues a message durably. One whose key waits already is not queued again.
    pub fn push(&self, intent: Intent) -> Result<(), QueueError> {
        let mut state = self.state();
        if state.store.contains(&intent.key) {
            return Ok(());
        }
        if state.store.intents.len() >= MAX_WAITING {
            return Err(QueueError::Full);
        }
        tracing::info!(key = %intent.key, "queued");
        state.store.add(intent)?;
        self.0.work.notify_one();
        Ok(())
    }

    pub fn state_of(&self, key: &str) -> IntentState {
        let state = self.state();
        if state.store.contains(key) {
            return IntentState::Queued;
        }
        state.outcomes.by_key.get(key).cloned().unwrap_or(IntentState::Absent)
    }

    /// Counts up whenever an intent is done, refused or dropped.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// Sends until dropped, which is like being killed: a transaction in flight stays on disk for the next process.
    pub async fn run(self, mut height: watch::Receiver<u64>) {
        let mut retry = RETRY_FIRST;
        loop {
            let wait = match self.turn().await {
                Ok(Turn::Moved) => {
                    retry = RETRY_FIRST;
                    Duration::ZERO
                }
                Ok(Turn::Waits) => POLL,
                Err(error) => {
                    tracing::warn!(%error, "the transaction queue waits");
                    retry = (retry * 2).min(RETRY_MOST);
                    retry
                }
            };
            if wait.is_zero() {
                continue;
            }
            tokio::select! {
                () = self.0.work.notified() => {}
                Ok(()) = height.changed() => {}
                () = sleep(wait) => {}
            }
        }
    }

    async fn turn(&self) -> Answer<Turn> {
        let (batch, empty) = {
            let state = self.state();
            (state.store.batch.clone(), state.store.intents.is_empty())
        };
        if batch.is_none() && empty {
            return Ok(Turn::Waits);
        }
        let head = self.0.trust.head(self.0.chain.as_ref()).await?;
        match batch {
            Some(batch) => self.follow_up(&batch, &head).await,
            None => self.make(&head).await,
        }
    }

    async fn follow_up(&self, batch: &Batch, head: &Head) -> Answer<Turn> {
        let account = self.0.chain.account(&self.0.address).await;
        let sequence = Fact::from_answer(account.map(|account| account.map(|account| account.sequence)));
        let hash: [u8; 32] =
            batch.hash.as_slice().try_into().map_err(|_| ChainError("the kept hash is damaged".into()))?;
        let found = Fact::from_answer(self.0.chain.transaction(&hash).await);
        let memory = {
            let mut state = self.state();
            let passed = batch.is_passed(&sequence);
            state.memory.passed_at = if passed { state.memory.passed_at.or(Some(head.height)) } else { None };
            state.memory.clone()
        };
        let (height, sent_at, passed_at) = (head.height, memory.sent_at, memory.passed_at);
        match batch.next(&Traces { sequence, found, height, sent_at, passed_at }) {
            Next::Wait => Ok(Turn::Waits),
            Next::Send => self.send(batch, &memory, head).await,
            Next::Finish(verdict) if verdict.is_ok() => {
                self.settle(&batch.intents, &IntentState::Done)?;
                self.clear()
            }
            Next::Finish(verdict) => self.refuse(&batch.intents, verdict),
            Next::Replan => {
                tracing::info!(sequence = batch.sequence, "the sequence moved on; signing anew");
                self.clear()
            }
        }
    }

    async fn send(&self, batch: &Batch, memory: &Memory, head: &Head) -> Answer<Turn> {
        let answer = self.0.chain.broadcast(&batch.bytes).await;
        {
            let mut state = self.state();
            state.memory.sent_at = Some(head.height);
            state.memory.fresh = false;
        }
        let verdict = answer?;
        let known = [SDK_TX_IN_CACHE, SDK_MEMPOOL_FULL, SDK_WRONG_SEQUENCE];
        let says_nothing = known.iter().any(|code| verdict.is_sdk(*code));
        if verdict.is_ok() || says_nothing || !memory.fresh {
            return Ok(Turn::Waits); // what became of it, the hash and the sequence will tell
        }
        self.refuse(&batch.intents, verdict)
    }

    /// Makes the next transaction from what waits and still makes sense.
    async fn make(&self, head: &Head) -> Answer<Turn> {
        let mut picked: Vec<(u64, Intent)> = Vec::new();
        for (number, intent) in self.pick() {
            if self.holds(&intent.guard).await? {
                picked.push((number, intent));
            } else {
                tracing::info!(key = %intent.key, "no longer needed");
                self.settle(&[number], &IntentState::Moot)?;
            }
        }
        if picked.is_empty() {
            return Ok(Turn::Moved);
        }
        let numbers: Vec<u64> = picked.iter().map(|(number, _)| *number).collect();
        let missing = || ChainError(format!("account {} does not exist yet", self.0.address));
        let account = self.0.chain.account(&self.0.address).await?.ok_or_else(missing)?;
        let messages = picked.iter().map(|(_, intent)| intent.message()).collect();
        let mut unsigned = Unsigned { messages, ..Unsigned::default() };
        unsigned.fee = fee(&self.0.config.gas_price, 1)?; // paying takes gas too
        let draft = tx::unsigned_for_simulation(&unsigned, &self.0.key.public(), account.sequence);
        let gas = match self.0.chain.simulate(&draft).await? {
            Simulated::Gas(gas) => gas,
            Simulated::Refused(verdict) if verdict.is_sdk(SDK_WRONG_SEQUENCE) => {
                return Err(ChainError("another transaction of this account is on its way".into()));
            }
            Simulated::Refused(verdict) => return self.refuse(&numbers, verdict),
        };
        unsigned.gas_limit = gas.saturating_mul(GAS_MARGIN_PERCENT) / 100;
        unsigned.fee = fee(&self.0.config.gas_price, unsigned.gas_limit)?;
        let batch = self.sign(&unsigned, head, account, numbers);
        {
            let mut state = self.state();
            state.store.set_batch(batch.clone()).map_err(disk)?;
            state.memory = Memory { fresh: true, ..Memory::default() };
        }
        let memory = self.state().memory.clone();
        self.send(&batch, &memory, head).await
    }

    fn sign(&self, unsigned: &Unsigned, head: &Head, account: Account, intents: Vec<u64>) -> Batch {
        let bytes = tx::sign_direct(unsigned, &self.0.key, &head.chain_id, account.number, account.sequence);
        Batch { intents, sequence: account.sequence, hash: tx::hash(&bytes).to_vec(), bytes }
    }

    /// Whether the message still makes sense; an error when that is unknown.
    async fn holds(&self, guard: &Guard) -> Answer<bool> {
        let chain = self.0.chain.as_ref();
        Ok(match guard {
            Guard::Always => true,
            Guard::NotBidYet(id) => {
                let open = chain.order(&id.order).await?.is_some_and(|order| order.open);
                open && chain.bid(id).await?.is_none()
            }
            Guard::BidOpen(id) => chain.bid(id).await? == Some(BidState::Open),
            Guard::LeaseLive(id) => chain.lease(id).await?.is_some_and(|lease| lease.live),
        })
    }

    /// The first that has to go alone, or the first few of the others.
    fn pick(&self) -> Vec<(u64, Intent)> {
        let state = self.state();
        let waiting = || state.store.intents.iter().map(|(number, waiting)| (*number, waiting));
        let owned = |(number, waiting): (u64, &Waiting)| (number, waiting.intent.clone());
        if let Some(alone) = waiting().find(|(_, waiting)| waiting.alone) {
            return vec![owned(alone)];
        }
        waiting().take(MAX_BATCH).map(owned).collect()
    }

    /// The chain does not want it: one message is given up, several are tried one by one.
    fn refuse(&self, numbers: &[u64], verdict: Verdict) -> Answer<Turn> {
        if numbers.len() > 1 {
            tracing::info!(%verdict, messages = numbers.len(), "refused; trying the messages one by one");
            let mut state = self.state();
            for number in numbers {
                if let Some(waiting) = state.store.intents.get(number).cloned() {
                    state.store.put(*number, Waiting { alone: true, ..waiting }).map_err(disk)?;
                }
            }
        } else {
            tracing::warn!(%verdict, "refused");
            self.settle(numbers, &IntentState::Refused(verdict))?;
        }
        self.clear()
    }

    fn settle(&self, numbers: &[u64], outcome: &IntentState) -> Answer<()> {
        let mut state = self.state();
        for number in numbers {
            if let Some(waiting) = state.store.intents.get(number).cloned() {
                state.store.remove(*number).map_err(disk)?;
                state.outcomes.add(waiting.intent.key, outcome.clone());
            }
        }
        drop(state);
        self.0.changed.send_modify(|count| *count += 1);
        Ok(())
    }

    fn clear(&self) -> Answer<Turn> {
        let mut state = self.state();
        state.store.clear_batch().map_err(disk)?;
        state.memory = Memory::default();
        Ok(Turn::Moved)
    }

    /// No section under this lock panics half way.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outcomes {
    fn add(&mut self, key: String, outcome: IntentState) {
        if self.by_key.insert(key.clone(), outcome).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MAX_OUTCOMES
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_key.remove(&oldest);
        }
    }
}

fn disk(error: DiskError) -> ChainError {
    ChainError(format!("the queue cannot be written: {error}"))
}

fn fee(price: &DecCoin, gas: u64) -> Answer<Coins> {
    let too_much = || ChainError("the fee overflows".into());
    let exact = price.amount.checked_mul_int(Int::from(gas)).ok_or_else(too_much)?;
    let amount = exact.checked_ceil().ok_or_else(too_much)?;
    let coin = Coin::new(price.denom.clone(), amount).map_err(|error| ChainError(error.to_string()))?;
    let coins = if coin.amount.is_zero() { Vec::new() } else { vec![coin] };
    Coins::from_vec(coins).map_err(|error| ChainError(error.to_string()))
}
