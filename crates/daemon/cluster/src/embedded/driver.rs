//! Drives a backend directly, for a person at a command line: no chain, no provider.
//!
//! `akash cluster run|ps|logs|rm` are thin shells over this. A container that is run stays after the command ends.

use super::backend::Embedded;
use super::reader;
use super::state::State;
use super::status::{Found, find};
use crate::{Cluster, ClusterError, LeaseStatus, LogLines, LogOptions, Workload};
use akash_types::address::Address;
use akash_types::id::LeaseId;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(50);

/// A lease that no chain knows: named by a number.
#[must_use]
pub fn local_lease(number: u64) -> LeaseId {
    let nobody = Address::from_bytes(&[0; 20]).expect("20 bytes are an address");
    format!("{nobody}/{number}/1/1/{nobody}").parse().expect("this is the form of a lease id")
}

/// The lowest number from 1 that no local lease has.
pub async fn free_number(cluster: &Embedded) -> Result<u64, ClusterError> {
    let used: Vec<LeaseId> = cluster.deployments().await?.into_iter().map(|w| w.lease).collect();
    Ok((1..).find(|n| !used.contains(&local_lease(*n))).unwrap_or(1))
}

/// Deploy and wait until every replica runs. After the patience, or on a reason that waiting does not cure, the status
/// as it is: `is_ready` and `last_error` say which.
pub async fn run(cluster: &Embedded, workload: &Workload, patience: Duration) -> Result<LeaseStatus, ClusterError> {
    cluster.deploy(workload).await?;
    let start = Instant::now();
    loop {
        let status = cluster.lease_status(&workload.lease).await?;
        let status = status.ok_or_else(|| ClusterError::NotFound(format!("lease {}", workload.lease)))?;
        let failed = status.services.values().any(|s| s.last_error.is_some());
        if status.is_ready() || failed || start.elapsed() > patience {
            return Ok(status);
        }
        tokio::time::sleep(POLL).await;
    }
}

/// One replica, as `ps` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub lease: String,
    pub service: String,
    pub replica: String,
    pub image: String,
    /// `running`, `waiting`, `ended`, or `lost`.
    pub phase: &'static str,
    pub pid: Option<i32>,
    pub restarts: u32,
    pub running_ms: u64,
    pub memory_bytes: u64,
    pub last_exit: Option<String>,
    pub hosts: Vec<String>,
}

/// What exists under a root, whoever manages it now. Blocks for a moment, changes nothing.
pub fn list(root: &Path) -> io::Result<Vec<Listed>> {
    if !root.join("leases").is_dir() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for (directory, record) in State::open(root)?.leases()? {
        let desired = directory.desired()?;
        for found in find(&directory)? {
            all.push(listed(&record.lease, desired.as_ref(), &found));
        }
    }
    Ok(all)
}

fn listed(lease: &str, desired: Option<&Workload>, found: &Found) -> Listed {
    use super::shim::Phase;
    let spec = &found.replica.spec;
    let service = desired.and_then(|w| w.services.iter().find(|s| s.name == spec.service));
    let status = found.status.as_ref();
    Listed {
        lease: lease.to_owned(),
        service: spec.service.clone(),
        replica: spec.name.clone(),
        image: service.map(|s| s.image.clone()).unwrap_or_default(),
        phase: match status.map(|s| s.phase) {
            Some(Phase::Running) => "running",
            Some(Phase::Waiting) => "waiting",
            Some(Phase::Ended) => "ended",
            None => "lost",
        },
        pid: status.and_then(|s| s.pid),
        restarts: status.map_or(0, |s| s.restarts),
        running_ms: status.map_or(0, |s| s.running_ms),
        memory_bytes: spec.cgroup().memory_bytes(),
        last_exit: status.and_then(|s| s.last_exit.as_ref()).map(|exit| exit.describe()),
        hosts: service.map(|s| s.expose.iter().flat_map(|e| e.hosts.clone()).collect()).unwrap_or_default(),
    }
}

/// The log of a lease under a root, whoever manages it now.
pub fn logs(root: &Path, lease: &LeaseId, options: LogOptions) -> Result<LogLines, ClusterError> {
    let unknown = |e: io::Error| ClusterError::Unavailable(e.to_string());
    let directory = State::open(root).map_err(unknown)?.lease(lease);
    match directory.record().map_err(unknown)? {
        Some(_) => Ok(reader::log_lines(directory, options)),
        None => Err(ClusterError::NotFound(format!("lease {lease}"))),
    }
}
