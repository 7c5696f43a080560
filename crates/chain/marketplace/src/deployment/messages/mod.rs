//! The messages of the module. Each is signed by the owner in its id, but the change of parameters.

mod close;
mod create;
mod group;
mod limits;
mod params;
mod update;

use akash_kernel::{Registry, TxError};
use akash_proto::akash::deployment::v1::{DeploymentId as WireDeploymentId, GroupId as WireGroupId};
use akash_types::address::Address;
use akash_types::id::{DeploymentId, GroupId};

use super::errors::DeploymentError;
use crate::ids;

pub use limits::check as check_limits;
pub use params::check as check_params;

/// A deployment's version is the SHA-256 of its manifest.
const HASH_BYTES: usize = 32;

pub fn register(registry: &mut Registry) {
    create::register(registry);
    update::register(registry);
    close::register(registry);
    group::register(registry);
    params::register(registry);
    limits::register(registry);
}

fn deployment_id(id: Option<&WireDeploymentId>) -> Result<DeploymentId, TxError> {
    ids::id(id)
}

fn group_id(id: Option<&WireGroupId>) -> Result<GroupId, TxError> {
    ids::id(id)
}

fn owner(id: Option<&WireDeploymentId>) -> Result<Vec<Address>, TxError> {
    Ok(vec![deployment_id(id)?.owner])
}

fn check_hash(hash: &[u8]) -> Result<(), TxError> {
    match hash.len() {
        HASH_BYTES => Ok(()),
        0 => Err(DeploymentError::EmptyHash.into()),
        other => Err(DeploymentError::InvalidHash.because(format!("{other} bytes, expected {HASH_BYTES}"))),
    }
}
