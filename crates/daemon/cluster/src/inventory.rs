//! What a backend can do, and how much room it has. Integers only.

use serde::{Deserialize, Serialize};

/// Found out once, when the backend starts. Bids follow it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Capabilities {
    /// `fake`, `embedded`, …
    pub backend: String,
    /// What separates tenants, in words for the operator: `user namespaces, shared kernel`.
    pub isolation: String,
    pub rootless: bool,
    /// Containers reach the internet.
    pub egress: bool,
    /// TCP on outside port 80 is served by host name.
    pub ingress: bool,
    /// Other global ports are published.
    pub published_ports: bool,
    pub udp: bool,
    pub exec: bool,
    pub ephemeral_limit: bool,
    pub persistent_storage_classes: Vec<String>,
    pub gpu_models: Vec<String>,
    pub ip_leases: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Inventory {
    pub nodes: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Node {
    pub name: String,
    pub cpu_milli: ResourcePair,
    pub memory_bytes: ResourcePair,
    pub ephemeral_bytes: ResourcePair,
    pub gpu_units: ResourcePair,
}

/// What tenants may use at most, and what deployed workloads have of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ResourcePair {
    pub allocatable: u64,
    pub allocated: u64,
}

impl ResourcePair {
    #[must_use]
    pub fn available(&self) -> u64 {
        self.allocatable.saturating_sub(self.allocated)
    }
}

impl Node {
    /// Count a workload's replicas in.
    pub fn allocate(&mut self, workload: &crate::Workload) {
        for service in &workload.services {
            let count = u64::from(service.count);
            let add = |pair: &mut ResourcePair, each: u64| {
                pair.allocated = pair.allocated.saturating_add(each.saturating_mul(count));
            };
            add(&mut self.cpu_milli, service.resources.cpu_milli);
            add(&mut self.memory_bytes, service.resources.memory_bytes);
            add(&mut self.ephemeral_bytes, service.resources.ephemeral_bytes);
            add(&mut self.gpu_units, service.resources.gpu_units);
        }
    }
}
