//! `MsgCloseLease`: the owner leaves a provider, at any time; a new order opens at once.

use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::deployment::v1beta4::group;
use akash_proto::akash::market::v1::lease;
use akash_proto::akash::market::v1beta5::{MsgCloseLease, MsgCloseLeaseResponse, bid, order};
use akash_types::id::{BidId, GroupId, LeaseId};

use crate::escrow::api::{self as escrow, Standing};
use crate::market::closing::{self, LeaseEnd};
use crate::market::errors::MarketError;
use crate::market::{api, state};
use crate::{deployment, fault, ids};

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgCloseLease| Ok(vec![ids::id::<_, LeaseId>(msg.id.as_ref())?.owner().clone()]),
        |msg| ids::id::<_, LeaseId>(msg.id.as_ref()).map(|_| ()),
        close,
    );
}

fn close(ctx: &mut Ctx, msg: MsgCloseLease) -> Result<MsgCloseLeaseResponse, TxError> {
    let id: LeaseId = ids::id(msg.id.as_ref())?;
    check_live(ctx, &id)?;

    if escrow::settle(ctx, &super::account_of(&id))? == Standing::RanDry {
        deployment::api::ran_dry(ctx, id.deployment_id())?;
        return Ok(MsgCloseLeaseResponse {});
    }

    closing::close_order(ctx, &id.order, LeaseEnd::BY_OWNER)?;
    reopen(ctx, id.group_id())?;
    Ok(MsgCloseLeaseResponse {})
}

fn check_live(ctx: &mut Ctx, id: &LeaseId) -> Result<(), TxError> {
    let order = state::ORDERS.get(ctx, &id.order)?.ok_or(MarketError::OrderNotFound)?;
    if order.state() != order::State::Active {
        return Err(MarketError::OrderClosed.into());
    }
    let bid = state::BIDS.get(ctx, &BidId::from(id.clone()))?.ok_or(MarketError::BidNotFound)?;
    if bid.state() != bid::State::Active {
        return Err(MarketError::BidNotActive.into());
    }
    let lease = state::LEASES.get(ctx, id)?.ok_or(MarketError::LeaseNotFound)?;
    match lease.state() {
        lease::State::Active | lease::State::Reclaiming => Ok(()),
        _ => Err(MarketError::OrderClosed.into()),
    }
}

/// What was within the limits once may not be any more: then the group waits for its owner, who has left all the same.
fn reopen(ctx: &mut Ctx, id: &GroupId) -> Result<(), TxError> {
    let group = deployment::api::group(ctx, id)?.ok_or_else(|| fault::missing(format!("group {id}")))?;
    if group.state() != group::State::Open {
        return Ok(());
    }
    let spec = group.group_spec.unwrap_or_default();
    if !deployment::api::is_within_limits(ctx, &spec)? {
        return deployment::api::pause_group(ctx, id);
    }
    let deployment = deployment::api::deployment(ctx, id.deployment_id())?;
    let deployment = deployment.ok_or_else(|| fault::missing(format!("deployment of group {id}")))?;
    api::create_order(ctx, id, spec, deployment.reclamation)?;
    Ok(())
}
