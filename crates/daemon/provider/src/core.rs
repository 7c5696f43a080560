//! What the parts of a running provider share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use akash_cluster::Cluster;
use akash_types::address::Address;
use akash_types::id::{LeaseId, OrderId};
use tokio::sync::Notify;

use crate::chain::Chain;
use crate::chain::follow::Heard;
use crate::chain::trust::Trust;
use crate::config::ProviderConfig;
use crate::inventory::{Inventory, Reservation};
use crate::journal::Journal;
use crate::manifest::store::Manifests;
use crate::tx::Queue;

/// Reasons kept for whoever asks; the oldest orders go first.
const MAX_REASONS: usize = 1000;

pub struct Core {
    pub config: ProviderConfig,
    /// Ours.
    pub address: Address,
    pub chain: Arc<dyn Chain>,
    pub trust: Arc<Trust>,
    pub heard: Heard,
    pub cluster: Arc<dyn Cluster>,
    pub inventory: Inventory,
    pub queue: Queue,
    pub manifests: Manifests,
    pub journal: Journal,
    /// Held while a manifest is being taken in.
    pub manifest_turn: tokio::sync::Mutex<()>,
    /// Wakes the lease side: something it looks at has changed.
    pub poke: Notify,
    /// Orders with a bid of ours under way.
    pub bidding: AtomicUsize,
    holdings: Mutex<BTreeMap<OrderId, Reservation>>,
    reasons: Mutex<BTreeMap<String, String>>,
    troubles: Mutex<BTreeMap<LeaseId, String>>,
}

impl Core {
    #[expect(clippy::too_many_arguments, reason = "assembled in one place only")]
    pub fn new(
        config: ProviderConfig,
        chain: Arc<dyn Chain>,
        trust: Arc<Trust>,
        cluster: Arc<dyn Cluster>,
        queue: Queue,
        manifests: Manifests,
        journal: Journal,
    ) -> Self {
        Self {
            address: config.key.public().address(),
            config,
            chain,
            trust,
            heard: Heard::default(),
            cluster,
            inventory: Inventory::default(),
            queue,
            manifests,
            journal,
            manifest_turn: tokio::sync::Mutex::default(),
            poke: Notify::new(),
            bidding: AtomicUsize::new(0),
            holdings: Mutex::default(),
            reasons: Mutex::default(),
            troubles: Mutex::default(),
        }
    }

    /// Seconds since 1970.
    pub fn now() -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    /// Room held for a lease until the lease is over.
    pub fn hold(&self, order: OrderId, reservation: Reservation) {
        lock(&self.holdings).insert(order, reservation);
    }

    pub fn is_held(&self, order: &OrderId) -> bool {
        lock(&self.holdings).contains_key(order)
    }

    pub fn release(&self, order: &OrderId) {
        let released = lock(&self.holdings).remove(order);
        drop(released);
    }

    /// Why no bid was made on an order.
    pub fn remember(&self, order: &OrderId, why: String) {
        let mut reasons = lock(&self.reasons);
        reasons.insert(order.to_string(), why);
        while reasons.len() > MAX_REASONS {
            reasons.pop_first();
        }
    }

    pub fn reasons(&self) -> BTreeMap<String, String> {
        lock(&self.reasons).clone()
    }

    pub fn set_trouble(&self, lease: &LeaseId, trouble: Option<String>) {
        let mut troubles = lock(&self.troubles);
        match trouble {
            Some(text) => troubles.insert(lease.clone(), text),
            None => troubles.remove(lease),
        };
    }

    /// Why the last action on a lease failed.
    pub fn trouble(&self, lease: &LeaseId) -> Option<String> {
        lock(&self.troubles).get(lease).cloned()
    }

    pub fn count_bidding(&self, count: usize) {
        self.bidding.store(count, Ordering::Relaxed);
    }

    /// Reads the cluster's figures into the ledger; while it does not answer, nothing is promised.
    pub async fn refresh_inventory(&self) {
        let deployed = self.cluster.deployments().await; // before the figures, see `Inventory::refresh`
        let figures = self.cluster.inventory().await;
        match (deployed, figures) {
            (Ok(deployed), Ok(figures)) => {
                let orders = deployed.into_iter().map(|workload| workload.lease.order).collect();
                self.inventory.refresh(figures.nodes, &orders);
            }
            (Err(error), _) | (_, Err(error)) => {
                tracing::warn!(%error, "the inventory is unknown; no new bids");
                self.inventory.forget();
            }
        }
    }
}

/// No section under these locks panics half way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
