//! The port's verbs.

use super::config::EmbeddedConfig;
use super::converge::{self, blocking, keep};
use super::image::ImageStore;
use super::ingress;
use super::inner::{self, Inner};
use super::lease::Lease;
use super::net::{Host, SLOTS, egress_is_possible};
use super::rights::{self, MissingRights};
use super::state::{LeaseDirectory, LeaseRecord, State};
use super::{reader, status, sys, teardown};
use crate::{
    Capabilities, Cluster, ClusterError, EventStream, InvalidWorkload, Inventory, LeaseStatus, LogLines, LogOptions,
    ReplicaStats, Workload,
};
use akash_types::id::LeaseId;
use async_trait::async_trait;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const CLAIM_TIMEOUT: Duration = Duration::from_secs(1);
const CLAIM_PAUSE: Duration = Duration::from_millis(20);

/// Why the backend cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Rights(#[from] MissingRights),
    /// Names the root.
    #[error("{0}")]
    Busy(io::Error),
    #[error("the ingress cannot listen on {address}: {cause}")]
    Ingress { address: SocketAddr, cause: io::Error },
    #[error("{what}: {cause}")]
    Io { what: &'static str, cause: io::Error },
}

/// The backend. Dropping it ends its tasks; containers go on.
pub struct Embedded {
    inner: Arc<Inner>,
    ingress: Option<(SocketAddr, JoinHandle<()>)>,
}

impl Embedded {
    /// Check the rights, claim the root, adopt what runs. Must be called inside of a tokio runtime.
    pub async fn open(config: EmbeddedConfig) -> Result<Embedded, OpenError> {
        rights::check()?;
        sys::become_subreaper().map_err(|cause| OpenError::Io { what: "subreaper", cause })?;
        let failed = |what| move |cause| OpenError::Io { what, cause };
        let state = State::open(&config.root).map_err(failed("state directory"))?;
        let claim = claim(&state).await.map_err(OpenError::Busy)?;
        let images = ImageStore::open(state.images(), config.loopback_registries.clone());
        let images = images.map_err(failed("image store"))?;
        let host = Host {
            tag: state.tag().to_owned(),
            pool: config.address_pool,
            egress: config.egress && egress_is_possible(),
        };
        let listener = match config.ingress {
            Some(address) => {
                let failed = |cause| OpenError::Ingress { address, cause };
                Some(TcpListener::bind(address).await.map_err(failed)?)
            }
            None => None,
        };
        let inner = Inner::new(config, state, host, images, claim).map_err(failed("inventory"))?;
        let inner = Arc::new(inner);
        adopt(&inner).await.map_err(|text| OpenError::Io { what: "adoption", cause: io::Error::other(text) })?;
        let ingress = match listener {
            Some(listener) => {
                let address = listener.local_addr().map_err(failed("ingress"))?;
                Some((address, tokio::spawn(ingress::serve(listener, inner.routes.clone()))))
            }
            None => None,
        };
        Ok(Embedded { inner, ingress })
    }

    /// Where the ingress really listens.
    #[must_use]
    pub fn ingress(&self) -> Option<SocketAddr> {
        self.ingress.as_ref().map(|(address, _)| *address)
    }

    /// End the tasks and give the root back before this returns. Containers go on.
    pub async fn close(mut self) {
        let mut tasks = self.abort_tasks();
        tasks.extend(self.ingress.take().map(|(_, task)| task));
        for task in tasks {
            task.abort();
            let _ = task.await; // an error says that it was aborted, as it should be
        }
    }

    /// End every container and network, and keep what is wanted: the next `open` runs it again. Afterwards this handle
    /// only answers questions.
    pub async fn stop_containers(&self) -> Result<(), ClusterError> {
        let leases: Vec<Arc<Lease>> = self.inner.leases().wanted.values().cloned().collect();
        let ends = leases.iter().map(|lease| teardown::end_containers(&self.inner, lease));
        futures::future::try_join_all(ends).await.map_err(unknown)?;
        let inner = self.inner.clone();
        blocking(move || teardown::restore_host(&inner)).await.map_err(unknown)
    }

    fn abort_tasks(&self) -> Vec<JoinHandle<()>> {
        let leases = self.inner.leases();
        let all = leases.wanted.values().chain(leases.leaving.values());
        let of = |lease: &Arc<Lease>| {
            let mut facts = lease.facts();
            [facts.keeper.take(), facts.name_service.take()]
        };
        let tasks: Vec<JoinHandle<()>> = all.flat_map(of).flatten().collect();
        tasks.iter().for_each(JoinHandle::abort);
        tasks
    }

    /// A free slot of this machine, recorded. Blocks.
    fn record(inner: &Inner, directory: &LeaseDirectory, lease: &LeaseId) -> io::Result<LeaseRecord> {
        if let Some(record) = directory.record()? {
            return Ok(record);
        }
        let all = inner.state.leases()?;
        let _lock = inner.host.lock()?;
        if all.is_empty() {
            inner.host.prepare()?;
        }
        let mut taken = inner.host.taken_slots()?;
        taken.extend(all.iter().map(|(_, record)| record.slot));
        // Different roots start at different places, because a slot is also a range of user ids.
        let start = u16::from_str_radix(&inner.state.tag()[..4], 16).unwrap_or(0) % SLOTS;
        let slot = (0..SLOTS).map(|n| (start + n) % SLOTS).find(|slot| !taken.contains(slot));
        let slot = slot.ok_or_else(|| io::Error::other("no slot is free"))?;
        let record = LeaseRecord { lease: lease.to_string(), slot };
        directory.create(&record)?;
        Ok(record)
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Some((_, task)) = &self.ingress {
            task.abort();
        }
        self.abort_tasks();
    }
}

/// The children of a daemon that was killed hold its claim until they have become another program: so try for a while.
async fn claim(state: &State) -> io::Result<File> {
    let start = Instant::now();
    loop {
        match state.claim() {
            Err(e) if e.kind() == io::ErrorKind::ResourceBusy && start.elapsed() < CLAIM_TIMEOUT => {
                tokio::time::sleep(CLAIM_PAUSE).await;
            }
            other => return other,
        }
    }
}

/// Leases of an earlier life: those that are wanted are kept, the others go.
async fn adopt(inner: &Arc<Inner>) -> Result<(), String> {
    let shared = inner.clone();
    let found = blocking(move || {
        shared.state.sweep()?;
        let all = shared.state.leases()?;
        shared.prune_images(inner::IMAGES_KEPT)?;
        if !all.is_empty() {
            let _lock = shared.host.lock()?;
            shared.host.prepare()?;
        }
        let with_desired = |(directory, record): (LeaseDirectory, LeaseRecord)| {
            let desired = directory.desired()?;
            Ok((directory, record, desired))
        };
        all.into_iter().map(with_desired).collect::<io::Result<Vec<_>>>()
    });
    for (directory, record, desired) in found.await? {
        let id: LeaseId = record.lease.parse().map_err(|_| format!("{:?} is not a lease id", record.lease))?;
        match desired {
            Some(workload) => {
                let lease = Arc::new(Lease::new(directory, record.slot, workload));
                let looked_at = lease.clone();
                blocking(move || converge::adopt(&looked_at)).await?;
                inner.leases().wanted.insert(id, lease.clone());
                start_keeping(inner, &lease);
            }
            None => {
                let nothing =
                    Workload { lease: id.clone(), group: String::new(), version_hash: [0; 32], services: vec![] };
                let lease = Arc::new(Lease::new(directory, record.slot, nothing));
                lease.leave();
                inner.leases().leaving.insert(id, lease.clone());
                let inner = inner.clone();
                tokio::spawn(async move {
                    if let Err(error) = teardown::teardown(&inner, &lease).await {
                        tracing::warn!(lease = %lease.id, error, "an earlier teardown is not finished");
                    }
                });
            }
        }
    }
    inner.refresh_routes();
    Ok(())
}

fn start_keeping(inner: &Arc<Inner>, lease: &Arc<Lease>) {
    let task = tokio::spawn(keep(inner.clone(), lease.clone()));
    lease.facts().keeper = Some(task);
}

/// What a valid workload may ask and this backend does not have.
fn check_supported(workload: &Workload) -> Result<(), ClusterError> {
    for service in &workload.services {
        if service.resources.gpu_units > 0 {
            return Err(ClusterError::Unsupported("GPUs"));
        }
        if service.expose.iter().any(|e| e.global && !e.is_ingress()) {
            return Err(ClusterError::Unsupported("global ports other than TCP 80"));
        }
        let host_less = |e: &&crate::Expose| e.is_ingress() && e.hosts.is_empty();
        if let Some(expose) = service.expose.iter().find(host_less) {
            let what = format!("port {} goes to the ingress and has no host name", expose.port);
            return Err(InvalidWorkload::Service { service: service.name.clone(), what }.into());
        }
    }
    Ok(())
}

fn unknown(text: impl ToString) -> ClusterError {
    ClusterError::Unavailable(text.to_string())
}

#[async_trait]
impl Cluster for Embedded {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            backend: "embedded".into(),
            isolation: "user namespaces, seccomp; shared kernel".into(),
            egress: self.inner.host.egress,
            ingress: self.ingress.is_some(),
            ephemeral_limit: true,
            ..Capabilities::default()
        }
    }

    async fn inventory(&self) -> Result<Inventory, ClusterError> {
        let mut node = self.inner.capacity.clone();
        let leases = self.inner.leases();
        leases.wanted.values().for_each(|lease| node.allocate(&lease.desired()));
        Ok(Inventory { nodes: vec![node] })
    }

    async fn deploy(&self, workload: &Workload) -> Result<(), ClusterError> {
        workload.check()?;
        check_supported(workload)?;
        let leaving = self.inner.leases().leaving.get(&workload.lease).cloned();
        if let Some(lease) = leaving {
            teardown::teardown(&self.inner, &lease).await.map_err(unknown)?; // what was before must be gone first
        }
        let _one_at_a_time = self.inner.deploys.lock().await;
        let known = {
            let leases = self.inner.leases();
            if leases.leaving.contains_key(&workload.lease) {
                return Err(unknown("the lease is still being torn down"));
            }
            let mut others = leases.wanted.values().filter(|lease| lease.id != workload.lease);
            let has = |lease: &Arc<Lease>, host: &str| lease.desired().hosts().any(|h| h == host);
            if let Some(host) = others.find_map(|lease| workload.hosts().find(|host| has(lease, host))) {
                return Err(ClusterError::Conflict(format!("host name {host} belongs to another lease")));
            }
            leases.wanted.get(&workload.lease).cloned()
        };
        let (inner, wanted) = (self.inner.clone(), workload.clone());
        let recorded = blocking(move || {
            let directory = inner.state.lease(&wanted.lease);
            let record = Embedded::record(&inner, &directory, &wanted.lease)?;
            directory.set_desired(&wanted)?;
            Ok((directory, record.slot))
        });
        let (directory, slot) = recorded.await.map_err(unknown)?;
        match known {
            Some(lease) => lease.set_desired(workload.clone()),
            None => {
                let lease = Arc::new(Lease::new(directory, slot, workload.clone()));
                self.inner.leases().wanted.insert(workload.lease.clone(), lease.clone());
                start_keeping(&self.inner, &lease);
            }
        }
        self.inner.refresh_routes();
        Ok(())
    }

    async fn teardown(&self, lease: &LeaseId) -> Result<(), ClusterError> {
        let found = {
            let mut leases = self.inner.leases();
            if let Some(lease) = leases.wanted.remove(lease) {
                leases.leaving.insert(lease.id.clone(), lease);
            }
            leases.leaving.get(lease).cloned()
        };
        self.inner.refresh_routes();
        match found {
            Some(lease) => teardown::teardown(&self.inner, &lease).await.map_err(unknown),
            None => Ok(()),
        }
    }

    async fn deployments(&self) -> Result<Vec<Workload>, ClusterError> {
        Ok(self.inner.leases().wanted.values().map(|lease| (*lease.desired()).clone()).collect())
    }

    async fn lease_status(&self, lease: &LeaseId) -> Result<Option<LeaseStatus>, ClusterError> {
        let Some(lease) = self.inner.leases().wanted.get(lease).cloned() else { return Ok(None) };
        let status = blocking(move || status::lease_status(&lease)).await;
        status.map(Some).map_err(unknown)
    }

    async fn logs(&self, lease: &LeaseId, options: LogOptions) -> Result<LogLines, ClusterError> {
        let lease = self.require(lease)?;
        Ok(reader::log_lines(lease.directory.clone(), options))
    }

    async fn events(&self, lease: &LeaseId, follow: bool) -> Result<EventStream, ClusterError> {
        let lease = self.require(lease)?;
        Ok(reader::lease_events(lease.directory.clone(), follow))
    }

    async fn stats(&self, lease: &LeaseId) -> Result<Vec<ReplicaStats>, ClusterError> {
        let lease = self.require(lease)?;
        blocking(move || status::stats(&lease.directory)).await.map_err(unknown)
    }
}

impl Embedded {
    fn require(&self, lease: &LeaseId) -> Result<Arc<Lease>, ClusterError> {
        let found = self.inner.leases().wanted.get(lease).cloned();
        found.ok_or_else(|| ClusterError::NotFound(format!("lease {lease}")))
    }
}
