//! Scheduling and cancelling.

use akash_kernel::{Ctx, Registry, Reject, TxError, sdk_error};
use akash_proto::cosmos::upgrade::v1beta1::{
    MsgCancelUpgrade, MsgCancelUpgradeResponse, MsgSoftwareUpgrade, MsgSoftwareUpgradeResponse, Plan,
};
use prost_types::Timestamp;

use super::api::{DONE, PLAN};
use crate::{authority, read};

/// What Go's clients send as "no time".
const ZERO_TIME: Timestamp = Timestamp { seconds: -62_135_596_800, nanos: 0 };

/// Longest name and information of a plan, in bytes.
const MAX_NAME_BYTES: usize = 140;
const MAX_INFO_BYTES: usize = 10_200;

pub fn register(registry: &mut Registry) {
    registry.message(|msg: &MsgSoftwareUpgrade| read::signer(&msg.authority), |_| Ok(()), schedule);
    registry.message(|msg: &MsgCancelUpgrade| read::signer(&msg.authority), |_| Ok(()), cancel);
}

fn schedule(ctx: &mut Ctx, msg: MsgSoftwareUpgrade) -> Result<MsgSoftwareUpgradeResponse, TxError> {
    require_authority(ctx, &msg.authority)?;
    let plan = msg.plan.unwrap_or_default();
    check(&plan)?;
    if plan.height < ctx.height() {
        return Err(sdk_error::invalid_request("upgrade cannot be scheduled in the past"));
    }
    if DONE.has(ctx, &plan.name)? {
        let text = format!("upgrade with name {} has already been completed", plan.name);
        return Err(sdk_error::invalid_request(text));
    }

    PLAN.put(ctx, &with_zero_time(plan))?;
    Ok(MsgSoftwareUpgradeResponse {})
}

fn cancel(ctx: &mut Ctx, msg: MsgCancelUpgrade) -> Result<MsgCancelUpgradeResponse, TxError> {
    require_authority(ctx, &msg.authority)?;

    PLAN.remove(ctx)?;
    Ok(MsgCancelUpgradeResponse {})
}

/// This module refuses strangers with a code of its own.
fn require_authority(ctx: &mut Ctx, signer: &str) -> Result<(), TxError> {
    let expected = authority::api::address(ctx)?.to_string();
    if signer == expected {
        return Ok(());
    }
    let registered = "expected authority account as only signer for proposal message";
    Err(Reject { codespace: "upgrade", code: 6, text: format!("expected {expected} got {signer}: {registered}") }
        .into())
}

#[expect(deprecated, reason = "the old fields are refused by name")]
fn check(plan: &Plan) -> Result<(), TxError> {
    if plan.time.is_some_and(|time| time != ZERO_TIME) {
        return Err(sdk_error::invalid_request("time-based upgrades have been deprecated in the SDK"));
    }
    if plan.upgraded_client_state.is_some() {
        return Err(sdk_error::invalid_request("upgrade logic for IBC has been moved to the IBC module"));
    }
    if plan.name.is_empty() {
        return Err(sdk_error::invalid_request("name cannot be empty"));
    }
    if plan.height <= 0 {
        return Err(sdk_error::invalid_request("height must be greater than 0"));
    }
    if plan.name.len() > MAX_NAME_BYTES || plan.info.len() > MAX_INFO_BYTES {
        let text = format!("name has at most {MAX_NAME_BYTES} bytes, info {MAX_INFO_BYTES}");
        return Err(sdk_error::invalid_request(text));
    }
    Ok(())
}

/// Clients that know the old field expect Go's form of "no time" in it.
#[expect(deprecated, reason = "the old field is always shown")]
fn with_zero_time(plan: Plan) -> Plan {
    Plan { time: Some(ZERO_TIME), ..plan }
}
