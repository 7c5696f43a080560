//! What holds between any two transactions. Who is live is read from the indexes, so that what has ended is read once:
//! where the invariant on indexes looks whether they are right.

use std::collections::BTreeSet;

use akash_kernel::{Ctx, Invariant, TxError};
use akash_proto::akash::deployment::v1::deployment;
use akash_proto::akash::deployment::v1beta4::group;
use akash_types::id::{DeploymentId, GroupId};

use super::state;
use crate::escrow::api::{self as escrow, AccountId};
use crate::market::api as market;
use crate::{ended, rows};

type Verdict = Result<Result<(), String>, TxError>;

pub fn all() -> Vec<Invariant> {
    vec![
        Invariant { name: "an active deployment has an open account", check: accounts },
        Invariant { name: "only an open group has a live order", check: groups },
        Invariant { name: "indexes equal scans", check: indexes },
    ]
}

fn active(ctx: &mut Ctx) -> Result<BTreeSet<DeploymentId>, TxError> {
    let state = state::state_byte(deployment::State::Active);
    let keys = rows::keys_under(ctx, &state::DEPLOYMENTS_BY_STATE, &state)?;
    Ok(keys.into_iter().map(|(_, id)| id).collect())
}

fn accounts(ctx: &mut Ctx) -> Verdict {
    let active = active(ctx)?;
    let of_deployment = |account| match account {
        AccountId::Deployment(id) => Some(id),
        AccountId::Bid(_) => None,
    };
    let open = escrow::open_accounts(ctx)?.into_iter().filter_map(of_deployment).collect();
    Ok(match active.symmetric_difference(&open).next() {
        None => Ok(()),
        Some(id) if active.contains(id) => Err(format!("deployment {id} is active and has no open account")),
        Some(id) => Err(format!("deployment {id} is not active and has an open account")),
    })
}

fn groups(ctx: &mut Ctx) -> Verdict {
    let active = active(ctx)?;
    let groups: Vec<(GroupId, group::State)> = rows::states(ctx, &state::GROUPS)?;
    let mut open = BTreeSet::new();
    for (id, state) in groups {
        let live = matches!(state, group::State::Open | group::State::Paused);
        if live && !active.contains(id.deployment_id()) {
            return Ok(Err(format!("group {id} outlives its deployment")));
        }
        if state == group::State::Open {
            open.insert(id);
        }
    }
    let with_order = market::live_orders(ctx)?.into_iter().map(|order| order.group).collect();
    Ok(match open.symmetric_difference(&with_order).next() {
        None => Ok(()),
        Some(id) if open.contains(id) => Err(format!("group {id} is open and has no live order")),
        Some(id) => Err(format!("group {id} is not open and has a live order")),
    })
}

fn indexes(ctx: &mut Ctx) -> Verdict {
    let deployments = rows::states(ctx, &state::DEPLOYMENTS)?.into_iter();
    let by_state: Vec<(u8, DeploymentId)> = deployments.map(|(id, state)| (state::state_byte(state), id)).collect();
    let by_dseq = by_state.iter().map(|(_, id)| (id.dseq, id.owner.clone())).collect();
    let closed = state::state_byte(deployment::State::Closed);
    let ended: Vec<u8> = by_state.iter().map(|(state, _)| *state).filter(|state| *state == closed).collect();
    let verdicts = [
        rows::check_index(ctx, "deployments by state", &state::DEPLOYMENTS_BY_STATE, by_state)?,
        rows::check_index(ctx, "owners by dseq", &state::OWNERS_BY_DSEQ, by_dseq)?,
        ended::check(ctx, "deployments", &state::ENDED, ended.into_iter())?,
    ];
    Ok(verdicts.into_iter().collect())
}

#[cfg(test)]
mod tests;
