//! `MsgWithdrawLease`: the provider is paid what it has earned, in whole units.
//!
//! A lease that ended at the end of a block is withdrawn from once more: that pays nothing and repeats the events of
//! the closing, because providers read only the events of transactions.

use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::market::v1::Lease;
use akash_proto::akash::market::v1beta5::{MsgWithdrawLease, MsgWithdrawLeaseResponse};
use akash_types::id::{BidId, LeaseId};

use crate::escrow::api::{self as escrow, Standing};
use crate::market::errors::MarketError;
use crate::market::{events, state, unannounced};
use crate::{deployment, ids};

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgWithdrawLease| Ok(vec![ids::id::<_, LeaseId>(msg.id.as_ref())?.provider]),
        |msg| ids::id::<_, LeaseId>(msg.id.as_ref()).map(|_| ()),
        withdraw,
    );
}

fn withdraw(ctx: &mut Ctx, msg: MsgWithdrawLease) -> Result<MsgWithdrawLeaseResponse, TxError> {
    let id: LeaseId = ids::id(msg.id.as_ref())?;
    let lease = state::LEASES.get(ctx, &id)?.ok_or(MarketError::UnknownLease)?;
    if unannounced::take(ctx, &id)? {
        repeat_closing(ctx, &id, &lease);
        return Ok(MsgWithdrawLeaseResponse {});
    }

    if escrow::withdraw(ctx, &id)? == Standing::RanDry {
        deployment::api::ran_dry(ctx, id.deployment_id())?;
    }
    Ok(MsgWithdrawLeaseResponse {})
}

fn repeat_closing(ctx: &mut Ctx, id: &LeaseId, lease: &Lease) {
    deployment::api::repeat_closing(ctx, id.group_id());
    events::order_closed(ctx, &id.order);
    events::bid_closed(ctx, &BidId::from(id.clone()));
    events::lease_closed(ctx, id, lease.reason);
}
