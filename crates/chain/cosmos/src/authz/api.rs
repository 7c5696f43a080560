//! What other modules may do with grants.

use akash_kernel::{Ctx, Time, TxError};
use akash_proto::cosmos::authz::v1beta1::Grant;
use akash_store::{Range, key_bytes};
use akash_types::address::Address;
use prost_types::Any;

use super::state::{self, BY_GRANTEE, GRANTS};

/// A right that is in force.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredGrant {
    /// What it allows, in its own form.
    pub authorization: Any,
    /// When it ends, if ever.
    pub expiration: Option<Time>,
}

/// The right of `grantee` to run this kind of message in the name of `granter`. One that expired is none.
pub fn grant_of(
    ctx: &mut Ctx,
    granter: &Address,
    grantee: &Address,
    msg_type_url: &str,
) -> Result<Option<StoredGrant>, TxError> {
    let key = (granter.clone(), grantee.clone(), msg_type_url.to_owned());
    let Some(grant) = GRANTS.get(ctx, &key)? else { return Ok(None) };
    in_force(ctx, grant)
}

/// Puts what is left of a right in place of it, or removes it. The expiration stays.
///
/// # Errors
/// A fault when there is no such grant: the caller has to have read it.
pub fn replace_grant(
    ctx: &mut Ctx,
    granter: &Address,
    grantee: &Address,
    msg_type_url: &str,
    authorization: Option<Any>,
) -> Result<(), TxError> {
    let key = (granter.clone(), grantee.clone(), msg_type_url.to_owned());
    let missing = || TxError::Fault(format!("there is no grant of {granter} to {grantee} for {msg_type_url}"));
    match authorization {
        Some(authorization) => {
            let grant = GRANTS.require(ctx, &key, missing)?;
            state::put(ctx, &key, &Grant { authorization: Some(authorization), ..grant })
        }
        None if state::revoke(ctx, &key)? => Ok(()),
        None => Err(missing()),
    }
}

/// Who gave `grantee` rights to run one kind of message, in their order, from behind `after` on; at most `limit`. Some
/// of the rights may have expired: [`grant_of`] tells.
pub fn granters_to(
    ctx: &mut Ctx,
    grantee: &Address,
    msg_type_url: &str,
    after: Option<&Address>,
    limit: usize,
) -> Result<Vec<Address>, TxError> {
    let prefix = key_bytes(&(grantee.clone(), msg_type_url.to_owned()));
    let mut range = Range::prefix(prefix);
    if let Some(granter) = after {
        range = range.after(&key_bytes(&(grantee.clone(), msg_type_url.to_owned(), granter.clone())));
    }
    Ok(BY_GRANTEE.scan_range(ctx, range, limit)?.into_iter().map(|(_, _, granter)| granter).collect())
}

/// The rights of [`granters_to`], without those that expired.
pub fn grants_to(
    ctx: &mut Ctx,
    grantee: &Address,
    msg_type_url: &str,
    after: Option<&Address>,
    limit: usize,
) -> Result<Vec<(Address, StoredGrant)>, TxError> {
    let mut found = Vec::new();
    for granter in granters_to(ctx, grantee, msg_type_url, after, limit)? {
        if let Some(grant) = grant_of(ctx, &granter, grantee, msg_type_url)? {
            found.push((granter, grant));
        }
    }
    Ok(found)
}

fn in_force(ctx: &Ctx, grant: Grant) -> Result<Option<StoredGrant>, TxError> {
    let expiration = state::expiration(&grant)?;
    if expiration.is_some_and(|expiration| expiration < ctx.time()) {
        return Ok(None);
    }
    let authorization = grant.authorization.ok_or_else(|| TxError::Fault("a grant without a right".to_owned()))?;
    Ok(Some(StoredGrant { authorization, expiration }))
}
