//! Orders, bids and leases of a new chain.

use akash_kernel::{Ctx, TxError, sdk_error};
use akash_proto::akash::ext::market::v1 as ext;
use akash_proto::akash::market::v1beta5::{GenesisState, order};
use akash_types::id::{BidId, LeaseId, OrderId};
use serde_json::Value;

use super::errors::MarketError;
use super::{expiry, messages, state, unannounced};
use crate::{genesis_json, ids, rows};

pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let (genesis, ext): (GenesisState, ext::GenesisState) = genesis_json::read_extended("market", genesis)?;
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
    init_ext(ctx, ext)
}

fn init_ext(ctx: &mut Ctx, ext: ext::GenesisState) -> Result<(), TxError> {
    let params = ext.params.unwrap_or(state::DEFAULT_EXT_PARAMS);
    messages::check_ext_params(&params)?;
    state::EXT_PARAMS.put(ctx, &params)?;
    for entry in &ext.order_expiries {
        let id: OrderId = ids::id(entry.id.as_ref())?;
        let order = state::ORDERS.get(ctx, &id)?.ok_or(MarketError::OrderNotFound)?;
        let height = u64::try_from(entry.expires_at).ok().filter(|height| *height > 0);
        if order.state() != order::State::Open || height.is_none() {
            return Err(sdk_error::invalid_request(format!(
                "genesis has an expiry of order {id}, which cannot expire"
            )));
        }
        expiry::set(ctx, &id, height)?;
    }
    for id in &ext.unannounced_leases {
        let id: LeaseId = ids::id(Some(id))?;
        let lease = state::LEASES.get(ctx, &id)?.ok_or_else(|| MarketError::LeaseNotFound.because(id.to_string()))?;
        if lease.closed_on <= 0 {
            return Err(sdk_error::invalid_request(format!(
                "genesis tells the end of lease {id}, which has not ended"
            )));
        }
        unannounced::note(ctx, &id, lease.closed_on)?;
    }
    Ok(())
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    let genesis = GenesisState {
        params: Some(state::params(ctx)?),
        orders: rows::all(ctx, &state::ORDERS)?.into_iter().map(|(_, order)| order).collect(),
        leases: rows::all(ctx, &state::LEASES)?.into_iter().map(|(_, lease)| lease).collect(),
        bids: rows::all(ctx, &state::BIDS)?.into_iter().map(|(_, bid)| bid).collect(),
    };
    let ext = ext::GenesisState {
        params: Some(state::ext_params(ctx)?),
        order_expiries: rows::all(ctx, &state::EXPIRIES)?.into_iter().map(|(_, expiry)| expiry).collect(),
        unannounced_leases: rows::all(ctx, &state::UNANNOUNCED)?.iter().map(|(id, _)| id.into()).collect(),
    };
    genesis_json::write_extended(&genesis, &ext)
}

fn check_new(exists: bool, id: &impl std::fmt::Display) -> Result<(), TxError> {
    if exists { Err(sdk_error::invalid_request(format!("genesis has {id} twice"))) } else { Ok(()) }
}
