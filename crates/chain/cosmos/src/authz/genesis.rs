//! Grants of a new chain, in the form that the SDK's genesis file has.

use akash_kernel::{Ctx, TxError};
use akash_proto::cosmos::authz::v1beta1::{GenesisState, Grant};
use serde_json::Value;

use super::messages;
use super::state::{self, BY_EXPIRATION, BY_GRANTEE, GRANTS};
use crate::{genesis_json, read, rows};

/// Grants that expired before the chain starts are left out.
pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let genesis: GenesisState = genesis_json::read("authz", genesis)?;
    for entry in genesis.authorization {
        let (granter, grantee) = (read::address("granter", &entry.granter)?, read::address("grantee", &entry.grantee)?);
        let grant = Grant { authorization: entry.authorization, expiration: entry.expiration };
        if state::expiration(&grant)?.is_some_and(|expiration| expiration < ctx.time()) {
            continue;
        }
        let authorization = grant.authorization.as_ref().ok_or_else(|| read::plain("a grant has no authorization"))?;
        let msg_type_url = messages::message_of(ctx, authorization)?;
        state::put(ctx, &(granter, grantee, msg_type_url), &grant)?;
    }
    Ok(())
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    let grants = rows::all(ctx, &GRANTS)?;
    let authorization = grants.into_iter().map(|(key, grant)| super::queries::with_parties(key, grant)).collect();
    Ok(genesis_json::write(&GenesisState { authorization }))
}

pub fn check_indexes(ctx: &mut Ctx) -> Result<Result<(), String>, TxError> {
    let (mut grants, mut expiring) = (0, 0);
    for (key, grant) in rows::all(ctx, &GRANTS)? {
        grants += 1;
        let shown = format!("grant of {} to {} for {}", key.0, key.1, key.2);
        if !BY_GRANTEE.has(ctx, &state::by_grantee(&key))? {
            return Ok(Err(format!("{shown} is not found by its grantee")));
        }
        if let Some(time) = state::expiration(&grant)? {
            expiring += 1;
            if !BY_EXPIRATION.has(ctx, &((time.seconds, time.nanos), key))? {
                return Ok(Err(format!("{shown} is not found by its expiration")));
            }
        }
    }
    let (listed, queued) = (rows::count(ctx, &BY_GRANTEE)?, rows::count(ctx, &BY_EXPIRATION)?);
    if (listed, queued) != (grants, expiring) {
        return Ok(Err(format!("{grants} grants, {expiring} with an end; indexes list {listed} and {queued}")));
    }
    Ok(Ok(()))
}
