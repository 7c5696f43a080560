//! Running messages in somebody else's name.

use akash_kernel::{Acceptance, Ctx, TxError, sdk_error};
use akash_proto::cosmos::authz::v1beta1::{Grant, MsgExec, MsgExecResponse};
use akash_types::address::Address;
use prost_types::Any;

use super::errors::AuthzError;
use super::state::{self, GRANTS};
use crate::read;

pub fn exec(ctx: &mut Ctx, msg: MsgExec) -> Result<MsgExecResponse, TxError> {
    if msg.grantee.is_empty() {
        return Err(read::plain("empty address string is not allowed"));
    }
    let grantee = read::address("grantee", &msg.grantee)?;
    if msg.msgs.is_empty() {
        return Err(sdk_error::invalid_request("messages cannot be empty"));
    }
    let registry = ctx.registry()?;
    for (index, message) in msg.msgs.iter().enumerate() {
        registry.bind(message)?.validate().map_err(|error| error.context(format!("msg {index}")))?;
    }

    let mut results = Vec::with_capacity(msg.msgs.len());
    for (index, message) in msg.msgs.iter().enumerate() {
        results.push(run(ctx, &grantee, message, index)?);
    }
    Ok(MsgExecResponse { results })
}

/// Runs one message and gives its encoded answer.
fn run(ctx: &mut Ctx, grantee: &Address, message: &Any, index: usize) -> Result<Vec<u8>, TxError> {
    let bound = ctx.registry()?.bind(message)?;
    let signers = bound.signers()?;
    let [granter] = signers.as_slice() else { return Err(AuthzError::AuthorizationNumOfSigners.into()) };
    if granter != grantee {
        use_grant(ctx, granter, grantee, message)?;
    }

    let before = ctx.take_events();
    let outcome = ctx.execute(bound);
    let own = ctx.take_events();
    before.into_iter().for_each(|event| ctx.emit_event(event));
    for mut event in own {
        event.attributes.push(("authz_msg_index".to_owned(), index.to_string()));
        ctx.emit_event(event);
    }
    let answer = outcome.map_err(|error| {
        // Running out of gas keeps its text bare, wherever it happens.
        let out_of_gas = error.reject().is_some_and(|reject| (reject.codespace, reject.code) == ("sdk", 11));
        if out_of_gas {
            error
        } else {
            error.context(format!("failed to execute message; message {}", message.type_url))
        }
    })?;
    Ok(answer.value)
}

fn use_grant(ctx: &mut Ctx, granter: &Address, grantee: &Address, message: &Any) -> Result<(), TxError> {
    let key = (granter.clone(), grantee.clone(), message.type_url.clone());
    let grant = GRANTS.require(ctx, &key, || {
        AuthzError::NoAuthorizationFound.with(format!(
            "failed to get grant with given granter: {granter}, grantee: {grantee} & msgType: {} ",
            message.type_url
        ))
    })?;
    if state::expiration(&grant)?.is_some_and(|expiration| expiration < ctx.time()) {
        return Err(AuthzError::AuthorizationExpired.into());
    }
    let authorization = grant.authorization.clone().unwrap_or_default();
    let unknown = || TxError::from(AuthzError::UnknownAuthorizationType);
    let bound = ctx.registry()?.bind_authorization(&authorization).ok_or_else(unknown)??;

    match bound.accept(ctx, message)? {
        Acceptance::Unchanged => Ok(()),
        Acceptance::Keep(rest) => state::put(ctx, &key, &Grant { authorization: Some(rest), ..grant }),
        Acceptance::Delete => state::revoke(ctx, &key).map(|_| ()),
    }
}
