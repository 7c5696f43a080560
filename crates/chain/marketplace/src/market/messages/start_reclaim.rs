//! `MsgLeaseStartReclaim`: a provider with a reclamation agreement announces that it will end the lease.

use akash_kernel::{Ctx, Registry, Time, TxError};
use akash_proto::akash::market::v1::lease;
use akash_proto::akash::market::v1beta5::{MsgLeaseStartReclaim, MsgLeaseStartReclaimResponse};
use akash_types::id::LeaseId;

use crate::market::errors::MarketError;
use crate::market::{events, state};
use crate::{durations, ids};

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgLeaseStartReclaim| Ok(vec![ids::id::<_, LeaseId>(msg.id.as_ref())?.provider]),
        validate,
        start,
    );
}

fn validate(msg: &MsgLeaseStartReclaim) -> Result<(), TxError> {
    ids::id::<_, LeaseId>(msg.id.as_ref())?;
    super::check_provider_reason(msg.reason)
}

fn start(ctx: &mut Ctx, msg: MsgLeaseStartReclaim) -> Result<MsgLeaseStartReclaimResponse, TxError> {
    let id: LeaseId = ids::id(msg.id.as_ref())?;
    let mut lease = state::LEASES.get(ctx, &id)?.ok_or(MarketError::UnknownLease)?;
    match lease.state() {
        lease::State::Active => {}
        lease::State::Reclaiming => return Err(MarketError::LeaseAlreadyReclaiming.into()),
        _ => return Err(MarketError::LeaseNotActive.into()),
    }
    let mut agreed = lease.reclamation.ok_or(MarketError::LeaseNotReclamable)?;

    let deadline = deadline(ctx.time(), &agreed.window.unwrap_or_default())?;
    agreed.started_at = ctx.height();
    agreed.deadline = deadline;
    agreed.reason = msg.reason;
    lease.reclamation = Some(agreed);
    lease.set_state(lease::State::Reclaiming);

    state::save_lease(ctx, &id, &lease, Some(lease::State::Active))?;
    events::reclaim_started(ctx, &id, msg.reason, deadline);
    Ok(MsgLeaseStartReclaimResponse {})
}

/// The end of the window in whole seconds.
fn deadline(now: Time, window: &prost_types::Duration) -> Result<i64, TxError> {
    let now = prost_types::Duration { seconds: now.seconds, nanos: i32::try_from(now.nanos).unwrap_or(0) };
    let end = durations::nanos(&now).saturating_add(durations::nanos(window));
    i64::try_from(end / durations::NANOS_PER_SECOND).map_err(|_| MarketError::ReclamationWindowInvalid.into())
}
