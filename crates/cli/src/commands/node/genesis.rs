//! `akash genesis`: the file that a chain begins with, before it has blocks.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use akash_app::{App, AppConfig, Genesis, GenesisValidator};
use akash_node::config::Home as NodeHome;
use akash_store::MemoryStore;
use akash_types::address::Address;
use akash_types::coin::{Coin, Coins};
use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::explain;
use crate::args::{AddAccount, AddValidator, Genesis as Command};
use crate::commands::keyring;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

pub fn run(home: &Home, command: &Command, output: &Output) -> Result<()> {
    match command {
        Command::AddAccount(flags) => add_account(home, flags, output),
        Command::AddValidator(flags) => add_validator(home, flags, output),
        Command::Validate { file } => {
            let path = file.clone().unwrap_or_else(|| NodeHome::new(home.root()).genesis());
            validate(&path, output)
        }
        Command::Show => {
            let genesis = akash_node::genesis(home.root()).map_err(explain)?;
            output.document(&serde_json::to_string_pretty(&genesis.to_json())?)
        }
    }
}

/// Reads a genesis file.
pub fn read(path: &Path) -> Result<Genesis> {
    let text = fs::read(path).map_err(|error| {
        let failure = Failure::new(Exit::Store, format!("cannot read {}: {error}", path.display()));
        failure.next("`akash init MONIKER` makes a genesis file")
    })?;
    Genesis::from_slice(&text)
        .map_err(|error| Failure::new(Exit::Config, format!("{}: {error}", path.display())).into())
}

/// As a node would at its first start, in memory.
fn validate(path: &Path, output: &Output) -> Result<()> {
    let genesis = read(path)?;
    let wrong = |text: String| Failure::new(Exit::Config, format!("{}: {text}", path.display()));
    let config = AppConfig::default();
    let mut app = App::open(Arc::new(MemoryStore::new()), config).context("cannot open a chain in memory")?;
    app.init_chain(&genesis).map_err(|fault| wrong(fault.to_string()))?;
    if genesis.validators.is_empty() {
        return Err(wrong("it has no validator, so no block would be made".to_owned())
            .next("`akash genesis add-validator KEY` adds one")
            .into());
    }
    let (chain_id, validators) = (&genesis.chain_id, genesis.validators.len());
    let text = format!("{} is a valid genesis of {chain_id} with {validators} validator(s)", path.display());
    output.result(text, &json!({ "valid": true, "chain_id": chain_id, "validators": validators }))
}

fn add_validator(home: &Home, flags: &AddValidator, output: &Output) -> Result<()> {
    let mut genesis = akash_node::genesis(home.root()).map_err(explain)?;
    let public_key = public_key(&flags.public_key)
        .ok_or_else(|| Failure::new(Exit::Usage, format!("{:?} is no ed25519 public key", flags.public_key)))?;
    genesis.validators.push(GenesisValidator { public_key, power: flags.power, name: flags.name.clone() });
    genesis.validate().map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    akash_node::replace_genesis(home.root(), &genesis).map_err(explain)?;
    let count = genesis.validators.len();
    output.result(format!("{count} validator(s)"), &json!({ "validators": count }))
}

/// From base64, or JSON with `key` or `value`.
fn public_key(text: &str) -> Option<[u8; 32]> {
    let value: Option<Value> = serde_json::from_str(text).ok();
    let inner = value.as_ref().and_then(|value| value.get("key").or_else(|| value.get("value"))?.as_str());
    STANDARD.decode(inner.unwrap_or(text).trim()).ok()?.try_into().ok()
}

fn add_account(home: &Home, flags: &AddAccount, output: &Output) -> Result<()> {
    let mut genesis = akash_node::genesis(home.root()).map_err(explain)?;
    let address = match Address::parse(&flags.account) {
        Ok(address) => address,
        Err(_) => keyring::Signer::new(home, flags.keyring.keyring_backend, &flags.account).address_and_public()?.0,
    };
    let coins = parse_coins(&flags.coins)?;
    let account = account(&address, flags)?;
    put_account(&mut genesis.app_state, &address, account, &coins, flags.append)?;
    akash_node::replace_genesis(home.root(), &genesis).map_err(explain)?;
    output.result(
        format!("{address} begins with {coins}"),
        &json!({ "address": address.to_string(), "coins": coins.to_string() }),
    )
}

fn parse_coins(text: &str) -> Result<Coins> {
    Coins::parse(text).map_err(|error| {
        Failure::new(Exit::Usage, format!("{text:?}: {error}")).next("write coins as 5uact,7uakt").into()
    })
}

fn account(address: &Address, flags: &AddAccount) -> Result<Value> {
    let base = json!({ "address": address.to_string(), "pub_key": null, "account_number": "0", "sequence": "0" });
    let (Some(vesting), Some(end)) = (&flags.vesting_amount, flags.vesting_end_time) else {
        let mut account = base;
        account["@type"] = "/cosmos.auth.v1beta1.BaseAccount".into();
        return Ok(account);
    };
    let vesting: Vec<Value> = parse_coins(vesting)?.iter().map(coin_json).collect();
    let vesting_account = json!({
        "base_account": base, "original_vesting": vesting, "delegated_free": [], "delegated_vesting": [],
        "end_time": end.to_string(),
    });
    Ok(match flags.vesting_start_time {
        Some(start) => json!({
            "@type": "/cosmos.vesting.v1beta1.ContinuousVestingAccount",
            "base_vesting_account": vesting_account, "start_time": start.to_string(),
        }),
        None => json!({
            "@type": "/cosmos.vesting.v1beta1.DelayedVestingAccount", "base_vesting_account": vesting_account,
        }),
    })
}

fn coin_json(coin: &Coin) -> Value {
    json!({ "denom": coin.denom, "amount": coin.amount.to_string() })
}

/// The account in `auth`, its coins in `bank`, and their sum in the supply if the file states one.
fn put_account(state: &mut Value, address: &Address, account: Value, coins: &Coins, append: bool) -> Result<()> {
    let address = address.to_string();
    let accounts = list(state, "auth", "accounts");
    let number = accounts.len();
    let is_there = accounts.iter().any(|account| base(account)["address"] == address.as_str());
    if is_there && !append {
        let failure = Failure::new(Exit::Usage, format!("{address} is in the genesis already"));
        return Err(failure.next("--append adds to what it holds").into());
    }
    if !is_there {
        let mut account = account;
        base_mut(&mut account)["account_number"] = number.to_string().into();
        accounts.push(account);
    }
    let balances = list(state, "bank", "balances");
    let held = balances.iter().position(|balance| balance["address"] == address.as_str());
    let held = held.unwrap_or_else(|| {
        balances.push(json!({ "address": address, "coins": [] }));
        balances.len() - 1
    });
    balances[held]["coins"] = sum(&balances[held]["coins"], coins)?;
    let supply = &mut state["bank"]["supply"];
    if supply.as_array().is_some_and(|supply| !supply.is_empty()) {
        *supply = sum(supply, coins)?;
    }
    Ok(())
}

/// Vesting accounts have the plain one inside.
fn base(account: &Value) -> &Value {
    let vesting = account.get("base_vesting_account");
    vesting.and_then(|vesting| vesting.get("base_account")).or_else(|| account.get("base_account")).unwrap_or(account)
}

fn base_mut(account: &mut Value) -> &mut Value {
    if account.get("base_vesting_account").is_some() {
        return &mut account["base_vesting_account"]["base_account"];
    }
    account
}

/// A list of a module's part; made where it is missing.
fn list<'a>(state: &'a mut Value, module: &str, name: &str) -> &'a mut Vec<Value> {
    let part = &mut state[module];
    if !part.is_object() {
        *part = Value::Object(Map::new());
    }
    let list = &mut part[name];
    if !list.is_array() {
        *list = Value::Array(Vec::new());
    }
    list.as_array_mut().expect("it was just made one")
}

fn sum(stated: &Value, more: &Coins) -> Result<Value> {
    let text = |coin: &Value| {
        format!("{}{}", coin["amount"].as_str().unwrap_or_default(), coin["denom"].as_str().unwrap_or_default())
    };
    let stated: Vec<String> = stated.as_array().into_iter().flatten().map(text).collect();
    let stated = if stated.is_empty() { Coins::default() } else { parse_coins(&stated.join(","))? };
    let sum = stated.checked_add(more).context("the coins are too many")?;
    Ok(Value::Array(sum.iter().map(coin_json).collect()))
}
