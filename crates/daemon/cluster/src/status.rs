//! How a lease fares.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LeaseStatus {
    pub services: BTreeMap<String, ServiceStatus>,
    /// By service.
    pub forwarded_ports: BTreeMap<String, Vec<ForwardedPort>>,
}

impl LeaseStatus {
    /// Whether every service has all its replicas.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.services.is_empty() && self.services.values().all(|s| s.available >= s.total)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServiceStatus {
    pub name: String,
    /// Replicas that run.
    pub available: u32,
    /// Replicas that are wanted.
    pub total: u32,
    /// Host names of the ingress.
    pub uris: Vec<String>,
    /// Replicas that exist, running or not.
    pub replicas: u32,
    /// Replicas made from the current workload.
    pub updated_replicas: u32,
    pub ready_replicas: u32,
    /// Of all replicas together, since each was made.
    pub restarts: u32,
    /// Why a replica is not running, or why the last one ended.
    pub last_error: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ForwardedPort {
    pub host: String,
    pub port: u16,
    pub external_port: u16,
    pub proto: crate::Protocol,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReplicaStats {
    /// `<service>-<number>`.
    pub replica: String,
    pub service: String,
    pub cpu_nanoseconds: u64,
    pub memory_bytes: u64,
    pub processes: u64,
}
