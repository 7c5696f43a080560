//! The genesis document, both ways.

use std::sync::Arc;

use akash_app::{App, Genesis};
use akash_store::MemoryStore;
use serde_json::{Value, json};

use crate::chain::{Chain, config, genesis, key};

#[test]
fn document_is_read_as_it_is_written() {
    let genesis = genesis(&[key(1), key(2)]);
    let text = serde_json::to_vec_pretty(&genesis.to_json()).expect("JSON");
    assert_eq!(Genesis::from_slice(&text), Ok(genesis));
}

#[test]
fn form_of_the_sdk_is_read_too() {
    let ours = genesis(&[key(1)]);
    let document = ours.to_json();
    let sdk = json!({
        "app_name": "akash",
        "app_version": "1",
        "genesis_time": document["genesis_time"],
        "chain_id": document["chain_id"],
        "initial_height": 1,
        "app_hash": null,
        "app_state": document["app_state"],
        "consensus": { "params": document["consensus_params"], "validators": document["validators"] },
    });
    assert_eq!(Genesis::from_json(&sdk), Ok(ours));
}

#[test]
fn what_is_wrong_is_named() {
    let document = genesis(&[key(1)]).to_json();
    let error = |change: &dyn Fn(&mut Value)| {
        let mut changed = document.clone();
        change(&mut changed);
        Genesis::from_json(&changed).expect_err("it is wrong").to_string()
    };
    assert_eq!(error(&|d| d["chain_id"] = json!("")), "genesis file: chain_id: has 0 bytes, must have 1 to 50");
    assert_eq!(error(&|d| d["genesis_time"] = json!("now")), "genesis file: genesis_time: \"now\" is no RFC 3339 time");
    assert_eq!(error(&|d| d["validators"][0]["power"] = json!("0")), "genesis file: validators: play has power 0");
    assert!(error(&|d| d["validators"][0]["address"] = json!("00")).contains("is not that of the key"));
}

#[test]
fn state_that_contradicts_itself_is_refused() {
    let mut app = App::open(Arc::new(MemoryStore::new()), config()).expect("memory does not fail");
    let mut wrong = genesis(&[key(1)]);
    wrong.app_state["bank"]["supply"] = json!([{ "denom": "uakt", "amount": "1" }]);
    let error = app.init_chain(&wrong).expect_err("supply is wrong").to_string();
    assert!(error.contains("genesis supply is incorrect"), "{error}");

    let mut wrong = genesis(&[key(1)]);
    wrong.app_state["nobody"] = json!({});
    assert!(app.init_chain(&wrong).is_err());
}

#[test]
fn exported_state_starts_a_chain_again() {
    let mut chain = Chain::new();
    let tx = chain.send(0, &chain.address(3), 5, 0);
    chain.deliver(&tx);
    let exported = chain.app.export_genesis().expect("exports");

    let again = Chain::with(|genesis| genesis.app_state = exported.clone());
    let mut second = again;
    second.block(&[]);
    assert_eq!(second.app.export_genesis().expect("exports"), exported);
    let tx = second.send(0, &second.address(3), 5, 1);
    assert_eq!(crate::chain::verdict(&second.deliver(&tx)), "ok");
}
