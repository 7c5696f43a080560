//! Makes reality what is wanted, lease by lease, and keeps it so.
//!
//! One task per lease looks every [`LOOK_PERIOD`], and at once when the workload changes. A look that finds everything
//! as wanted changes nothing, so a daemon that starts again adopts what runs.

use super::image::{Image, ImageError, PullRequest, resolve_user};
use super::inner::Inner;
use super::lease::{Lease, Member};
use super::net::{self, Router, RouterPlan};
use super::plan::{self, Action, Actual, Condition, Wanted};
use super::replica::Replica;
use super::shim::{Phase, append_event};
use super::spec::{IDS_PER_LEASE, ReplicaSpec};
use super::sys;
use crate::{Service, Workload};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFd;

const LOOK_PERIOD: Duration = Duration::from_secs(2);
/// After something was made.
const SECOND_LOOK: Duration = Duration::from_millis(100);
/// A replica that lasted so long may be replaced at once again.
const FORGIVEN_AFTER: Duration = Duration::from_secs(600);
const FIRST_RETRY: Duration = Duration::from_secs(1);
const RETRY_CAP: Duration = Duration::from_secs(300);
const DEFAULT_PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Until the lease leaves.
pub async fn keep(inner: Arc<Inner>, lease: Arc<Lease>) {
    let mut failures = 0u32;
    while !lease.is_leaving() {
        let mut shims = Vec::new();
        let wait = match converge(&inner, &lease).await {
            Ok(found) => {
                failures = 0;
                shims = found.shims;
                if found.changed { SECOND_LOOK } else { LOOK_PERIOD }
            }
            Err(error) => {
                tracing::warn!(lease = %lease.id, %error, "the lease is not as wanted");
                failures += 1;
                FIRST_RETRY.saturating_mul(1 << (failures - 1).min(16)).min(RETRY_CAP)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = lease.changed.notified() => failures = 0,
            () = any_ended(&shims) => {}
        }
    }
}

/// Returns once one of the processes ended; never without any.
async fn any_ended(processes: &[AsyncFd<OwnedFd>]) {
    let ends: Vec<_> = processes.iter().map(|process| Box::pin(process.readable())).collect();
    if ends.is_empty() {
        std::future::pending::<()>().await;
    }
    // An error of the watch is a reason to look, too.
    let _ = futures::future::select_all(ends).await;
}

/// What a look left.
struct Found {
    /// That were there before.
    shims: Vec<AsyncFd<OwnedFd>>,
    /// Whether replicas were made or removed.
    changed: bool,
}

/// One look, and what follows from it. The error is the first problem; the others are in the lease's facts.
async fn converge(inner: &Arc<Inner>, lease: &Arc<Lease>) -> Result<Found, String> {
    let gate = lease.gate.clone().lock_owned().await;
    let desired = lease.desired();
    let look = {
        let lease = lease.clone();
        blocking(move || look(&lease)).await?
    };
    let router = match router(inner, lease, &look).await {
        Ok(router) => router,
        Err(problem) => {
            let problems = desired.services.iter().map(|s| (s.name.clone(), problem.clone())).collect();
            lease.facts().problems = problems;
            return Err(problem);
        }
    };
    let actions = plan::plan(&plan::wanted(&desired), &look.actual);
    let changed = !actions.is_empty();
    let (images, mut problems) = pull_for(inner, lease, &desired, &actions).await;
    if !Arc::ptr_eq(&desired, &lease.desired()) {
        return Ok(Found { shims: Vec::new(), changed: true }); // what was found out is about an older version
    }
    for action in actions {
        if lease.is_leaving() {
            break;
        }
        match action {
            // Without the new image, what runs is better than nothing.
            Action::Remove(name) if is_kept(&look, &name) && problems.contains_key(service_of(&name)) => {}
            Action::Remove(name) => {
                let (replica, grace) = (lease.directory.replica(&name), inner.config.stop_grace);
                blocking(move || remove(&replica, grace)).await?;
                lease.facts().members.remove(&name);
            }
            Action::Create(wanted) if problems.contains_key(&wanted.service) => {}
            Action::Create(wanted) => {
                if let Err(problem) = create(inner, lease, &desired, &router, &wanted, &images).await {
                    event(lease, "Failed", &format!("{}: {problem}", wanted.service));
                    problems.insert(wanted.service, problem);
                }
            }
        }
    }
    drop(gate);
    let first = problems.values().next().cloned();
    lease.facts().problems = problems;
    if let Some(problem) = first {
        return Err(problem);
    }
    let watch = |shim: OwnedFd| {
        // SAFETY: an owned descriptor stays the same open file until it is dropped.
        unsafe { AsyncFd::register(shim) }
    };
    let shims = look.shims.into_iter().map(watch).collect::<Result<_, _>>();
    Ok(Found { shims: shims.map_err(|_| "a process cannot be watched")?, changed })
}

/// Facts of a lease that an earlier life of the daemon made, so that the ingress can serve it at once. Blocks.
pub fn adopt(lease: &Lease) -> io::Result<()> {
    if let Some(shim) = look(lease)?.shim {
        lease.facts().router = Router::of_process(shim).ok(); // it may have died since: then the first look sees to it
    }
    Ok(())
}

/// What was found on the machine.
struct Look {
    actual: BTreeMap<String, Actual>,
    /// Of the first replica that has one.
    shim: Option<i32>,
    /// The shims themselves, of those that are kept.
    shims: Vec<OwnedFd>,
}

fn look(lease: &Lease) -> io::Result<Look> {
    let mut result = Look { actual: BTreeMap::new(), shim: None, shims: Vec::new() };
    let mut members = BTreeMap::new();
    for name in lease.directory.replica_names()? {
        let Some(replica) = Replica::open(&lease.directory.replica(&name))? else {
            let nothing = Actual { fingerprint: String::new(), condition: Condition::Lost };
            result.actual.insert(name, nothing);
            continue;
        };
        let phase = replica.status().map(|status| status.phase);
        // One that is still starting has no answer yet, and is in the lease's router already.
        result.shim = result.shim.or(replica.shim());
        let condition = match phase {
            Ok(Phase::Running | Phase::Waiting) => Condition::Kept,
            Ok(Phase::Ended) => rest(lease, &name),
            // A shim that lives but is slow to answer is not lost: nothing runs in its place.
            Err(_) if replica.shim().is_some() => Condition::Kept,
            Err(_) => rest(lease, &name),
        };
        if condition == Condition::Kept {
            result.shims.extend(replica.shim().and_then(|pid| sys::pidfd_open(pid).ok()));
        }
        let running = matches!(phase, Ok(Phase::Running));
        let (service, address) = (replica.spec.service.clone(), replica.spec.address);
        members.insert(name.clone(), Member { service, address, running });
        result.actual.insert(name, Actual { fingerprint: replica.spec.fingerprint, condition });
    }
    lease.facts().members = members;
    Ok(result)
}

/// It is not there any more, or ended for good: another is made at once the first time, and later after a while that
/// doubles each time.
fn rest(lease: &Lease, name: &str) -> Condition {
    let mut facts = lease.facts();
    let now = Instant::now();
    let (times, until) = facts.rests.entry(name.to_owned()).or_insert((0, now));
    if now < *until {
        return Condition::Resting;
    }
    if now.duration_since(*until) > FORGIVEN_AFTER {
        *times = 0;
    }
    *until = now + FIRST_RETRY.saturating_mul(1 << (*times).min(16)).min(RETRY_CAP);
    *times += 1;
    Condition::Lost
}

/// The lease's router: the one we hold, the one its shims run in, or a new one. With it the name service.
async fn router(inner: &Arc<Inner>, lease: &Arc<Lease>, look: &Look) -> Result<Router, String> {
    let held = lease.facts().router.clone();
    if let (Some(router), true) = (held, lease.facts().name_service.as_ref().is_some_and(|task| !task.is_finished())) {
        return Ok(router);
    }
    let plan = RouterPlan {
        tag: inner.state.tag().to_owned(),
        slot: lease.slot,
        pool: inner.config.address_pool,
        egress: inner.host.egress,
    };
    let (shim, held) = (look.shim, lease.facts().router.clone());
    let router = blocking(move || match (held, shim) {
        (Some(router), _) => Ok(router),
        (None, Some(shim)) => Router::of_process(shim),
        (None, None) => Router::create(plan),
    });
    let router = router.await.map_err(|e| format!("network: {e}"))?;
    let names = net::serve_names(router.clone(), lease.clone(), inner.host.egress);
    let id = lease.id.clone();
    let task = tokio::spawn(async move {
        if let Err(error) = names.await {
            tracing::warn!(lease = %id, %error, "the name service stopped");
        }
    });
    let mut facts = lease.facts();
    facts.router = Some(router.clone());
    if let Some(earlier) = facts.name_service.replace(task) {
        earlier.abort();
    }
    drop(facts);
    Ok(router)
}

async fn create(
    inner: &Arc<Inner>,
    lease: &Arc<Lease>,
    desired: &Workload,
    router: &Router,
    wanted: &Wanted,
    images: &BTreeMap<String, Image>,
) -> Result<(), String> {
    let service = desired.services.iter().find(|s| s.name == wanted.service).ok_or("the service is gone")?;
    let image = images.get(&service.name).cloned().ok_or("the image is gone")?;
    let spec = replica_spec(inner, lease, service, wanted, image)?;
    let member = Member { service: service.name.clone(), address: spec.address, running: true };
    let (directory, router): (PathBuf, Router) = (lease.directory.replica(&wanted.name), router.clone());
    let start = Instant::now();
    blocking(move || Replica::create(&directory, spec, &router)).await?;
    event(lease, "Created", &format!("{} in {} us", wanted.name, start.elapsed().as_micros()));
    lease.facts().members.insert(wanted.name.clone(), member);
    Ok(())
}

/// The images of all services that get new replicas, and why one of them is not to be had.
async fn pull_for(
    inner: &Arc<Inner>,
    lease: &Lease,
    desired: &Arc<Workload>,
    actions: &[Action],
) -> (BTreeMap<String, Image>, BTreeMap<String, String>) {
    let (mut images, mut problems) = (BTreeMap::new(), BTreeMap::new());
    let is_new = |service: &Service| {
        actions.iter().any(|action| matches!(action, Action::Create(wanted) if wanted.service == service.name))
    };
    for service in desired.services.iter().filter(|service| is_new(service)) {
        match pull(inner, lease, desired, service).await {
            Ok(image) => drop(images.insert(service.name.clone(), image)),
            Err(problem) => {
                event(lease, "Failed", &format!("{}: {problem}", service.name));
                problems.insert(service.name.clone(), problem.to_string());
            }
        }
    }
    (images, problems)
}

fn is_kept(look: &Look, replica: &str) -> bool {
    look.actual.get(replica).is_some_and(|actual| actual.condition == Condition::Kept)
}

/// A replica is named after its service and a number.
fn service_of(replica: &str) -> &str {
    replica.rsplit_once('-').map_or(replica, |(service, _)| service)
}

/// Gives way to a newer version of the workload: a slow registry must not hold up the change that names another.
async fn pull(
    inner: &Arc<Inner>,
    lease: &Lease,
    desired: &Arc<Workload>,
    service: &Service,
) -> Result<Image, ImageError> {
    let request = PullRequest { image: service.image.clone(), credentials: service.credentials.clone() };
    event(lease, "Pulling", &service.image);
    let image = tokio::select! {
        image = inner.pull(&request) => image?,
        () = lease.superseded(desired) => return Err(ImageError::NotFound("another version is wanted".into())),
    };
    event(lease, "Pulled", &format!("{} ({})", service.image, image.digest));
    Ok(image)
}

fn replica_spec(
    inner: &Inner,
    lease: &Lease,
    service: &Service,
    wanted: &Wanted,
    image: Image,
) -> Result<ReplicaSpec, String> {
    let (uid, gid) = resolve_user(&image.user, &image.layers)?;
    let address = free_address(lease)?;
    let arguments = arguments(service, &image);
    if arguments.is_empty() {
        return Err("neither the image nor the service says what to run".into());
    }
    Ok(ReplicaSpec {
        name: wanted.name.clone(),
        service: service.name.clone(),
        fingerprint: wanted.fingerprint.clone(),
        image_digest: image.digest,
        cgroup_parent: inner.config.cgroup_parent.clone(),
        cgroup_group: format!("{}-{}", inner.state.tag(), lease.directory.key()),
        address,
        gateway: net::GATEWAY,
        arguments,
        env: environment(&image.env, &service.env, &wanted.name),
        working_directory: image.working_directory,
        uid,
        gid,
        layers: image.layers,
        id_base: (u32::from(lease.slot) + 16) * IDS_PER_LEASE,
        cpu_milli: service.resources.cpu_milli,
        memory_bytes: service.resources.memory_bytes,
        ephemeral_bytes: service.resources.ephemeral_bytes,
        pids: inner.config.pids_limit,
    })
}

/// As Kubernetes: a command without arguments also drops the image's arguments.
fn arguments(service: &Service, image: &Image) -> Vec<String> {
    let entry = if service.command.is_empty() { &image.entrypoint } else { &service.command };
    let rest = match (service.args.is_empty(), service.command.is_empty()) {
        (false, _) => &service.args[..],
        (true, true) => &image.command[..],
        (true, false) => &[],
    };
    entry.iter().chain(rest).cloned().collect()
}

/// The service's variables replace the image's of the same name.
fn environment(image: &[String], service: &[String], host_name: &str) -> Vec<String> {
    let name = |entry: &str| entry.split('=').next().unwrap_or_default().to_owned();
    let base = [DEFAULT_PATH.to_owned(), format!("HOSTNAME={host_name}")];
    let usable = |entry: &&String| entry.contains('=') && !entry.contains('\0');
    let mut result: Vec<String> = Vec::new();
    for entry in base.iter().chain(image).chain(service).filter(usable) {
        match result.iter_mut().find(|known| name(known) == name(entry)) {
            Some(known) => known.clone_from(entry),
            None => result.push(entry.clone()),
        }
    }
    result
}

fn free_address(lease: &Lease) -> Result<Ipv4Addr, String> {
    let taken: BTreeSet<Ipv4Addr> = lease.facts().members.values().map(|m| m.address).collect();
    net::replica_addresses().find(|a| !taken.contains(a)).ok_or_else(|| "the lease's network is full".into())
}

pub fn remove(directory: &std::path::Path, grace: Duration) -> io::Result<()> {
    match Replica::open(directory)? {
        Some(replica) => replica.remove(grace),
        None => std::fs::remove_dir_all(directory),
    }
}

fn event(lease: &Lease, reason: &str, message: &str) {
    if let Err(error) = append_event(&lease.directory.events(), reason, message) {
        tracing::debug!(lease = %lease.id, %error, "an event is lost");
    }
}

/// In a thread that may block. Nobody drops such a future before its work is done but at the end of the process.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(entrypoint: &[&str], command: &[&str]) -> Image {
        let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
        Image {
            digest: String::new(),
            layers: Vec::new(),
            entrypoint: list(entrypoint),
            command: list(command),
            env: Vec::new(),
            working_directory: "/".into(),
            user: String::new(),
        }
    }

    #[test]
    fn command_and_arguments_replace_those_of_the_image_as_in_kubernetes() {
        let image = image(&["/entry"], &["cmd"]);
        let check = |command: &[&str], args: &[&str], want: &[&str]| {
            let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
            let service = Service { command: list(command), args: list(args), ..Service::default() };
            assert_eq!(arguments(&service, &image), want);
        };
        check(&[], &[], &["/entry", "cmd"]);
        check(&[], &["a"], &["/entry", "a"]);
        check(&["c"], &[], &["c"]);
        check(&["c"], &["a"], &["c", "a"]);
    }

    #[test]
    fn the_service_overrides_the_environment_of_the_image() {
        let got = environment(&["A=1".into(), "PATH=/bin".into()], &["A=2".into(), "B=".into()], "web-0");
        assert_eq!(got, ["PATH=/bin", "HOSTNAME=web-0", "A=2", "B="]);
    }
}
