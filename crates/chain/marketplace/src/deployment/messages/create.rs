//! `MsgCreateDeployment`: groups, their orders, and the account that pays for them.

use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::deployment::v1::{Deployment, DeploymentReclamation, deployment};
use akash_proto::akash::deployment::v1beta4::{
    Group, GroupSpec, MsgCreateDeployment, MsgCreateDeploymentResponse, Params, group,
};
use akash_types::coin::Coin;
use akash_types::id::DeploymentId;

use crate::deployment::errors::DeploymentError;
use crate::deployment::{events, spec, state};
use crate::deposit::Deposit;
use crate::escrow::api::{self as escrow, AccountId};
use crate::market::api as market;
use crate::{deposits, durations};

pub fn register(registry: &mut Registry) {
    registry.message(|msg: &MsgCreateDeployment| super::owner(msg.id.as_ref()), validate, create);
}

fn validate(msg: &MsgCreateDeployment) -> Result<(), TxError> {
    super::deployment_id(msg.id.as_ref())?;
    let deposit = Deposit::read(msg.deposit.as_ref())?;
    if msg.groups.is_empty() {
        return Err(DeploymentError::InvalidGroups.into());
    }
    super::check_hash(&msg.hash)?;
    if let Some(window) = min_window(msg.reclamation.as_ref())
        && durations::nanos(&window) < 0
    {
        return Err(DeploymentError::InvalidReclamation.because("window is negative"));
    }
    spec::check_groups(&msg.groups, &spec::limits::CEILING)?;
    let denom = spec::price_denom(&msg.groups).unwrap_or_default();
    if !deposit.amount.amount.is_zero() && deposit.amount.denom != denom {
        let found = format!("deposit is in {}, prices are in {denom}", deposit.amount.denom);
        return Err(DeploymentError::InvalidDeposit.because(found));
    }
    Ok(())
}

fn create(ctx: &mut Ctx, msg: MsgCreateDeployment) -> Result<MsgCreateDeploymentResponse, TxError> {
    let id = super::deployment_id(msg.id.as_ref())?;
    let deposit = Deposit::read(msg.deposit.as_ref())?;
    if state::DEPLOYMENTS.has(ctx, &id)? {
        return Err(DeploymentError::DeploymentExists.into());
    }
    let params = state::params(ctx)?;
    check_deposit(&params, &deposit.amount)?;
    check_reclamation(ctx, msg.reclamation.as_ref())?;
    spec::check_groups(&msg.groups, &state::limits(ctx)?)?;
    check_price(&params, &msg.groups)?;
    let account = AccountId::Deployment(id.clone());
    let fundings = escrow::authorize(ctx, &id.owner, &account, &deposit)?;

    let deployment = Deployment {
        id: Some((&id).into()),
        state: deployment::State::Active.into(),
        hash: msg.hash,
        created_at: ctx.height(),
        reclamation: msg.reclamation,
    };
    let groups = open_groups(&id, msg.groups, ctx.height());

    state::insert_deployment(ctx, &id, &deployment)?;
    events::deployment_created(ctx, &id, &deployment.hash);
    for (gseq, group) in groups {
        let group_id = id.group(gseq);
        state::save_group(ctx, &group_id, &group)?;
        market::create_order(ctx, &group_id, group.group_spec.unwrap_or_default(), deployment.reclamation)?;
    }
    escrow::create_account(ctx, account, &id.owner, &deposit.amount.denom, fundings)?;
    Ok(MsgCreateDeploymentResponse {})
}

/// Groups are numbered from 1 in the order of the message.
fn open_groups(id: &DeploymentId, specs: Vec<GroupSpec>, height: i64) -> Vec<(u32, Group)> {
    let group = |(gseq, spec): (u32, GroupSpec)| {
        let group = Group {
            id: Some((&id.group(gseq)).into()),
            state: group::State::Open.into(),
            group_spec: Some(spec::normalized(spec)),
            created_at: height,
        };
        (gseq, group)
    };
    (1..).zip(specs).map(group).collect()
}

fn check_deposit(params: &Params, deposit: &Coin) -> Result<(), TxError> {
    let Some(least) = deposits::least(&params.min_deposits, &deposit.denom) else {
        let found = format!("no deposit in {} is accepted", deposit.denom);
        return Err(DeploymentError::InvalidDeposit.because(found));
    };
    if deposit.amount < least {
        let found = format!("{deposit} is below the minimum of {least}{}", deposit.denom);
        return Err(DeploymentError::InvalidDeposit.because(found));
    }
    Ok(())
}

fn check_price(params: &Params, groups: &[GroupSpec]) -> Result<(), TxError> {
    let denom = spec::price_denom(groups).unwrap_or_default();
    match deposits::least(&params.min_deposits, denom) {
        Some(_) => Ok(()),
        None => Err(DeploymentError::InvalidPrice.because(format!("no price in {denom} is accepted"))),
    }
}

fn check_reclamation(ctx: &mut Ctx, reclamation: Option<&DeploymentReclamation>) -> Result<(), TxError> {
    let Some(window) = min_window(reclamation) else { return Ok(()) };
    let bounds = market::reclamation_bounds(ctx)?;
    if bounds.contains(&durations::nanos(&window)) {
        return Ok(());
    }
    let found = format!("window {} is outside of the bounds", durations::text(&window));
    Err(DeploymentError::InvalidReclamation.because(found))
}

/// An agreement that names no window means one of zero.
fn min_window(reclamation: Option<&DeploymentReclamation>) -> Option<prost_types::Duration> {
    reclamation.map(|reclamation| reclamation.min_window.unwrap_or_default())
}
