//! The genesis document, both ways.

use std::sync::Arc;

use akash_app::{App, Genesis};
use akash_proto::akash::deployment::v1beta4::MsgCreateDeployment;
use akash_proto::cosmos::authz::v1beta1::{GenericAuthorization, Grant, MsgGrant};
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_proto::cosmos::feegrant::v1beta1::{BasicAllowance, MsgGrantAllowance};
use akash_proto::cosmos::vesting::v1beta1::MsgCreateVestingAccount;
use akash_store::MemoryStore;
use akash_types::address::Address;
use akash_types::id::DeploymentId;
use akash_types::tx::{self, Unsigned};
use prost_types::Timestamp;
use serde_json::{Value, json};

use crate::chain::{Chain, config, deposit, genesis, group, key, send_tx, verdict};

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
    assert_eq!(verdict(&second.deliver(&tx)), "ok");
}

/// A deployment with one small group, paid from the balance.
fn deployment(owner: &Address) -> MsgCreateDeployment {
    MsgCreateDeployment {
        id: Some((&DeploymentId::new(owner.clone(), 7)).into()),
        groups: vec![group("web")],
        hash: vec![7; 32],
        deposit: Some(deposit(5_000_000)),
        reclamation: None,
    }
}

#[test]
fn state_with_an_open_deployment_starts_a_chain_again() {
    let mut chain = Chain::new();
    chain.block(&[]);
    let messages = vec![tx::encode_any(&deployment(&chain.address(0)))];
    let unsigned = Unsigned { messages, gas_limit: 1_000_000, ..send_tx(&chain.address(0), &chain.address(1), 1) };
    assert_eq!(verdict(&chain.deliver(&chain.sign(0, 0, &unsigned))), "ok");
    let exported = chain.app.export_genesis().expect("exports");

    let mut second = Chain::with(|genesis| {
        genesis.app_state = exported.clone();
        genesis.initial_height = chain.app.height() + 1;
    });
    assert_eq!(second.app.check_invariants(), Ok(Vec::new()));
    second.block(&[]);
    assert_eq!(second.app.height(), chain.app.height() + 1);
    let orders = |state: &Value| state["market"]["orders"].as_array().map(Vec::len);
    assert_eq!(orders(&second.app.export_genesis().expect("exports")), Some(1));
}

#[test]
fn unordered_transaction_is_not_repeated_on_the_chain_that_follows() {
    let mut chain = Chain::new();
    let timeout_timestamp = Some(Timestamp { seconds: 1_700_000_100, nanos: 5 });
    let unsigned = Unsigned { unordered: true, timeout_timestamp, ..send_tx(&chain.address(0), &chain.address(1), 1) };
    let once = chain.sign(0, 0, &unsigned);
    assert_eq!(verdict(&chain.deliver(&once)), "ok");
    let exported = chain.app.export_genesis().expect("exports");

    let mut second = Chain::with(|genesis| genesis.app_state = exported.clone());
    assert!(verdict(&second.deliver(&once)).starts_with("sdk/18: failed to add unordered nonce"));
    assert_eq!(second.app.export_genesis().expect("exports"), exported);
    let unknown = json!({ "orderly": [] });
    let error = Chain::try_with(|genesis| genesis.app_state["auth"]["ext"] = unknown).err().expect("it is unknown");
    assert!(error.contains("orderly"), "{error}");
}

#[test]
fn rights_and_locked_coins_survive_export_and_import() {
    let mut chain = Chain::new();
    let (granter, grantee) = (chain.address(0).to_string(), chain.address(1).to_string());
    let generic = GenericAuthorization { msg: "/cosmos.bank.v1beta1.MsgSend".to_owned() };
    let grant = MsgGrant {
        granter: granter.clone(),
        grantee: grantee.clone(),
        grant: Some(Grant { authorization: Some(tx::encode_any(&generic)), expiration: None }),
    };
    let allowance = MsgGrantAllowance {
        granter: granter.clone(),
        grantee,
        allowance: Some(tx::encode_any(&BasicAllowance::default())),
    };
    let vesting = MsgCreateVestingAccount {
        from_address: granter,
        to_address: chain.address(3).to_string(),
        amount: vec![Coin { denom: "uakt".to_owned(), amount: "500".to_owned() }],
        end_time: 1_900_000_000,
        delayed: true,
    };
    let messages = vec![tx::encode_any(&grant), tx::encode_any(&allowance), tx::encode_any(&vesting)];
    let unsigned = Unsigned { messages, ..send_tx(&chain.address(0), &chain.address(1), 1) };
    let signed = chain.sign(0, 0, &unsigned);
    assert_eq!(verdict(&chain.deliver(&signed)), "ok");
    let exported = chain.app.export_genesis().expect("exports");

    let mut second = Chain::with(|genesis| genesis.app_state = exported.clone());
    second.block(&[]);
    assert_eq!(second.app.export_genesis().expect("exports"), exported);

    let granter = Some(second.address(0));
    let paid_for = Unsigned { granter, ..send_tx(&second.address(1), &second.address(2), 1) };
    assert_eq!(verdict(&second.deliver(&second.sign(1, 0, &paid_for))), "ok", "the allowance still pays");
    let locked = second.send(3, &second.address(0), 1, 0);
    assert!(verdict(&second.deliver(&locked)).starts_with("sdk/5: spendable balance 0uakt"), "the coins are locked");
}
