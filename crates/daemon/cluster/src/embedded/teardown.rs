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
    lease.leave();
    let keeper = lease.facts().keeper.take();
    if let Some(keeper) = keeper {
        let _ = keeper.await; // a panic there is reported by the runtime
    }
    let gate = lease.gate.clone().lock_owned().await;
    if !inner.leases().leaving.contains_key(&lease.id) {
        return Ok(()); // another teardown of it was faster
    }
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
    let (shared, directory, slot) = (inner.clone(), lease.directory.clone(), lease.slot);
    let _no_new_leases = inner.deploys.lock().await;
    blocking(move || {
        Router::remove_uplink(shared.state.tag(), slot)?;
        directory.remove()?;
        if shared.state.leases()?.is_empty() {
            let _lock = shared.host.lock()?;
            shared.host.restore()?;
        }
        Ok(())
    })
    .await?;
    inner.leases().leaving.remove(&lease.id);
    drop(gate);
    Ok(())
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
