//! Granting and revoking.

use akash_kernel::{Ctx, Registry, Time, TxError, sdk_error, time};
use akash_proto::cosmos::authz::v1beta1::{
    EventGrant, Grant, MsgExec, MsgGrant, MsgGrantResponse, MsgRevoke, MsgRevokeResponse,
};
use akash_types::address::Address;
use prost_types::Any;

use super::errors::AuthzError;
use super::{exec, state};
use crate::{auth, bank, read};

pub fn register(registry: &mut Registry) {
    registry.message(|msg: &MsgGrant| read::signer(&msg.granter), |_| Ok(()), grant);
    registry.message(|msg: &MsgExec| read::signer(&msg.grantee), |_| Ok(()), exec::exec);
    registry.message(|msg: &MsgRevoke| read::signer(&msg.granter), |_| Ok(()), revoke);
}

fn grant(ctx: &mut Ctx, msg: MsgGrant) -> Result<MsgGrantResponse, TxError> {
    let (granter, grantee) = pair(&msg.granter, &msg.grantee)?;
    let grant = msg.grant.unwrap_or_default();
    let authorization = grant.authorization.as_ref().ok_or_else(|| not_an_authorization("<nil>"))?;
    let msg_type_url = message_of(ctx, authorization)?;
    if !auth::api::has_account(ctx, &grantee)? {
        bank::api::check_receiver(&grantee)?;
        auth::api::ensure_account(ctx, &grantee)?;
    }
    if !ctx.registry()?.has_message(&msg_type_url) {
        return Err(sdk_error::invalid_type(format!("{msg_type_url} doesn't exist.")));
    }
    check_expiration(ctx, &grant)?;

    state::put(ctx, &(granter.clone(), grantee.clone(), msg_type_url.clone()), &grant)?;
    ctx.emit(&EventGrant { msg_type_url, granter: granter.to_string(), grantee: grantee.to_string() });
    Ok(MsgGrantResponse {})
}

fn revoke(ctx: &mut Ctx, msg: MsgRevoke) -> Result<MsgRevokeResponse, TxError> {
    let (granter, grantee) = pair(&msg.granter, &msg.grantee)?;
    if msg.msg_type_url.is_empty() {
        return Err(sdk_error::invalid_request("missing msg method name"));
    }
    let key = (granter, grantee, msg.msg_type_url);
    if state::revoke(ctx, &key)? {
        return Ok(MsgRevokeResponse {});
    }
    let (granter, grantee, msg_type_url) = key;
    let text = format!("failed to delete grant with key {granter}/{grantee}/{msg_type_url}");
    Err(AuthzError::NoAuthorizationFound.with(text))
}

/// The type URL of the message that an authorization of a known kind is about, when it is sound.
pub fn message_of(ctx: &Ctx, authorization: &Any) -> Result<String, TxError> {
    let unknown = || not_an_authorization(&authorization.type_url);
    let bound = ctx.registry()?.bind_authorization(authorization).ok_or_else(unknown)??;
    bound.validate()?;
    Ok(bound.msg_type_url().to_owned())
}

fn pair(granter: &str, grantee: &str) -> Result<(Address, Address), TxError> {
    if granter.eq_ignore_ascii_case(grantee) {
        return Err(AuthzError::GranteeIsGranter.into());
    }
    let grantee = read::address("grantee", grantee)?;
    Ok((read::address("granter", granter)?, grantee))
}

fn check_expiration(ctx: &Ctx, grant: &Grant) -> Result<(), TxError> {
    let now = ctx.time();
    match state::expiration(grant)? {
        Some(expiration) if expiration <= now => {
            let text = |time: Time| time::rfc3339(Time { nanos: 0, ..time });
            Err(AuthzError::InvalidExpirationTime.with(format!(
                "expiration must be after the current block time ({}), got {}",
                text(now),
                text(expiration)
            )))
        }
        _ => Ok(()),
    }
}

fn not_an_authorization(found: &str) -> TxError {
    sdk_error::invalid_type(format!("expected authz.Authorization, got {found}"))
}
