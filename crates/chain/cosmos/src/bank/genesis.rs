//! Balances of a new chain, in the form that the SDK's genesis file has.

use std::collections::BTreeMap;

use akash_kernel::{Ctx, Reject, TxError};
use akash_proto::cosmos::bank::v1beta1::{Balance, GenesisState, Metadata};
use akash_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use akash_types::address::Address;
use akash_types::coin::{Coins, validate_denom};
use akash_types::num::Int;
use serde_json::Value;

use super::api;
use super::state::{self, BALANCES, HOLDERS, METADATA, PARAMS, SEND_ENABLED, SUPPLY};
use crate::{genesis_json, rows};

pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let state: GenesisState = genesis_json::read("bank", genesis)?;
    PARAMS.put(ctx, &state.params.unwrap_or_else(state::default_params))?;

    let mut total = BTreeMap::<String, Int>::new();
    for entry in &state.balances {
        let address = Address::parse(&entry.address).map_err(|error| refuse(format!("genesis balance: {error}")))?;
        if !BALANCES.scan_under(ctx, &address, 1)?.is_empty() {
            return Err(refuse(format!("duplicate balance for address {address}")));
        }
        add_balances(ctx, &mut total, &address, &entry.coins)?;
    }

    check_stated_supply(&state.supply, &total)?;
    for (denom, amount) in total {
        api::set_supply(ctx, &denom, amount)?;
    }

    for metadata in &state.denom_metadata {
        check_metadata(metadata)?;
        METADATA.put(ctx, &metadata.base, metadata)?;
    }
    for entry in &state.send_enabled {
        validate_denom(&entry.denom).map_err(|error| refuse(error.to_string()))?;
        SEND_ENABLED.put(ctx, &entry.denom, entry)?;
    }
    Ok(())
}

fn add_balances(
    ctx: &mut Ctx,
    total: &mut BTreeMap<String, Int>,
    address: &Address,
    coins: &[ProtoCoin],
) -> Result<(), TxError> {
    let coins = Coins::try_from(coins).map_err(|error| refuse(format!("genesis balance of {address}: {error}")))?;
    for coin in coins.iter() {
        let sum = total.entry(coin.denom.clone()).or_insert(Int::ZERO);
        *sum = sum.checked_add(coin.amount).ok_or_else(|| refuse(format!("supply of {} is too large", coin.denom)))?;
        let change = api::Change { before: Int::ZERO, after: coin.amount };
        api::set_balance(ctx, address, &coin.denom, change)?;
    }
    Ok(())
}

/// The supply of the file is optional; when given it must be the sum.
fn check_stated_supply(stated: &[ProtoCoin], total: &BTreeMap<String, Int>) -> Result<(), TxError> {
    if stated.is_empty() {
        return Ok(());
    }
    let stated = Coins::try_from(stated).map_err(|error| refuse(format!("genesis supply: {error}")))?;
    let stated: BTreeMap<_, _> = stated.iter().map(|coin| (coin.denom.clone(), coin.amount)).collect();
    let sum: BTreeMap<_, _> = total.iter().map(|(denom, amount)| (denom.clone(), *amount)).collect();
    if stated == sum {
        return Ok(());
    }
    Err(refuse(format!("genesis supply is incorrect, expected {}, got {}", print(&sum), print(&stated))))
}

fn print(amounts: &BTreeMap<String, Int>) -> String {
    amounts.iter().map(|(denom, amount)| format!("{amount}{denom}")).collect::<Vec<_>>().join(",")
}

fn check_metadata(metadata: &Metadata) -> Result<(), TxError> {
    if metadata.name.trim().is_empty() {
        return Err(refuse("name field cannot be blank"));
    }
    if metadata.symbol.trim().is_empty() {
        return Err(refuse("symbol field cannot be blank"));
    }
    validate_denom(&metadata.base).map_err(|error| refuse(format!("invalid metadata base denom: {error}")))?;
    let first = metadata.denom_units.first();
    if first.is_none_or(|unit| unit.denom != metadata.base || unit.exponent != 0) {
        return Err(refuse(format!(
            "metadata's first denomination unit must be the one with base denom {}",
            metadata.base
        )));
    }
    if !metadata.denom_units.is_sorted_by(|left, right| left.exponent < right.exponent) {
        return Err(refuse("denom units should be sorted asc by exponent"));
    }
    if !metadata.denom_units.iter().any(|unit| unit.denom == metadata.display) {
        return Err(refuse(format!(
            "metadata must contain a denomination unit with display denom {}",
            metadata.display
        )));
    }
    Ok(())
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    let mut balances: Vec<Balance> = Vec::new();
    for ((address, denom), amount) in rows::all(ctx, &BALANCES)? {
        let address = address.to_string();
        if balances.last().is_none_or(|last| last.address != address) {
            balances.push(Balance { address, coins: Vec::new() });
        }
        if let Some(last) = balances.last_mut() {
            last.coins.push(ProtoCoin { denom, amount });
        }
    }
    let supply = rows::all(ctx, &SUPPLY)?;
    Ok(genesis_json::write(&GenesisState {
        params: Some(PARAMS.get(ctx)?.unwrap_or_else(state::default_params)),
        balances,
        supply: supply.into_iter().map(|(denom, amount)| ProtoCoin { denom, amount }).collect(),
        denom_metadata: rows::all(ctx, &METADATA)?.into_iter().map(|(_, entry)| entry).collect(),
        send_enabled: rows::all(ctx, &SEND_ENABLED)?.into_iter().map(|(_, entry)| entry).collect(),
    }))
}

pub fn check_supply(ctx: &mut Ctx) -> Result<Result<(), String>, TxError> {
    let mut total = BTreeMap::<String, Int>::new();
    for ((address, denom), digits) in rows::all(ctx, &BALANCES)? {
        let amount = state::amount(Some(digits))?;
        if !amount.is_positive() {
            return Ok(Err(format!("{address} holds {amount}{denom}")));
        }
        let sum = total.entry(denom.clone()).or_insert(Int::ZERO);
        *sum = sum.checked_add(amount).ok_or_else(|| TxError::Fault(format!("balances of {denom} overflow")))?;
    }
    let mut supply = BTreeMap::new();
    for (denom, digits) in rows::all(ctx, &SUPPLY)? {
        supply.insert(denom, state::amount(Some(digits))?);
    }
    if supply == total {
        return Ok(Ok(()));
    }
    Ok(Err(format!("supply {}, sum of balances {}", print(&supply), print(&total))))
}

fn refuse(text: impl Into<String>) -> TxError {
    Reject { codespace: "undefined", code: 1, text: text.into() }.into()
}

pub fn check_holders(ctx: &mut Ctx) -> Result<Result<(), String>, TxError> {
    let balances = rows::all(ctx, &BALANCES)?;
    let listed = rows::count(ctx, &HOLDERS)?;
    if listed != balances.len() {
        return Ok(Err(format!("{} balances, {listed} rows of holders", balances.len())));
    }
    for ((address, denom), _) in balances {
        if !HOLDERS.has(ctx, &(denom.clone(), address.clone()))? {
            return Ok(Err(format!("{address} is not found among the holders of {denom}")));
        }
    }
    Ok(Ok(()))
}
