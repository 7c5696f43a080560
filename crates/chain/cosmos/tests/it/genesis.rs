//! Genesis in the SDK's form.

use serde_json::{Value, json};

use crate::bench::{address, check_invariants, modules, with_genesis};

fn account(number: u8, account_number: &str) -> Value {
    json!({
        "@type": "/cosmos.auth.v1beta1.BaseAccount",
        "address": address(number).to_string(),
        "pub_key": null,
        "account_number": account_number,
        "sequence": "0",
    })
}

fn coin(amount: &str, denom: &str) -> Value {
    json!({ "denom": denom, "amount": amount })
}

#[test]
fn state_is_exported_as_it_was_read() {
    let state = json!({
        "auth": { "accounts": [account(1, "0"), account(2, "1")] },
        "bank": {
            "params": { "default_send_enabled": true },
            "balances": [{ "address": address(1).to_string(), "coins": [coin("4", "uact"), coin("5", "uakt")] }],
            "supply": [coin("4", "uact"), coin("5", "uakt")],
            "denom_metadata": [{
                "name": "Akash", "symbol": "AKT", "base": "uakt", "display": "akt",
                "denom_units": [{ "denom": "uakt" }, { "denom": "akt", "exponent": 6 }],
            }],
            "send_enabled": [{ "denom": "uact", "enabled": false }],
        },
    });
    let mut bench = with_genesis(state).expect("a sound genesis");
    check_invariants(&mut bench);
    let first = Value::Object(modules().export_genesis(&mut bench.ctx()).expect("exports"));
    let mut again = with_genesis(first.clone()).expect("what we export is sound");
    assert_eq!(Value::Object(modules().export_genesis(&mut again.ctx()).expect("exports")), first);
    assert_eq!(first["bank"]["supply"], json!([coin("4", "uact"), coin("5", "uakt")]));
}

#[test]
fn clashing_account_numbers_are_replaced() {
    let state = json!({ "auth": { "accounts": [account(1, "0"), account(2, "0"), account(3, "0")] } });
    let mut bench = with_genesis(state).expect("a sound genesis");
    check_invariants(&mut bench);
    for (number, expected) in [(1, 0), (2, 1), (3, 2)] {
        let found = akash_cosmos::auth::api::account(&mut bench.ctx(), &address(number)).expect("readable");
        assert_eq!(found.map(|account| account.account_number), Some(expected));
    }
}

#[test]
fn contradictions_are_refused() {
    let refused = |state: Value| match with_genesis(state) {
        Ok(_) => panic!("it was taken"),
        Err(error) => error.to_string(),
    };
    let twice = refused(json!({ "auth": { "accounts": [account(1, "0"), account(1, "1")] } }));
    assert!(twice.contains("duplicate account found in genesis state"), "{twice}");
    let balance = json!({ "address": address(1).to_string(), "coins": [coin("5", "uakt")] });
    let twice = refused(json!({ "bank": { "balances": [balance, balance] } }));
    assert!(twice.contains("duplicate balance for address"), "{twice}");
    let supply = refused(json!({ "bank": { "balances": [balance], "supply": [coin("4", "uakt")] } }));
    assert!(supply.ends_with("genesis supply is incorrect, expected 5uakt, got 4uakt"), "{supply}");
    let unsorted = json!({ "address": address(1).to_string(), "coins": [coin("5", "uakt"), coin("5", "uact")] });
    assert!(refused(json!({ "bank": { "balances": [unsorted] } })).contains("is not sorted"));
    let metadata = json!({ "name": "A", "symbol": "A", "base": "uakt", "display": "akt", "denom_units": [] });
    assert!(refused(json!({ "bank": { "denom_metadata": [metadata] } })).contains("first denomination unit"));
    assert!(refused(json!({ "authority": { "address": "nobody" } })).contains("decoding bech32 failed"));
}
