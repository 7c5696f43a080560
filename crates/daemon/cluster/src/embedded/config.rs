//! What the operator decides.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct EmbeddedConfig {
    /// All state lives here; one process at a time manages it.
    pub root: PathBuf,
    /// Where the ingress listens; none switches it off.
    pub ingress: Option<SocketAddr>,
    /// Name of the cgroup that holds all containers, below the top of each hierarchy.
    pub cgroup_parent: String,
    /// Start of a /16 for the links between the host and the leases' routers. Private, and unused otherwise.
    pub address_pool: Ipv4Addr,
    /// Let leases reach the internet, where the host can forward.
    pub egress: bool,
    /// Registries on this machine that images may come from (over plain HTTP). Tenants choose image names, so any
    /// other registry on loopback is refused.
    pub loopback_registries: LoopbackRegistries,
    /// Memory that tenants never get.
    pub reserved_memory_bytes: u64,
    /// Processes and threads of each replica.
    pub pids_limit: u32,
    /// Between SIGTERM and SIGKILL.
    pub stop_grace: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoopbackRegistries {
    Only(Vec<SocketAddr>),
    /// Registry names that tenants write in image names, and where on this machine each of them listens.
    Named(BTreeMap<String, SocketAddr>),
    /// For a person at the command line, who may ask any.
    Any,
}

impl EmbeddedConfig {
    #[must_use]
    pub fn new(root: PathBuf) -> EmbeddedConfig {
        EmbeddedConfig {
            root,
            ingress: None,
            cgroup_parent: "akash".into(),
            address_pool: Ipv4Addr::new(10, 201, 0, 0),
            egress: true,
            loopback_registries: LoopbackRegistries::Only(Vec::new()),
            reserved_memory_bytes: 512 << 20,
            pids_limit: 512,
            stop_grace: Duration::from_secs(10),
        }
    }
}
