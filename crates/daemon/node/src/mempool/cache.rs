//! The hashes seen last, oldest out first.

use std::collections::{HashSet, VecDeque};

use super::TxHash;

pub struct Cache {
    max: usize,
    known: HashSet<TxHash>,
    order: VecDeque<TxHash>,
}

impl Cache {
    pub fn new(max: usize) -> Self {
        Self { max, known: HashSet::new(), order: VecDeque::new() }
    }

    /// False when it was there.
    pub fn insert(&mut self, hash: TxHash) -> bool {
        if !self.known.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        while self.order.len() > self.max {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
        true
    }

    /// Rare and small: a rejected transaction is nearly always among the newest.
    pub fn remove(&mut self, hash: &TxHash) {
        if self.known.remove(hash)
            && let Some(index) = self.order.iter().rposition(|known| known == hash)
        {
            self.order.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_is_forgotten_first() {
        const MAX: u8 = 3;
        let mut cache = Cache::new(usize::from(MAX));
        for number in 0..=MAX {
            assert!(cache.insert([number; 32]));
        }
        assert!(cache.insert([0; 32]));
        assert!(!cache.insert([MAX; 32]));
        cache.remove(&[MAX; 32]);
        assert!(cache.insert([MAX; 32]));
    }
}
