//! Orders, bids and leases of a new chain.

use akash_kernel::{Ctx, TxError, sdk_error};
use akash_proto::akash::market::v1beta5::GenesisState;
use akash_types::id::{BidId, LeaseId, OrderId};
use serde_json::Value;

use super::{messages, state};
use crate::{genesis_json, ids, rows};

pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let genesis: GenesisState = genesis_json::read("market", genesis)?;
    let params = genesis.params.unwrap_or_else(state::default_params);
    messages::check_params(&params)?;
    state::PARAMS.put(ctx, &params)?;

    for order in &genesis.orders {
        let id: OrderId = ids::id(order.id.as_ref())?;
        check_new(state::ORDERS.has(ctx, &id)?, &id)?;
        state::save_order(ctx, &id, order, None)?;
    }
    for bid in &genesis.bids {
        let id: BidId = ids::id(bid.id.as_ref())?;
        check_new(state::BIDS.has(ctx, &id)?, &id)?;
        state::save_bid(ctx, &id, bid, None)?;
    }
    for lease in &genesis.leases {
        let id: LeaseId = ids::id(lease.id.as_ref())?;
        check_new(state::LEASES.has(ctx, &id)?, &id)?;
        state::save_lease(ctx, &id, lease, None)?;
    }
    Ok(())
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    genesis_json::write(&GenesisState {
        params: Some(state::params(ctx)?),
        orders: rows::all(ctx, &state::ORDERS)?.into_iter().map(|(_, order)| order).collect(),
        leases: rows::all(ctx, &state::LEASES)?.into_iter().map(|(_, lease)| lease).collect(),
        bids: rows::all(ctx, &state::BIDS)?.into_iter().map(|(_, bid)| bid).collect(),
    })
}

fn check_new(exists: bool, id: &impl std::fmt::Display) -> Result<(), TxError> {
    if exists { Err(sdk_error::invalid_request(format!("genesis has {id} twice"))) } else { Ok(()) }
}
