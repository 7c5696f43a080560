//! What the application does with plans and versions.

use std::collections::BTreeMap;

use akash_kernel::{Ctx, TxError};
use akash_proto::cosmos::upgrade::v1beta1::Plan;
use akash_store::{Item, Kv, Map};

use super::STORE;
use crate::rows;

/// The plan that is scheduled.
pub(super) const PLAN: Item<Plan> = Item::new(STORE, 1);
/// Heights of the plans that were executed, by name.
pub(super) const DONE: Map<String, u64> = Map::new(STORE, 2);
/// The version of each module's state, by name.
pub(super) const VERSIONS: Map<String, u64> = Map::new(STORE, 3);
/// The plan that was executed last.
const LAST_DONE: Item<String> = Item::new(STORE, 4);

pub fn plan<K: Kv>(kv: &mut K) -> Result<Option<Plan>, K::Error> {
    PLAN.get(kv)
}

/// The plan that was executed last, if any was.
pub fn last_done<K: Kv>(kv: &mut K) -> Result<Option<String>, K::Error> {
    LAST_DONE.get(kv)
}

/// Forgets the plan.
pub fn clear(ctx: &mut Ctx) -> Result<(), TxError> {
    PLAN.remove(ctx)
}

/// Ends a plan at this height; its name is used up.
pub fn done(ctx: &mut Ctx, plan: &Plan) -> Result<(), TxError> {
    let height = u64::try_from(ctx.height()).map_err(|_| TxError::Fault("an upgrade before the chain".to_owned()))?;
    DONE.put(ctx, &plan.name, &height)?;
    LAST_DONE.put(ctx, &plan.name)?;
    clear(ctx)
}

/// The version of each module's state.
pub fn versions(ctx: &mut Ctx) -> Result<BTreeMap<String, u64>, TxError> {
    Ok(rows::all(ctx, &VERSIONS)?.into_iter().collect())
}

pub fn set_versions(ctx: &mut Ctx, versions: &BTreeMap<&'static str, u64>) -> Result<(), TxError> {
    versions.iter().try_for_each(|(name, version)| VERSIONS.put(ctx, &(*name).to_owned(), version))
}
