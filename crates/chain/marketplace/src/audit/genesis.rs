//! Audits of a new chain.

use akash_kernel::{Ctx, TxError, sdk_error};
use akash_proto::akash::audit::v1::GenesisState;
use serde_json::Value;

use super::record;
use super::state::{self, RECORDS};
use crate::{genesis_json, ids, rows};

pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let genesis: GenesisState = genesis_json::read("audit", genesis)?;
    for entry in genesis.providers {
        let id = (ids::address(&entry.owner)?, ids::address(&entry.auditor)?);
        record::check(&entry.attributes)?;
        if RECORDS.has(ctx, &id)? {
            return Err(sdk_error::invalid_request(format!("genesis has the audit of {} by {} twice", id.0, id.1)));
        }
        let attributes = record::merge(Vec::new(), entry.attributes)?;
        if !attributes.is_empty() {
            state::save(ctx, &id, attributes)?;
        }
    }
    Ok(())
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    let records = rows::all(ctx, &RECORDS)?.into_iter();
    genesis_json::write(&GenesisState { providers: records.map(|(id, record)| state::shown(&id, record)).collect() })
}
