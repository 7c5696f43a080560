//! Which transactions wait, in which order, and who gives way to whom. Pure: it knows nothing of what they do.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use akash_types::address::Address;
use bytes::Bytes;

use super::TxHash;

/// Transactions that one better paid one may drive out.
const VICTIMS_MAX: usize = 64;
/// Digits behind the point of a price.
const PRICE_SCALE: u128 = 1_000_000_000;

/// What is offered for a unit of gas, in 1e-9 of the fee's smallest unit.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(pub u128);

impl Price {
    pub fn new(fee: u128, gas: u64) -> Self {
        Self(fee.saturating_mul(PRICE_SCALE) / u128::from(gas.max(1)))
    }

    /// A replacement has to offer a tenth more.
    fn replaces(self, other: Self) -> bool {
        self.0.saturating_mul(10) >= other.0.saturating_mul(11) && self > other
    }
}

/// A waiting transaction.
#[derive(Clone, Debug)]
pub struct Entry {
    pub hash: TxHash,
    pub bytes: Bytes,
    pub sender: Address,
    /// None: it needs no order among those of its sender.
    pub sequence: Option<u64>,
    pub price: Price,
    /// The last committed height when it arrived.
    pub height: u64,
}

/// Bounds of all that wait together.
#[derive(Copy, Clone, Debug)]
pub struct Bounds {
    pub txs: usize,
    pub bytes: usize,
}

/// By arrival, and by account and sequence. `tails` are those whom no other transaction of their sender follows.
pub struct Waiting {
    bounds: Bounds,
    entries: BTreeMap<u64, Entry>,
    arrivals: HashMap<TxHash, u64>,
    accounts: HashMap<Address, BTreeMap<u64, u64>>,
    tails: BTreeSet<(Price, Reverse<u64>)>,
    bytes: usize,
    next_arrival: u64,
}

impl Waiting {
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            entries: BTreeMap::new(),
            arrivals: HashMap::new(),
            accounts: HashMap::new(),
            tails: BTreeSet::new(),
            bytes: 0,
            next_arrival: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn next_arrival(&self) -> u64 {
        self.next_arrival
    }

    pub fn iter(&self) -> impl Iterator<Item = (u64, &Entry)> {
        self.entries.iter().map(|(arrival, entry)| (*arrival, entry))
    }

    pub fn range(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, &Entry)> {
        self.entries.range(from..to).map(|(arrival, entry)| (*arrival, entry))
    }

    /// Which of a sender's transactions has this sequence.
    pub fn at(&self, sender: &Address, sequence: u64) -> Option<u64> {
        self.accounts.get(sender)?.get(&sequence).copied()
    }

    /// Those of the sender that come before a sequence, in their order.
    pub fn before(&self, sender: &Address, sequence: u64) -> Vec<u64> {
        let own = self.accounts.get(sender).into_iter();
        own.flat_map(|own| own.range(..sequence)).map(|(_, arrival)| *arrival).collect()
    }

    /// Whom `entry` may replace: the same sender and sequence at a price that is a tenth lower.
    pub fn replaced_by(&self, entry: &Entry) -> Option<u64> {
        let arrival = self.at(&entry.sender, entry.sequence?)?;
        let other = self.entries.get(&arrival)?;
        entry.price.replaces(other.price).then_some(arrival)
    }

    /// Who has to go so that `entry` has room, the worst paid first. None: it pays too little.
    pub fn victims_for(&self, entry: &Entry) -> Option<Vec<TxHash>> {
        let mut txs_over = (self.len() + 1).saturating_sub(self.bounds.txs);
        let mut bytes_over = (self.bytes + entry.bytes.len()).saturating_sub(self.bounds.bytes);
        let mut victims = Vec::new();
        for (price, Reverse(arrival)) in &self.tails {
            if txs_over == 0 && bytes_over == 0 {
                break;
            }
            let victim = self.entries.get(arrival)?;
            if *price >= entry.price || victims.len() == VICTIMS_MAX {
                return None;
            }
            if victim.sender == entry.sender {
                continue; // it comes before the new one
            }
            txs_over = txs_over.saturating_sub(1);
            bytes_over = bytes_over.saturating_sub(victim.bytes.len());
            victims.push(victim.hash);
        }
        (txs_over == 0 && bytes_over == 0).then_some(victims)
    }

    /// Behind all that wait.
    pub fn push(&mut self, entry: Entry) -> u64 {
        let arrival = self.next_arrival;
        self.next_arrival += 1;
        self.insert(arrival, entry);
        arrival
    }

    /// Takes the place of another. The place stays.
    pub fn replace(&mut self, arrival: u64, entry: Entry) -> Option<Entry> {
        let replaced = self.take(arrival);
        self.insert(arrival, entry);
        replaced
    }

    pub fn remove(&mut self, hash: &TxHash) -> Option<u64> {
        let arrival = *self.arrivals.get(hash)?;
        self.take(arrival)?;
        Some(arrival)
    }

    fn insert(&mut self, arrival: u64, entry: Entry) {
        self.bytes += entry.bytes.len();
        self.arrivals.insert(entry.hash, arrival);
        match entry.sequence {
            None => {
                self.tails.insert((entry.price, Reverse(arrival)));
            }
            Some(sequence) => {
                self.tail_of(&entry.sender, |tails, tail| tails.remove(&tail));
                self.accounts.entry(entry.sender.clone()).or_default().insert(sequence, arrival);
            }
        }
        let sender = entry.sender.clone();
        self.entries.insert(arrival, entry);
        self.tail_of(&sender, |tails, tail| tails.insert(tail));
    }

    fn take(&mut self, arrival: u64) -> Option<Entry> {
        let sender = self.entries.get(&arrival)?.sender.clone();
        self.tail_of(&sender, |tails, tail| tails.remove(&tail));
        let entry = self.entries.remove(&arrival)?;
        self.bytes -= entry.bytes.len();
        self.arrivals.remove(&entry.hash);
        match entry.sequence {
            None => {
                self.tails.remove(&(entry.price, Reverse(arrival)));
            }
            Some(sequence) => {
                if let Some(own) = self.accounts.get_mut(&sender) {
                    own.remove(&sequence);
                    if own.is_empty() {
                        self.accounts.remove(&sender);
                    }
                }
            }
        }
        self.tail_of(&sender, |tails, tail| tails.insert(tail));
        Some(entry)
    }

    /// Applies a change to the place of the sender's last transaction in `tails`.
    fn tail_of(
        &mut self,
        sender: &Address,
        change: impl FnOnce(&mut BTreeSet<(Price, Reverse<u64>)>, (Price, Reverse<u64>)) -> bool,
    ) {
        let last = self.accounts.get(sender).and_then(|own| own.last_key_value()).map(|(_, arrival)| *arrival);
        if let Some(arrival) = last
            && let Some(entry) = self.entries.get(&arrival)
        {
            change(&mut self.tails, (entry.price, Reverse(arrival)));
        }
    }
}

#[cfg(test)]
#[path = "waiting_tests.rs"]
mod tests;
