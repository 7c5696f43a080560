//! The JSON shapes of the wire.

use std::collections::BTreeMap;

use akash_cluster::{LeaseStatus, Protocol, ServiceStatus, Workload};
use serde::Serialize;
use serde_json::{Value, json};

use crate::core::Core;
use crate::inventory::Amounts;

#[derive(Serialize)]
pub struct LeaseAnswer {
    services: BTreeMap<String, ServiceAnswer>,
    forwarded_ports: BTreeMap<String, Vec<PortAnswer>>,
    /// Leased addresses: none are offered.
    ips: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<String>,
}

#[derive(Serialize)]
pub struct ServiceAnswer {
    name: String,
    available: u32,
    total: u32,
    uris: Vec<String>,
    observed_generation: u32,
    replicas: u32,
    updated_replicas: u32,
    ready_replicas: u32,
    available_replicas: u32,
}

#[derive(Serialize)]
struct PortAnswer {
    host: String,
    port: u16,
    #[serde(rename = "externalPort")]
    external_port: u16,
    proto: &'static str,
    name: String,
}

impl LeaseAnswer {
    /// `trouble`: why our last action on the lease failed.
    pub fn new(status: &LeaseStatus, ingress_port: u16, trouble: Option<String>) -> Self {
        let services = status.services.iter();
        let reasons = status.services.values().filter_map(|service| {
            service.last_error.as_ref().map(|reason| format!("service {}: {reason}", service.name))
        });
        let ports = status.forwarded_ports.iter().map(|(service, ports)| {
            let ports = ports.iter().map(|port| PortAnswer {
                host: port.host.clone(),
                port: port.port,
                external_port: port.external_port,
                proto: match port.proto {
                    Protocol::Tcp => "TCP",
                    Protocol::Udp => "UDP",
                },
                name: port.name.clone(),
            });
            (service.clone(), ports.collect())
        });
        Self {
            services: services.map(|(name, status)| (name.clone(), ServiceAnswer::new(status, ingress_port))).collect(),
            forwarded_ports: ports.collect(),
            ips: None,
            errors: trouble.into_iter().chain(reasons).collect(),
        }
    }
}

impl ServiceAnswer {
    pub fn new(status: &ServiceStatus, ingress_port: u16) -> Self {
        Self {
            name: status.name.clone(),
            available: status.available,
            total: status.total,
            uris: status.uris.iter().map(|host| uri(host, ingress_port)).collect(),
            observed_generation: 1,
            replicas: status.replicas,
            updated_replicas: status.updated_replicas,
            ready_replicas: status.ready_replicas,
            available_replicas: status.available,
        }
    }
}

/// The field shows bare host names; where the ingress is not on port 80 that would lead nowhere.
fn uri(host: &str, ingress_port: u16) -> String {
    if ingress_port == 80 { host.to_owned() } else { format!("http://{host}:{ingress_port}") }
}

/// `GET /status`
pub fn status(core: &Core, deployed: &[Workload]) -> Value {
    let totals = core.inventory.totals();
    let nodes = totals.nodes.iter().map(|(name, allocatable, free)| {
        json!({ "name": name, "allocatable": node(*allocatable), "available": node(*free) })
    });
    json!({
        "cluster": {
            "leases": deployed.len(),
            "inventory": {
                "active": deployed.iter().map(|workload| demand(Amounts::of_workload(workload))).collect::<Vec<_>>(),
                "pending": totals.pending.iter().map(|amounts| demand(*amounts)).collect::<Vec<_>>(),
                "available": { "nodes": nodes.collect::<Vec<_>>(), "storage": [] },
            },
        },
        "bidengine": { "orders": core.bidding.load(std::sync::atomic::Ordering::Relaxed) },
        "manifest": { "deployments": core.manifests.all().len() },
        "cluster_public_hostname": core.config.public_host(),
        "address": core.address.to_string(),
        "reclamation_window": 0,
    })
}

fn node(amounts: Amounts) -> Value {
    json!({
        "cpu": amounts.cpu_milli,
        "gpu": amounts.gpu_units,
        "memory": amounts.memory_bytes,
        "storage_ephemeral": amounts.ephemeral_bytes,
    })
}

fn demand(amounts: Amounts) -> Value {
    let mut value = node(amounts);
    value["storage"] = json!({});
    value
}

/// `GET /version`
pub fn version(core: &Core) -> Value {
    let backend = core.cluster.capabilities().backend;
    json!({
        "akash": {
            "name": "akash-provider",
            "server_name": "akash-provider",
            "version": env!("CARGO_PKG_VERSION"),
            "commit": "",
            "build_tags": "",
            "go": "",
            "build_deps": [],
            "cosmos_sdk_version": "",
        },
        // Not Kubernetes: the backend's name stands where clients look for a version.
        "kube": {
            "major": "0", "minor": "0", "gitVersion": backend, "gitCommit": "", "gitTreeState": "",
            "buildDate": "", "goVersion": "", "compiler": "rustc", "platform": std::env::consts::OS,
        },
    })
}
