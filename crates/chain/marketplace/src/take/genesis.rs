//! The fee of a new chain.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::take::v1::GenesisState;
use serde_json::Value;

use super::{messages, state};
use crate::genesis_json;

pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let genesis: GenesisState = genesis_json::read("take", genesis)?;
    let params = genesis.params.unwrap_or_else(state::default_params);
    messages::check(&params)?;
    state::PARAMS.put(ctx, &params)
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    genesis_json::write(&GenesisState { params: Some(state::params(ctx)?) })
}
