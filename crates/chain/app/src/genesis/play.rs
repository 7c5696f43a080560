//! The genesis of a network on one machine.

use std::collections::BTreeMap;

use akash_kernel::Time;
use akash_proto::tendermint::types::{ConsensusParams, VersionParams};
use akash_types::address::Address;
use akash_types::coin::Coins;
use serde_json::{Value, json};

use super::{Genesis, GenesisError, GenesisValidator};
use crate::consensus;

/// Smallest deposit of deployments and bids, in either denomination.
const MIN_DEPOSIT: &str = "500000";

/// What headers carry from the first block on. Clients of the reference refuse 0.
const APP_VERSION: u64 = 1;

/// What a play network is made of.
#[derive(Clone, Debug)]
pub struct PlayGenesis {
    pub chain_id: String,
    pub time: Time,
    /// Accounts and their coins; `uakt` pays fees, both denominations pay deposits.
    pub accounts: Vec<(Address, Coins)>,
    pub validators: Vec<PlayValidator>,
    /// May change parameters; the governance account if none.
    pub authority: Option<Address>,
}

/// A validator of a play network, with power 1 each unless said otherwise.
pub type PlayValidator = GenesisValidator;

/// Makes the genesis of a play network.
///
/// # Errors
/// When an account is named twice, or for anything that [`Genesis::validate`] finds.
pub fn play_genesis(play: PlayGenesis) -> Result<Genesis, GenesisError> {
    let mut balances = BTreeMap::new();
    for (address, coins) in &play.accounts {
        if balances.insert(address.clone(), coins.clone()).is_some() {
            return Err(GenesisError::field("accounts", format!("{address} appears twice")));
        }
    }
    let genesis = Genesis {
        chain_id: play.chain_id,
        genesis_time: play.time,
        initial_height: 1,
        consensus_params: ConsensusParams {
            version: Some(VersionParams { app: APP_VERSION }),
            ..consensus::default_params()
        },
        app_state: app_state(&play.accounts, &balances, play.authority.as_ref()),
        validators: play.validators,
    };
    genesis.validate()?;
    Ok(genesis)
}

fn app_state(accounts: &[(Address, Coins)], balances: &BTreeMap<Address, Coins>, authority: Option<&Address>) -> Value {
    let account = |(number, (address, _)): (usize, &(Address, Coins))| {
        json!({
            "@type": "/cosmos.auth.v1beta1.BaseAccount",
            "address": address.to_string(),
            "pub_key": null,
            "account_number": number.to_string(),
            "sequence": "0",
        })
    };
    let balance = |(address, coins): (&Address, &Coins)| {
        let coins: Vec<Value> = coins.iter().map(|coin| amount(&coin.denom, &coin.amount.to_string())).collect();
        json!({ "address": address.to_string(), "coins": coins })
    };
    let min_deposits = json!([amount("uact", MIN_DEPOSIT), amount("uakt", MIN_DEPOSIT)]);
    json!({
        "authority": { "address": authority.unwrap_or(&Address::module("gov")).to_string() },
        "auth": { "accounts": accounts.iter().enumerate().map(account).collect::<Vec<_>>() },
        "bank": {
            "params": { "default_send_enabled": true },
            "balances": balances.iter().map(balance).collect::<Vec<_>>(),
            "denom_metadata": [metadata("akt"), metadata("act")],
            "send_enabled": [{ "denom": "uakt", "enabled": true }, { "denom": "uact", "enabled": false }],
        },
        "epochs": {
            "epochs": [
                epoch("day", "86400s"), epoch("hour", "3600s"), epoch("minute", "60s"), epoch("week", "604800s"),
            ],
        },
        "deployment": { "params": { "min_deposits": min_deposits } },
        "market": {
            "params": {
                "bid_min_deposit": amount("uakt", MIN_DEPOSIT),
                "order_max_bids": 20,
                "bid_min_deposits": min_deposits,
                "min_reclamation_window": "3600s",
                "max_reclamation_window": "2592000s",
            },
        },
    })
}

/// One of the reference's own periods.
fn epoch(id: &str, duration: &str) -> Value {
    json!({ "id": id, "duration": duration })
}

fn amount(denom: &str, amount: &str) -> Value {
    json!({ "denom": denom, "amount": amount })
}

/// Six decimals, with the names that wallets show.
fn metadata(unit: &str) -> Value {
    let (micro, milli) = (format!("u{unit}"), format!("m{unit}"));
    json!({
        "description": format!("The {} of a play network, without value", unit.to_uppercase()),
        "denom_units": [
            { "denom": micro, "exponent": 0 },
            { "denom": milli, "exponent": 3 },
            { "denom": unit, "exponent": 6 },
        ],
        "base": micro,
        "display": unit,
        "name": unit.to_uppercase(),
        "symbol": unit.to_uppercase(),
    })
}
