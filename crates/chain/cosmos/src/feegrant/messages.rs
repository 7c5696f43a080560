//! Granting, revoking, pruning.

use akash_kernel::{Ctx, Event, Registry, TxError, sdk_error};
use akash_proto::cosmos::feegrant::v1beta1::{
    MsgGrantAllowance, MsgGrantAllowanceResponse, MsgPruneAllowances, MsgPruneAllowancesResponse, MsgRevokeAllowance,
    MsgRevokeAllowanceResponse,
};

use super::allowance::Allowance;
use super::errors::FeegrantError;
use super::state::{self, ALLOWANCES};
use crate::{auth, bank, read};

pub fn register(registry: &mut Registry) {
    registry.message(|msg: &MsgGrantAllowance| read::signer(&msg.granter), |_| Ok(()), grant);
    registry.message(|msg: &MsgRevokeAllowance| read::signer(&msg.granter), |_| Ok(()), revoke);
    registry.message(|msg: &MsgPruneAllowances| read::signer(&msg.pruner), |_| Ok(()), prune);
}

fn grant(ctx: &mut Ctx, msg: MsgGrantAllowance) -> Result<MsgGrantAllowanceResponse, TxError> {
    if msg.grantee.eq_ignore_ascii_case(&msg.granter) {
        return Err(sdk_error::invalid_address("cannot self-grant fee authorization"));
    }
    let pair = (read::address("grantee", &msg.grantee)?, read::address("granter", &msg.granter)?);
    if ALLOWANCES.has(ctx, &pair)? {
        return Err(sdk_error::invalid_request("fee allowance already exists"));
    }
    let empty = || FeegrantError::NoAllowance.with("allowance should not be empty");
    let allowance = Allowance::from_any(&msg.allowance.ok_or_else(empty)?)?;
    allowance.validate()?;
    if !auth::api::has_account(ctx, &pair.0)? {
        bank::api::check_receiver(&pair.0)?;
        auth::api::ensure_account(ctx, &pair.0)?;
    }
    if allowance.expiration()?.is_some_and(|expiration| expiration < ctx.time()) {
        return Err(sdk_error::invalid_request("expiration is before current block time"));
    }

    state::insert(ctx, &pair, &allowance)?;
    state::announce(ctx, "set_feegrant", &pair);
    Ok(MsgGrantAllowanceResponse {})
}

fn revoke(ctx: &mut Ctx, msg: MsgRevokeAllowance) -> Result<MsgRevokeAllowanceResponse, TxError> {
    if msg.grantee.eq_ignore_ascii_case(&msg.granter) {
        return Err(sdk_error::invalid_address("addresses must be different"));
    }
    let pair = (read::address("grantee", &msg.grantee)?, read::address("granter", &msg.granter)?);

    state::remove(ctx, &pair)?;
    state::announce(ctx, "revoke_feegrant", &pair);
    Ok(MsgRevokeAllowanceResponse {})
}

fn prune(ctx: &mut Ctx, msg: MsgPruneAllowances) -> Result<MsgPruneAllowancesResponse, TxError> {
    state::prune(ctx, state::PRUNED_PER_MESSAGE)?;
    ctx.emit_event(Event::new("prune_feegrant", &[("pruner", &msg.pruner)]));
    Ok(MsgPruneAllowancesResponse {})
}
