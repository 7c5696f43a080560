//! Takes a lease away, to the last trace. Can be cut short at any point and repeated.

use super::converge::{self, blocking};
use super::inner::Inner;
use super::lease::Lease;
use super::net::Router;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The lease is already among those that leave.
pub async fn teardown(inner: &Arc<Inner>, lease: &Arc<Lease>) -> Result<(), String> {
    let directory = lease.directory.clone();
    blocking(move || directory.forget_desired()).await?;
    end_containers(inner, lease).await?;
    let (shared, directory) = (inner.clone(), lease.directory.clone());
    let _no_new_leases = inner.deploys.lock().await;
    blocking(move || {
        directory.remove()?;
        if shared.state.leases()?.is_empty() { restore_host(&shared) } else { Ok(()) }
    })
    .await?;
    inner.leases().leaving.remove(&lease.id);
    Ok(())
}

/// Its containers and its network go; what is wanted stays, for a next life of the daemon.
pub async fn end_containers(inner: &Arc<Inner>, lease: &Arc<Lease>) -> Result<(), String> {
    lease.leave();
    let keeper = lease.facts().keeper.take();
    if let Some(keeper) = keeper {
        let _ = keeper.await; // a panic there is reported by the runtime
    }
    let _gate = lease.gate.lock().await;
    let (directory, grace) = (lease.directory.clone(), inner.config.stop_grace);
    blocking(move || remove_replicas(&directory.replica_names()?, |name| directory.replica(name), grace)).await?;
    {
        let mut facts = lease.facts();
        if let Some(names) = facts.name_service.take() {
            names.abort();
        }
        facts.router = None;
        facts.members.clear();
    }
    let (shared, slot) = (inner.clone(), lease.slot);
    blocking(move || Router::remove_uplink(shared.state.tag(), slot)).await
}

/// After the last lease. Blocks.
pub fn restore_host(inner: &Inner) -> io::Result<()> {
    let _lock = inner.host.lock()?;
    inner.host.restore()
}

/// All at a time, because each may take its whole grace time.
fn remove_replicas(names: &[String], path: impl Fn(&str) -> PathBuf, grace: Duration) -> io::Result<()> {
    std::thread::scope(|scope| {
        let removals: Vec<_> = names
            .iter()
            .map(|name| {
                let directory = path(name);
                scope.spawn(move || converge::remove(&directory, grace))
            })
            .collect();
        let failed = || io::Error::other("a removal panicked");
        removals.into_iter().map(|r| r.join().map_err(|_| failed())?).fold(Ok(()), io::Result::and)
    })
}
