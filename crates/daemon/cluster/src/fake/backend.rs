//! State, the handle by which a test steers it, and the port's verbs.

use crate::{
    Capabilities, Cluster, ClusterError, EventStream, Inventory, LeaseEvent, LeaseStatus, LogLine, LogLines,
    LogOptions, LogStream, Node, ReplicaStats, ResourcePair, Service, ServiceStatus, Workload,
};
use akash_types::id::LeaseId;
use async_trait::async_trait;
use futures::StreamExt;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// New lines that a slow follower may be behind before it loses some.
const FOLLOW_BUFFER: usize = 256;

/// A handle; clones share one state, so that a test keeps one and hands the other to what it tests.
#[derive(Debug, Clone)]
pub struct Fake {
    state: Arc<Mutex<State>>,
    lines: broadcast::Sender<(LeaseId, LogLine)>,
}

#[derive(Debug, Default)]
struct State {
    node: Node,
    workloads: BTreeMap<LeaseId, Workload>,
    logs: BTreeMap<LeaseId, Vec<LogLine>>,
    /// Image to the reason why it fails.
    broken_images: BTreeMap<String, String>,
    unavailable: bool,
    deploys: u64,
    teardowns: u64,
}

impl Default for Fake {
    fn default() -> Self {
        Fake::new()
    }
}

impl Fake {
    /// One node: 8 CPUs, 16 GiB of memory, 100 GiB of disk.
    #[must_use]
    pub fn new() -> Fake {
        let room = |allocatable| ResourcePair { allocatable, allocated: 0 };
        let node = Node {
            name: "fake".into(),
            cpu_milli: room(8_000),
            memory_bytes: room(16 << 30),
            ephemeral_bytes: room(100 << 30),
            gpu_units: room(0),
        };
        let state = Arc::new(Mutex::new(State { node, ..State::default() }));
        Fake { state, lines: broadcast::channel(FOLLOW_BUFFER).0 }
    }

    /// From now on every question has the answer "unknown", until called with `false`.
    pub fn set_unavailable(&self, unavailable: bool) {
        self.state().unavailable = unavailable;
    }

    /// Services of this image do not become ready and say why.
    pub fn break_image(&self, image: &str, reason: &str) {
        self.state().broken_images.insert(image.into(), reason.into());
    }

    pub fn repair_image(&self, image: &str) {
        self.state().broken_images.remove(image);
    }

    /// What the container would have printed.
    pub fn print(&self, lease: &LeaseId, service: &str, line: &str) {
        let line = LogLine {
            service: service.into(),
            replica: format!("{service}-0"),
            stream: LogStream::Stdout,
            time: "1970-01-01T00:00:00Z".into(),
            line: line.into(),
        };
        self.state().logs.entry(lease.clone()).or_default().push(line.clone());
        let _ = self.lines.send((lease.clone(), line)); // an error means that nobody follows
    }

    /// How often `deploy` and `teardown` succeeded.
    #[must_use]
    pub fn calls(&self) -> (u64, u64) {
        let state = self.state();
        (state.deploys, state.teardowns)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn available(&self) -> Result<MutexGuard<'_, State>, ClusterError> {
        let state = self.state();
        if state.unavailable { Err(ClusterError::Unavailable("the test says so".into())) } else { Ok(state) }
    }
}

impl State {
    fn require(&self, lease: &LeaseId) -> Result<&Workload, ClusterError> {
        self.workloads.get(lease).ok_or_else(|| ClusterError::NotFound(format!("lease {lease}")))
    }

    fn service_status(&self, service: &Service) -> ServiceStatus {
        let last_error = self.broken_images.get(&service.image).cloned();
        let running = if last_error.is_none() { service.count } else { 0 };
        ServiceStatus {
            name: service.name.clone(),
            available: running,
            total: service.count,
            uris: service.expose.iter().flat_map(|e| e.hosts.clone()).collect(),
            replicas: service.count,
            updated_replicas: service.count,
            ready_replicas: running,
            restarts: 0,
            last_error,
        }
    }

    /// The field's rule: a host name belongs to the lease that had it first.
    fn check_hosts(&self, workload: &Workload) -> Result<(), ClusterError> {
        let others = self.workloads.values().filter(|w| w.lease != workload.lease);
        let taken: Vec<&str> = others.flat_map(Workload::hosts).collect();
        match workload.hosts().find(|host| taken.contains(host)) {
            Some(host) => Err(ClusterError::Conflict(format!("host name {host} belongs to another lease"))),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Cluster for Fake {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            backend: "fake".into(),
            isolation: "none: nothing runs".into(),
            ingress: true,
            ..Capabilities::default()
        }
    }

    async fn inventory(&self) -> Result<Inventory, ClusterError> {
        let state = self.available()?;
        let mut node = state.node.clone();
        state.workloads.values().for_each(|workload| node.allocate(workload));
        Ok(Inventory { nodes: vec![node] })
    }

    async fn deploy(&self, workload: &Workload) -> Result<(), ClusterError> {
        workload.check()?;
        let mut state = self.available()?;
        state.check_hosts(workload)?;
        state.workloads.insert(workload.lease.clone(), workload.clone());
        state.deploys += 1;
        Ok(())
    }

    async fn teardown(&self, lease: &LeaseId) -> Result<(), ClusterError> {
        let mut state = self.available()?;
        state.workloads.remove(lease);
        state.logs.remove(lease);
        state.teardowns += 1;
        Ok(())
    }

    async fn deployments(&self) -> Result<Vec<Workload>, ClusterError> {
        Ok(self.available()?.workloads.values().cloned().collect())
    }

    async fn lease_status(&self, lease: &LeaseId) -> Result<Option<LeaseStatus>, ClusterError> {
        let state = self.available()?;
        let Some(workload) = state.workloads.get(lease) else { return Ok(None) };
        let services = workload.services.iter().map(|s| (s.name.clone(), state.service_status(s))).collect();
        Ok(Some(LeaseStatus { services, ..LeaseStatus::default() }))
    }

    async fn logs(&self, lease: &LeaseId, options: LogOptions) -> Result<LogLines, ClusterError> {
        let state = self.available()?;
        state.require(lease)?;
        let wanted = move |line: &LogLine| options.service.as_ref().is_none_or(|s| *s == line.service);
        let mut kept: Vec<LogLine> = state.logs.get(lease).cloned().unwrap_or_default();
        kept.retain(&wanted);
        let from = options.tail.map_or(0, |tail| kept.len().saturating_sub(tail as usize));
        let kept = futures::stream::iter(kept.split_off(from));
        if !options.follow {
            return Ok(kept.boxed());
        }
        let lease = lease.clone();
        let new = futures::stream::unfold(self.lines.subscribe(), |mut lines| async move {
            loop {
                match lines.recv().await {
                    Ok(line) => return Some((line, lines)),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        let new = new.filter_map(move |(of, line)| {
            let line = (of == lease && wanted(&line)).then_some(line);
            async move { line }
        });
        Ok(kept.chain(new).boxed())
    }

    async fn events(&self, lease: &LeaseId, follow: bool) -> Result<EventStream, ClusterError> {
        let state = self.available()?;
        let started = state.require(lease)?.services.iter().map(|service| LeaseEvent {
            service: service.name.clone(),
            replica: String::new(),
            time: "1970-01-01T00:00:00Z".into(),
            reason: "Started".into(),
            message: format!("{} replicas of {}", service.count, service.image),
        });
        let kept = futures::stream::iter(started.collect::<Vec<_>>());
        Ok(if follow { kept.chain(futures::stream::pending()).boxed() } else { kept.boxed() })
    }

    async fn stats(&self, lease: &LeaseId) -> Result<Vec<ReplicaStats>, ClusterError> {
        self.available()?.require(lease)?;
        Ok(Vec::new())
    }
}
