//! Taking a manifest in.

use std::collections::BTreeMap;

use akash_sdl::{Manifest, check_manifest, check_manifest_against_groups};
use akash_types::address::Address;
use akash_types::id::{DeploymentId, LeaseId};

use super::store::Kept;
use super::{hosts, workload};
use crate::chain::ChainError;
use crate::chain::view::DeploymentView;
use crate::core::Core;

/// Why a manifest was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    /// The tenant has to change something.
    #[error("{0}")]
    Invalid(String),
    /// The tenant has no lease with us for it.
    #[error("no lease of {0} with this provider")]
    NoLease(DeploymentId),
    /// Ask again later.
    #[error("{0}")]
    Unknown(#[from] ChainError),
    #[error("{0}")]
    Disk(#[from] crate::disk::DiskError),
}

fn invalid(error: impl std::fmt::Display) -> Rejection {
    Rejection::Invalid(error.to_string())
}

/// Checks in the order of the field: structure, lease, hash, groups, host names; then keeps it for each of the leases.
pub async fn accept(core: &Core, owner: &Address, dseq: u64, body: &[u8]) -> Result<(), Rejection> {
    let manifest = Manifest::from_json(body).map_err(invalid)?;
    check_manifest(&manifest).map_err(invalid)?;

    let id = DeploymentId::new(owner.clone(), dseq);
    core.trust.head(core.chain.as_ref()).await?;
    let leases = core.chain.leases_of(&id).await?;
    let ours: Vec<LeaseId> = leases
        .into_iter()
        .filter(|lease| lease.live && lease.id.provider == core.address)
        .map(|lease| lease.id)
        .collect();
    if ours.is_empty() {
        return Err(Rejection::NoLease(id));
    }
    let deployment = core.chain.deployment(&id).await?.ok_or(Rejection::NoLease(id))?;
    check_deployment(&manifest, &deployment)?;

    // One at a time: between looking whether a host name is free and keeping it, nobody else may keep it.
    let _turn = core.manifest_turn.lock().await;
    for kept in copies(&manifest, &deployment, ours)? {
        check_hosts(core, &kept)?;
        tracing::info!(lease = %kept.lease, version = %hex::encode(kept.version), "manifest accepted");
        core.manifests.keep(kept)?;
    }
    core.poke.notify_one();
    Ok(())
}

fn check_deployment(manifest: &Manifest, deployment: &DeploymentView) -> Result<(), Rejection> {
    if manifest.hash().as_slice() != deployment.hash.as_slice() {
        return Err(Rejection::Invalid("manifest version validation failed".into()));
    }
    let groups: Vec<_> = deployment.groups.iter().map(|(_, spec)| spec.clone()).collect();
    check_manifest_against_groups(manifest, &groups).map_err(invalid)
}

/// One copy per lease, each with the lease's own group.
fn copies(manifest: &Manifest, deployment: &DeploymentView, leases: Vec<LeaseId>) -> Result<Vec<Kept>, Rejection> {
    let (version, text) = (manifest.hash(), manifest.canonical_json());
    let mut copies = Vec::new();
    for lease in leases {
        let name = deployment.groups.iter().find(|(gseq, _)| *gseq == lease.gseq()).map(|(_, spec)| &spec.name);
        let group = manifest.groups.iter().find(|group| Some(&group.name) == name);
        let group = group.ok_or_else(|| Rejection::Invalid(format!("no group for lease {lease}")))?.clone();
        copies.push(Kept { lease, version, text: text.clone(), group });
    }
    Ok(copies)
}

fn check_hosts(core: &Core, kept: &Kept) -> Result<(), Rejection> {
    let wanted = workload::build(kept, &core.config).map_err(invalid)?;
    let mut taken = BTreeMap::new();
    for other in core.manifests.all() {
        if let Ok(workload) = workload::build(&other, &core.config) {
            taken.extend(workload.hosts().map(|host| (host.to_owned(), other.lease.clone())));
        }
    }
    hosts::check(&kept.lease, wanted.hosts(), &core.config.settings.blocked_hosts, &taken).map_err(invalid)
}
