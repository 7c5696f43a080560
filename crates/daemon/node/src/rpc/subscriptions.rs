//! What one websocket has subscribed to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::envelope::Id;
use super::query::{QUERY_BYTES_MAX, Query, TOO_LONG};

pub struct Subscription {
    pub id: Id,
    /// As the client wrote it.
    pub text: String,
    pub query: Query,
}

/// How much there may be.
#[derive(Clone, Copy)]
pub struct Limits {
    pub clients_max: usize,
    pub per_client_max: usize,
}

/// By normalised query. Whoever has one is counted among the clients, until all are gone or this is dropped.
pub struct Subscriptions {
    by_query: BTreeMap<String, Subscription>,
    clients: Arc<AtomicUsize>,
    limits: Limits,
}

impl Subscriptions {
    pub fn new(clients: Arc<AtomicUsize>, limits: Limits) -> Self {
        Self { by_query: BTreeMap::new(), clients, limits }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Subscription> {
        self.by_query.values()
    }

    pub fn is_empty(&self) -> bool {
        self.by_query.is_empty()
    }

    pub fn add(&mut self, id: Id, text: &str) -> Result<(), String> {
        let Limits { clients_max, per_client_max } = self.limits;
        // PARITY: one of them is the original's own indexer.
        if self.clients.load(Ordering::Relaxed) + 1 >= clients_max {
            return Err(format!("max_subscription_clients {clients_max} reached"));
        }
        if self.by_query.len() >= per_client_max {
            return Err(format!("max_subscriptions_per_client {per_client_max} reached"));
        }
        if text.len() > QUERY_BYTES_MAX {
            return Err(TOO_LONG.to_string());
        }
        let query = Query::parse(text).map_err(|error| format!("failed to parse query: {error}"))?;
        let key = query.normalised();
        if self.by_query.contains_key(&key) {
            return Err("already subscribed".to_string());
        }
        if self.by_query.is_empty() {
            self.clients.fetch_add(1, Ordering::Relaxed);
        }
        self.by_query.insert(key, Subscription { id, text: text.to_string(), query });
        Ok(())
    }

    pub fn remove(&mut self, text: &str) -> Result<(), String> {
        let query = Query::parse(text).map_err(|error| format!("failed to parse query: {error}"))?;
        self.by_query.remove(&query.normalised()).ok_or("subscription not found")?;
        if self.by_query.is_empty() {
            self.clients.fetch_sub(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Ends all, and says whom they belonged to.
    pub fn clear(&mut self) -> Vec<Id> {
        let ended: Vec<_> = std::mem::take(&mut self.by_query).into_values().map(|ended| ended.id).collect();
        if !ended.is_empty() {
            self.clients.fetch_sub(1, Ordering::Relaxed);
        }
        ended
    }
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        self.clear();
    }
}
