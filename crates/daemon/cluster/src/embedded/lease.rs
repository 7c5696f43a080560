//! One lease in memory: what is wanted, where its network is, what its replicas did when last looked at.

use super::net::{Directory, Router};
use super::state::LeaseDirectory;
use crate::Workload;
use akash_types::id::LeaseId;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{Mutex as Gate, Notify, watch};
use tokio::task::JoinHandle;

pub struct Lease {
    pub id: LeaseId,
    pub directory: LeaseDirectory,
    pub slot: u16,
    desired: watch::Sender<Arc<Workload>>,
    facts: Mutex<Facts>,
    /// Held by whoever changes something of the lease on the machine.
    pub gate: Arc<Gate<()>>,
    /// Look again now.
    pub changed: Notify,
    leaving: watch::Sender<bool>,
}

#[derive(Default)]
pub struct Facts {
    pub router: Option<Router>,
    pub name_service: Option<JoinHandle<()>>,
    pub keeper: Option<JoinHandle<()>>,
    pub members: BTreeMap<String, Member>,
    /// Of a service: why it cannot be as wanted.
    pub problems: BTreeMap<String, String>,
    /// Replicas that ended for good: how often, and when a new one may be made.
    pub rests: BTreeMap<String, (u32, Instant)>,
}

/// A replica when last looked at.
#[derive(Debug, Clone)]
pub struct Member {
    pub service: String,
    pub address: Ipv4Addr,
    pub running: bool,
}

impl Lease {
    #[must_use]
    pub fn new(directory: LeaseDirectory, slot: u16, desired: Workload) -> Lease {
        Lease {
            id: desired.lease.clone(),
            directory,
            slot,
            desired: watch::Sender::new(Arc::new(desired)),
            facts: Mutex::default(),
            gate: Arc::default(),
            changed: Notify::new(),
            leaving: watch::Sender::new(false),
        }
    }

    /// From now on nothing new is made for it.
    pub fn leave(&self) {
        self.leaving.send_replace(true);
        self.changed.notify_one();
    }

    #[must_use]
    pub fn is_leaving(&self) -> bool {
        *self.leaving.borrow()
    }

    /// Returns once it is leaving.
    pub async fn left(&self) {
        let mut leaving = self.leaving.subscribe();
        let _ = leaving.wait_for(|leaving| *leaving).await; // the sender lives as long as this lease
    }

    /// Returns once something other than this is wanted, or nothing any more.
    pub async fn superseded(&self, desired: &Arc<Workload>) {
        let mut newest = self.desired.subscribe();
        tokio::select! {
            // An error cannot be: the sender lives as long as this lease.
            _ = newest.wait_for(|newest| !Arc::ptr_eq(newest, desired)) => {}
            () = self.left() => {}
        }
    }

    #[must_use]
    pub fn desired(&self) -> Arc<Workload> {
        self.desired.borrow().clone()
    }

    pub fn set_desired(&self, workload: Workload) {
        self.desired.send_replace(Arc::new(workload));
        self.facts().rests.clear();
        self.changed.notify_one();
    }

    /// Held for a moment, never across an await.
    pub fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replicas of a service, the running ones first choice: without any, all that exist.
    #[must_use]
    pub fn backends(&self, service: &str) -> Vec<Ipv4Addr> {
        let facts = self.facts();
        let members = || facts.members.values().filter(|m| m.service == service);
        let running: Vec<Ipv4Addr> = members().filter(|m| m.running).map(|m| m.address).collect();
        if running.is_empty() { members().map(|m| m.address).collect() } else { running }
    }
}

impl Directory for Lease {
    fn addresses(&self, name: &str) -> Option<Vec<Ipv4Addr>> {
        if self.desired().services.iter().any(|s| s.name == name) {
            return Some(self.backends(name));
        }
        self.facts().members.get(name).map(|m| vec![m.address])
    }
}
