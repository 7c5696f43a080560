//! Accounts of a new chain, in the form that the SDK's genesis file has, and under the key `ext` what is ours: the
//! unordered transactions that were seen, so that none is repeated on the chain that follows.

use std::collections::BTreeSet;

use akash_kernel::{Ctx, TxError};
use akash_proto::cosmos::auth::v1beta1::GenesisState;
use akash_types::address::Address;
use serde_json::Value;

use super::api::{self, Account, MODULE_ACCOUNTS};
use super::messages::check_params;
use super::state::{ACCOUNTS, NEXT_NUMBER, NUMBERS, PARAMS};
use super::unordered;
use crate::read::plain;
use crate::{genesis_json, rows};

const EXT: &str = "ext";

pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let mut genesis = genesis.clone();
    let ext = genesis.as_object_mut().and_then(|members| members.remove(EXT));
    let state: GenesisState = genesis_json::read("auth", &genesis)?;
    if let Some(ext) = ext {
        unordered::import(ctx, &ext)?;
    }
    let params = state.params.unwrap_or_else(api::default_params);
    check_params(&params)?;
    PARAMS.put(ctx, &params)?;

    let mut accounts = state.accounts.iter().map(Account::from_any).collect::<Result<Vec<_>, _>>()?;
    accounts.sort_by_key(|account| account.base().map_or(0, |base| base.account_number));
    let mut taken = BTreeSet::new();
    for mut account in accounts {
        if let Account::Vesting(vesting) = &account {
            vesting.validate()?;
        }
        let base = account.base_mut();
        let address = Address::parse(&base.address).map_err(|error| plain(format!("genesis account: {error}")))?;
        if api::has_account(ctx, &address)? {
            return Err(plain(format!("duplicate account found in genesis state; address: {address}")));
        }
        // A number that clashes with an earlier one is replaced by the next free one.
        if !taken.insert(base.account_number) {
            base.account_number = taken.last().map_or(0, |last| last.saturating_add(1));
            taken.insert(base.account_number);
        }
        let number = base.account_number;
        NEXT_NUMBER.put(ctx, &taken.last().map_or(0, |last| last.saturating_add(1)))?;
        api::insert(ctx, &address, number, &account)?;
    }

    for (name, _) in MODULE_ACCOUNTS {
        api::ensure_account(ctx, &Address::module(name))?;
    }
    Ok(())
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    let accounts = rows::all(ctx, &ACCOUNTS)?.into_iter().map(|(_, account)| account).collect();
    let mut genesis = genesis_json::write(&GenesisState { params: Some(api::params(ctx)?), accounts });
    if let (Some(members), Some(ext)) = (genesis.as_object_mut(), unordered::export(ctx)?) {
        members.insert(EXT.to_owned(), ext);
    }
    Ok(genesis)
}

pub fn check_numbers(ctx: &mut Ctx) -> Result<Result<(), String>, TxError> {
    let next = NEXT_NUMBER.get(ctx)?.unwrap_or(0);
    let mut seen = BTreeSet::new();
    for (address, any) in rows::all(ctx, &ACCOUNTS)? {
        let base = Account::from_any(&any)?.into_base();
        let number = base.account_number;
        if number >= next || !seen.insert(number) {
            return Ok(Err(format!("account {address} has number {number}, the next is {next}")));
        }
        if !NUMBERS.has(ctx, &(number, address.clone()))? {
            return Ok(Err(format!("account {address} is not found by its number {number}")));
        }
    }
    Ok(Ok(()))
}
