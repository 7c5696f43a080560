//! The queue on disk: one file per intent, and one for the batch in flight.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Intent;
use super::batch::Batch;
use crate::disk::{self, DiskError};

const BATCH: &str = "in-flight.json";

/// An intent and how it is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    #[serde(flatten)]
    pub intent: Intent,
    /// Sent in a transaction of its own, because a batch with it was refused.
    pub alone: bool,
}

pub struct Store {
    folder: PathBuf,
    /// By number, in the order of arrival.
    pub intents: BTreeMap<u64, Waiting>,
    pub batch: Option<Batch>,
    next: u64,
}

impl Store {
    pub fn open(folder: PathBuf) -> Result<Self, DiskError> {
        let mut intents = BTreeMap::new();
        for path in disk::list_json(&folder)? {
            let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<u64>().ok());
            let Some(number) = number else { continue }; // the batch
            if let Some(waiting) = disk::read_json(&path)? {
                intents.insert(number, waiting);
            }
        }
        let batch: Option<Batch> = disk::read_json(&folder.join(BATCH))?;
        // A batch may still name intents that are done: their numbers must not be given to others.
        let in_flight = batch.iter().flat_map(|batch| batch.intents.iter());
        let last = intents.keys().chain(in_flight).max().copied().unwrap_or_default();
        Ok(Self { folder, intents, batch, next: last + 1 })
    }

    pub fn contains(&self, key: &str) -> bool {
        self.intents.values().any(|waiting| waiting.intent.key == key)
    }

    pub fn add(&mut self, intent: Intent) -> Result<(), DiskError> {
        let number = self.next;
        self.next += 1;
        self.put(number, Waiting { intent, alone: false })
    }

    pub fn put(&mut self, number: u64, waiting: Waiting) -> Result<(), DiskError> {
        disk::write_json(&self.path(number), &waiting)?;
        self.intents.insert(number, waiting);
        Ok(())
    }

    pub fn remove(&mut self, number: u64) -> Result<(), DiskError> {
        disk::remove(&self.path(number))?;
        self.intents.remove(&number);
        Ok(())
    }

    pub fn set_batch(&mut self, batch: Batch) -> Result<(), DiskError> {
        disk::write_json(&self.folder.join(BATCH), &batch)?;
        self.batch = Some(batch);
        Ok(())
    }

    /// Last, after its intents were removed or marked: a batch without intents is harmless, the reverse is not.
    pub fn clear_batch(&mut self) -> Result<(), DiskError> {
        disk::remove(&self.folder.join(BATCH))?;
        self.batch = None;
        Ok(())
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:016}.json"))
    }
}

#[cfg(test)]
mod tests {
    use akash_types::address::Address;

    use super::*;

    #[test]
    fn a_number_in_flight_is_not_given_away_again() {
        let home = tempfile::tempdir().unwrap();
        let owner = Address::from_bytes(&[1; 20]).unwrap();
        let intent = |dseq: u64| Intent::withdraw(&format!("{owner}/{dseq}/1/1/{owner}").parse().unwrap());
        let mut store = Store::open(home.path().to_owned()).unwrap();
        store.add(intent(1)).unwrap();
        store.set_batch(Batch { intents: vec![1], sequence: 0, hash: vec![0; 32], bytes: Vec::new() }).unwrap();
        store.remove(1).unwrap(); // killed before the batch was cleared

        let mut store = Store::open(home.path().to_owned()).unwrap();
        store.add(intent(2)).unwrap();
        assert_eq!(store.intents.keys().collect::<Vec<_>>(), [&2]);
        assert!(store.batch.is_some());
    }
}
