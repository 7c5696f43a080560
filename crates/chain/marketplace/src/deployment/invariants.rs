//! What holds between any two transactions.

use akash_kernel::{Ctx, Invariant, TxError};
use akash_proto::akash::deployment::v1::deployment;
use akash_proto::akash::deployment::v1beta4::group;
use akash_proto::akash::escrow::types::v1::State as EscrowState;

use akash_types::id::DeploymentId;

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

fn accounts(ctx: &mut Ctx) -> Verdict {
    for (id, deployment) in rows::all(ctx, &state::DEPLOYMENTS)? {
        let account = escrow::stored_account(ctx, &AccountId::Deployment(id.clone()))?;
        let open = account.and_then(|account| account.state).map(|account| account.state());
        if (deployment.state() == deployment::State::Active) != (open == Some(EscrowState::Open)) {
            return Ok(Err(format!("deployment {id} is {:?}, its account is {open:?}", deployment.state())));
        }
    }
    Ok(Ok(()))
}

fn groups(ctx: &mut Ctx) -> Verdict {
    for (id, group) in rows::all(ctx, &state::GROUPS)? {
        let deployment = state::DEPLOYMENTS.get(ctx, id.deployment_id())?;
        let active = deployment.is_some_and(|deployment| deployment.state() == deployment::State::Active);
        let live = matches!(group.state(), group::State::Open | group::State::Paused);
        if live && !active {
            return Ok(Err(format!("group {id} outlives its deployment")));
        }
        if market::has_live_order(ctx, &id)? != (group.state() == group::State::Open) {
            return Ok(Err(format!("group {id} is {:?}, its order does not fit", group.state())));
        }
    }
    Ok(Ok(()))
}

fn indexes(ctx: &mut Ctx) -> Verdict {
    let deployments = rows::all(ctx, &state::DEPLOYMENTS)?;
    let by_state: Vec<(u8, DeploymentId)> =
        deployments.into_iter().map(|(id, deployment)| (state::state_byte(deployment.state()), id)).collect();
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
