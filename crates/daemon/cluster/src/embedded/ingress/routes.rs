//! Which host name leads where. Made anew from what is wanted after each change.

use crate::HttpOptions;
use crate::embedded::lease::Lease;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

#[derive(Default)]
pub struct Routes {
    by_host: RwLock<HashMap<String, Arc<Route>>>,
}

pub struct Route {
    pub lease: Arc<Lease>,
    pub service: String,
    pub port: u16,
    pub options: HttpOptions,
    turn: AtomicUsize,
}

impl Route {
    /// Each call starts with another replica.
    pub fn next_turn(&self) -> usize {
        self.turn.fetch_add(1, Ordering::Relaxed)
    }
}

impl Routes {
    pub fn replace(&self, leases: &[Arc<Lease>]) {
        let mut by_host = HashMap::new();
        for lease in leases {
            for service in &lease.desired().services {
                for expose in service.expose.iter().filter(|e| e.is_ingress()) {
                    let route = Arc::new(Route {
                        lease: lease.clone(),
                        service: service.name.clone(),
                        port: expose.port,
                        options: expose.http_options.clone(),
                        turn: AtomicUsize::new(0),
                    });
                    by_host.extend(expose.hosts.iter().map(|host| (host.clone(), route.clone())));
                }
            }
        }
        *self.by_host.write().unwrap_or_else(PoisonError::into_inner) = by_host;
    }

    pub fn find(&self, host: &str) -> Option<Arc<Route>> {
        self.by_host.read().unwrap_or_else(PoisonError::into_inner).get(host).cloned()
    }
}
