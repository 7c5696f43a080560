//! What the backend's tasks share.

use super::config::EmbeddedConfig;
use super::converge::blocking;
use super::image::{Image, ImageError, ImageStore, PullRequest};
use super::ingress::Routes;
use super::lease::Lease;
use super::net::Host;
use super::replica::Replica;
use super::state::State;
use crate::{Node, ResourcePair};
use akash_types::id::LeaseId;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Pulls at a time: each is a process with up to a gibibyte of memory. The others wait.
const MAX_PULLS: usize = 3;
/// Of one pull. Three registries that send a byte now and then must not keep all others waiting: who is not done is
/// tried again behind them, and keeps the layers that came.
const TURN: Duration = Duration::from_secs(3600);
/// Images that nothing runs stay so long after their last pull.
pub const IMAGES_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// The same while the disk has less than [`ROOM_WANTED_BYTES`]: long enough for a replica to be made from one.
const IMAGES_KEPT_WITHOUT_ROOM: Duration = Duration::from_secs(600);
const ROOM_WANTED_BYTES: u64 = 4 << 30;

pub struct Inner {
    pub config: EmbeddedConfig,
    pub state: State,
    pub host: Host,
    pub images: ImageStore,
    pulls: Semaphore,
    pub routes: Arc<Routes>,
    pub capacity: Node,
    leases: Mutex<Leases>,
    /// Deploys are recorded one at a time: slots and host names are shared.
    pub deploys: tokio::sync::Mutex<()>,
    /// The claim on the root.
    _claim: File,
}

#[derive(Default)]
pub struct Leases {
    pub wanted: BTreeMap<LeaseId, Arc<Lease>>,
    /// No longer wanted, and something is still there.
    pub leaving: BTreeMap<LeaseId, Arc<Lease>>,
}

impl Inner {
    pub fn new(config: EmbeddedConfig, state: State, host: Host, images: ImageStore, claim: File) -> io::Result<Inner> {
        let capacity = capacity(&config, &state)?;
        Ok(Inner {
            config,
            state,
            host,
            images,
            pulls: Semaphore::new(MAX_PULLS),
            routes: Arc::default(),
            capacity,
            leases: Mutex::default(),
            deploys: tokio::sync::Mutex::default(),
            _claim: claim,
        })
    }

    /// Held for a moment, never across an await.
    pub fn leases(&self) -> MutexGuard<'_, Leases> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An image, once it is its turn. Dropping the future ends the pull.
    pub async fn pull(self: &Arc<Inner>, request: &PullRequest) -> Result<Image, ImageError> {
        if self.is_room_low() {
            self.make_room().await;
        }
        let _turn = self.pulls.acquire().await.map_err(|e| ImageError::Store(e.to_string()))?;
        let pull = tokio::time::timeout(TURN, self.images.pull(request)).await;
        pull.unwrap_or_else(|_| {
            Err(ImageError::Store(format!("it did not come within {} minutes", TURN.as_secs() / 60)))
        })
    }

    fn is_room_low(&self) -> bool {
        disk_available(&self.state.images()).is_ok_and(|bytes| bytes < ROOM_WANTED_BYTES)
    }

    /// Forget images that nothing runs, unless a pull is in progress: it may be about to use their layers.
    async fn make_room(self: &Arc<Inner>) {
        let Ok(_alone) = self.pulls.try_acquire_many(MAX_PULLS as u32) else { return };
        let inner = self.clone();
        if let Err(error) = blocking(move || inner.prune_images(IMAGES_KEPT_WITHOUT_ROOM)).await {
            tracing::warn!(%error, "images cannot be forgotten");
        }
    }

    /// Forget images that nothing runs and nobody pulled for so long. Blocks.
    pub fn prune_images(&self, kept: Duration) -> io::Result<()> {
        let mut in_use = BTreeSet::new();
        for (directory, _) in self.state.leases()? {
            for name in directory.replica_names()? {
                let replica = Replica::open(&directory.replica(&name))?;
                in_use.extend(replica.into_iter().flat_map(|replica| replica.spec.layers));
            }
        }
        self.images.prune(&in_use, kept)
    }

    /// The ingress follows what is wanted.
    pub fn refresh_routes(&self) {
        let leases: Vec<Arc<Lease>> = self.leases().wanted.values().cloned().collect();
        self.routes.replace(&leases);
    }
}

/// What tenants may use of this machine together.
fn capacity(config: &EmbeddedConfig, state: &State) -> io::Result<Node> {
    let room = |allocatable| ResourcePair { allocatable, allocated: 0 };
    let cpus = std::thread::available_parallelism()?.get() as u64;
    let memory = memory_total()?.saturating_sub(config.reserved_memory_bytes);
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Ok(Node {
        name: name.trim().to_owned(),
        cpu_milli: room(cpus * 1000),
        memory_bytes: room(memory),
        ephemeral_bytes: room(disk_available(&state.images())? / 10 * 9),
        gpu_units: room(0),
    })
}

fn memory_total() -> io::Result<u64> {
    let text = std::fs::read_to_string("/proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kibibytes = line.and_then(|l| l.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kibibytes.map(|k| k * 1024).ok_or_else(|| io::Error::other("/proc/meminfo has no MemTotal"))
}

/// What an unprivileged process may still write.
pub fn disk_available(path: &Path) -> io::Result<u64> {
    let path = super::sys::c_path(path)?;
    // SAFETY: a zeroed structure is valid; the call fills it.
    let mut about: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: a terminated string and a structure that outlive the call.
    super::sys::check(unsafe { libc::statvfs(path.as_ptr(), &raw mut about) })?;
    Ok(about.f_bavail * about.f_frsize)
}
