//! Allowances of a new chain, in the form that the SDK's genesis file has.

use akash_kernel::{Ctx, TxError};
use akash_proto::cosmos::feegrant::v1beta1::GenesisState;
use serde_json::Value;

use super::allowance::Allowance;
use super::state::{self, ALLOWANCES, BY_EXPIRATION, BY_GRANTER};
use crate::{genesis_json, read, rows};

pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let genesis: GenesisState = genesis_json::read("feegrant", genesis)?;
    for grant in genesis.allowances {
        let pair = (read::address("grantee", &grant.grantee)?, read::address("granter", &grant.granter)?);
        if ALLOWANCES.has(ctx, &pair)? {
            return Err(read::plain(format!("{} has two allowances of {}", grant.grantee, grant.granter)));
        }
        let allowance = Allowance::from_any(&grant.allowance.unwrap_or_default())?;
        allowance.validate()?;
        state::insert(ctx, &pair, &allowance)?;
    }
    Ok(())
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    let allowances = rows::all(ctx, &ALLOWANCES)?.into_iter().map(|(_, grant)| grant).collect();
    Ok(genesis_json::write(&GenesisState { allowances }))
}

pub fn check_indexes(ctx: &mut Ctx) -> Result<Result<(), String>, TxError> {
    let (mut allowances, mut expiring) = (0, 0);
    for (pair, grant) in rows::all(ctx, &ALLOWANCES)? {
        allowances += 1;
        let (grantee, granter) = pair.clone();
        if !BY_GRANTER.has(ctx, &(granter, grantee))? {
            return Ok(Err(format!("allowance of {} is not found by its granter {}", pair.0, pair.1)));
        }
        if let Some(time) = Allowance::from_any(&grant.allowance.unwrap_or_default())?.expiration()? {
            expiring += 1;
            if !BY_EXPIRATION.has(ctx, &((time.seconds, time.nanos), pair.clone()))? {
                return Ok(Err(format!("allowance of {} by {} is not found by its end", pair.0, pair.1)));
            }
        }
    }
    let (listed, queued) = (rows::count(ctx, &BY_GRANTER)?, rows::count(ctx, &BY_EXPIRATION)?);
    if (listed, queued) != (allowances, expiring) {
        let found = format!("{allowances} allowances, {expiring} with an end; indexes list {listed} and {queued}");
        return Ok(Err(found));
    }
    Ok(Ok(()))
}
