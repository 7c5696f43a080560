//! Transactions that another implementation signed, on a chain where their accounts are.

use std::sync::Arc;

use akash_app::{App, AppConfig, CheckKind};
use akash_store::MemoryStore;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::chain::{genesis, key, verdict};

/// CosmJS joined these from signatures of several keys.
const MULTISIG: &str = include_str!("../../../../../fixtures/wire/multisig.ndjson");

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().expect("a text")
}

/// A chain with the vector's name, account, number and sequence, and coins for every fee.
fn chain_of(vector: &Value) -> App {
    let mut genesis = genesis(&[key(1)]);
    genesis.chain_id = text(vector, "chain_id").to_owned();
    let address = text(vector, "address");
    let coins = |denom: &str| json!({ "denom": denom, "amount": "1000000000000000" });
    genesis.app_state["auth"]["accounts"] = json!([{
        "@type": "/cosmos.auth.v1beta1.BaseAccount",
        "address": address,
        "pub_key": null,
        "account_number": vector["account_number"].to_string(),
        "sequence": vector["sequence"].to_string(),
    }]);
    genesis.app_state["bank"]["balances"] = json!([{ "address": address, "coins": [coins("uact"), coins("uakt")] }]);
    let mut app = App::open(Arc::new(MemoryStore::new()), AppConfig::default()).expect("memory does not fail");
    app.init_chain(&genesis).expect("a sound genesis");
    app
}

#[test]
fn joint_signatures_of_cosmjs_are_admitted_and_nobody_elses() {
    let vectors: Vec<Value> = MULTISIG.lines().map(|line| serde_json::from_str(line).expect("a vector")).collect();
    assert!(!vectors.is_empty());
    for vector in &vectors {
        let tx = BASE64.decode(text(vector, "tx_raw")).expect("base64");
        let mut check = chain_of(vector).check_state();
        assert_eq!(verdict(&check.check_tx(&tx, CheckKind::New)), "ok", "{}", text(vector, "tx_hash"));

        let mut other = vector.clone();
        other["account_number"] = json!(vector["account_number"].as_u64().expect("a number") + 1);
        let outcome = chain_of(&other).check_state().check_tx(&tx, CheckKind::New);
        assert_eq!((outcome.codespace.as_str(), outcome.code), ("sdk", 4), "{}", outcome.log);
    }
}
