//! What the module stores.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::deployment::v1::{self as wire, deployment};
use akash_proto::akash::deployment::v1beta4::{Group, Params, group};
use akash_proto::akash::ext::deployment::v1::Params as Limits;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_store::{Index, Item, Kv, Map, Record};
use akash_types::address::Address;
use akash_types::id::{DeploymentId, GroupId};

use super::STORE;
use super::spec::limits::{self, MAX_GROUPS};
use crate::ended::{self, Ended};

pub const DEPLOYMENTS: Map<DeploymentId, wire::Deployment> = Map::new(STORE, 0x11);
pub const GROUPS: Map<GroupId, Group> = Map::new(STORE, 0x12);
pub const PARAMS: Item<Params> = Item::new(STORE, 0x14);
pub const LIMITS: Item<Limits> = Item::new(STORE, 0x15);
/// How many deployments are closed, by state.
pub const ENDED: Ended<u8> = Ended::new(STORE, 0x16);
/// (state, deployment).
pub const DEPLOYMENTS_BY_STATE: Index<(u8, DeploymentId)> = Index::new(STORE, 0x21);
/// (dseq, owner).
pub const OWNERS_BY_DSEQ: Index<(u64, Address)> = Index::new(STORE, 0x22);

/// All states in an index key.
pub const STATES: [u8; 3] = [0, 1, 2];

/// The number of a state in an index key.
pub fn state_byte(state: deployment::State) -> u8 {
    match state {
        deployment::State::Invalid => 0,
        deployment::State::Active => 1,
        deployment::State::Closed => 2,
    }
}

/// Writes a new deployment, which is active.
pub fn insert_deployment(ctx: &mut Ctx, id: &DeploymentId, deployment: &wire::Deployment) -> Result<(), TxError> {
    DEPLOYMENTS.put(ctx, id, deployment)?;
    index_deployment(ctx, id, deployment)
}

/// Writes the final version of an active deployment.
pub fn archive_deployment(ctx: &mut Ctx, id: &DeploymentId, deployment: &wire::Deployment) -> Result<(), TxError> {
    DEPLOYMENTS.archive(ctx, id, deployment)?;
    DEPLOYMENTS_BY_STATE.remove(ctx, &(state_byte(deployment::State::Active), id.clone()))?;
    DEPLOYMENTS_BY_STATE.insert(ctx, &(state_byte(deployment.state()), id.clone()))?;
    ended::add(ctx, &ENDED, &state_byte(deployment.state()))
}

/// The index rows that follow from a record.
pub fn index(ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
    match DEPLOYMENTS.decode(record)? {
        Some((id, deployment)) => index_deployment(ctx, &id, &deployment),
        None => Ok(()),
    }
}

fn index_deployment(ctx: &mut Ctx, id: &DeploymentId, deployment: &wire::Deployment) -> Result<(), TxError> {
    DEPLOYMENTS_BY_STATE.insert(ctx, &(state_byte(deployment.state()), id.clone()))?;
    OWNERS_BY_DSEQ.insert(ctx, &(id.dseq, id.owner.clone()))
}

/// Writes a group; one that is closed or out of funds never changes again.
pub fn save_group(ctx: &mut Ctx, id: &GroupId, group: &Group) -> Result<(), TxError> {
    match group.state() {
        group::State::Closed | group::State::InsufficientFunds => GROUPS.archive(ctx, id, group),
        _ => GROUPS.put(ctx, id, group),
    }
}

/// The groups of a deployment, in order.
pub fn groups_of<S: Kv>(kv: &mut S, id: &DeploymentId) -> Result<Vec<(GroupId, Group)>, S::Error> {
    GROUPS.scan_under(kv, id, MAX_GROUPS)
}

pub fn params<S: Kv>(kv: &mut S) -> Result<Params, S::Error> {
    Ok(PARAMS.get(kv)?.unwrap_or_else(default_params))
}

pub fn limits<S: Kv>(kv: &mut S) -> Result<Limits, S::Error> {
    Ok(LIMITS.get(kv)?.unwrap_or(limits::DEFAULT))
}

pub fn default_params() -> Params {
    let coin = |denom: &str| Coin { denom: denom.to_owned(), amount: "500000".to_owned() };
    Params { min_deposits: vec![coin("uact"), coin("uakt")] }
}
