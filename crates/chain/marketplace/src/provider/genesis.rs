//! Providers of a new chain.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::provider::v1beta4::GenesisState;
use serde_json::Value;

use super::check;
use super::errors::ProviderError;
use super::state::PROVIDERS;
use crate::{genesis_json, ids, rows};

pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let genesis: GenesisState = genesis_json::read("provider", genesis)?;
    for provider in &genesis.providers {
        check::check(provider)?;
        let owner = ids::address(&provider.owner)?;
        if PROVIDERS.has(ctx, &owner)? {
            return Err(ProviderError::ProviderExists.because(provider.owner.clone()));
        }
        PROVIDERS.put(ctx, &owner, provider)?;
    }
    Ok(())
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    let providers = rows::all(ctx, &PROVIDERS)?.into_iter().map(|(_, provider)| provider).collect();
    genesis_json::write(&GenesisState { providers })
}
