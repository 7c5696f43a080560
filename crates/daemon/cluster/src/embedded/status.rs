//! How a lease fares, asked from its shims at this moment.

use super::lease::Lease;
use super::plan;
use super::replica::Replica;
use super::shim::{Phase, ShimStatus};
use super::state::LeaseDirectory;
use crate::{LeaseStatus, ReplicaStats, Service, ServiceStatus};
use std::io;

/// A container that ends sooner than this was never ready.
const READY_AFTER_MS: u64 = 250;

/// One replica, with what its shim says; nothing if the shim is lost or not yet there.
pub struct Found {
    pub replica: Replica,
    pub status: Option<ShimStatus>,
}

/// Blocks.
pub fn find(directory: &LeaseDirectory) -> io::Result<Vec<Found>> {
    let mut all = Vec::new();
    for name in directory.replica_names()? {
        if let Some(replica) = Replica::open(&directory.replica(&name))? {
            let status = replica.status().ok();
            all.push(Found { replica, status });
        }
    }
    Ok(all)
}

/// Blocks.
pub fn lease_status(lease: &Lease) -> io::Result<LeaseStatus> {
    let found = find(&lease.directory)?;
    let desired = lease.desired();
    let wanted = plan::wanted(&desired);
    let mut status = LeaseStatus::default();
    for service in &desired.services {
        let problem = lease.facts().problems.get(&service.name).cloned();
        let current = |found: &Found| {
            wanted.iter().any(|w| w.name == found.replica.spec.name && w.fingerprint == found.replica.spec.fingerprint)
        };
        let mine: Vec<&Found> = found.iter().filter(|f| f.replica.spec.service == service.name).collect();
        let updated = mine.iter().filter(|f| current(f)).count() as u32;
        status.services.insert(service.name.clone(), service_status(service, &mine, updated, problem));
    }
    Ok(status)
}

fn service_status(service: &Service, found: &[&Found], updated: u32, problem: Option<String>) -> ServiceStatus {
    let statuses = || found.iter().filter_map(|f| f.status.as_ref());
    let ready = statuses().filter(|s| is_ready(s)).count() as u32;
    let last_exit = |s: &ShimStatus| s.last_exit.as_ref().map(|exit| exit.describe());
    let not_running = statuses().filter(|s| !is_ready(s)).find_map(last_exit);
    ServiceStatus {
        name: service.name.clone(),
        available: ready,
        total: service.count,
        uris: service.expose.iter().filter(|e| e.is_ingress()).flat_map(|e| e.hosts.clone()).collect(),
        replicas: found.len() as u32,
        updated_replicas: updated,
        ready_replicas: ready,
        restarts: statuses().map(|s| s.restarts).sum(),
        last_error: problem.or(not_running).or_else(|| statuses().find_map(last_exit)),
    }
}

fn is_ready(status: &ShimStatus) -> bool {
    status.phase == Phase::Running && status.running_ms >= READY_AFTER_MS
}

/// Blocks for a moment.
pub fn stats(directory: &LeaseDirectory) -> io::Result<Vec<ReplicaStats>> {
    let mut all = Vec::new();
    for name in directory.replica_names()? {
        let Some(replica) = Replica::open(&directory.replica(&name))? else { continue };
        let cgroup = replica.spec.cgroup();
        all.push(ReplicaStats {
            replica: name,
            service: replica.spec.service.clone(),
            cpu_nanoseconds: cgroup.cpu_nanoseconds(),
            memory_bytes: cgroup.memory_bytes(),
            processes: cgroup.processes(),
        });
    }
    Ok(all)
}
