//! What we remember of a lease ourselves, one small file each: when we first saw it and when we last withdrew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use akash_types::id::LeaseId;
use serde::{Deserialize, Serialize};

use crate::disk::{self, DiskError};

/// Times in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub lease: LeaseId,
    pub first_seen: u64,
    pub withdrawn_at: u64,
}

pub struct Records {
    folder: PathBuf,
    records: BTreeMap<LeaseId, Record>,
}

impl Records {
    pub fn open(home: &Path) -> Result<Self, DiskError> {
        let folder = home.join("leases");
        let mut records = BTreeMap::new();
        for path in disk::list_json(&folder)? {
            match disk::read_json::<Record>(&path) {
                Ok(Some(record)) => {
                    records.insert(record.lease.clone(), record);
                }
                Ok(None) => {}
                // The lease is then seen for the first time again, which grants the tenant more time, not less.
                Err(error) => tracing::error!(%error, "a lease record cannot be read"),
            }
        }
        Ok(Self { folder, records })
    }

    /// The record of a lease; begun now if there is none.
    pub fn of(&mut self, lease: &LeaseId, now: u64) -> Result<Record, DiskError> {
        if let Some(record) = self.records.get(lease) {
            return Ok(record.clone());
        }
        let record = Record { lease: lease.clone(), first_seen: now, withdrawn_at: now };
        self.put(record.clone())?;
        Ok(record)
    }

    pub fn put(&mut self, record: Record) -> Result<(), DiskError> {
        disk::write_json(&self.path(&record.lease), &record)?;
        self.records.insert(record.lease.clone(), record);
        Ok(())
    }

    pub fn forget(&mut self, lease: &LeaseId) -> Result<(), DiskError> {
        disk::remove(&self.path(lease))?;
        self.records.remove(lease);
        Ok(())
    }

    pub fn leases(&self) -> impl Iterator<Item = &LeaseId> {
        self.records.keys()
    }

    fn path(&self, lease: &LeaseId) -> PathBuf {
        self.folder.join(format!("{}.json", lease.to_string().replace('/', "_")))
    }
}
