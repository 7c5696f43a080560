//! `akash tx` of the general modules, with every way of the pipeline.

use std::io::Write as _;
use std::process::Stdio;

use akash_types::key::{HdPath, SecretKey};
use serde_json::Value;

use crate::network::{Network, command, ran};

pub fn check(network: &Network) {
    network.run(&["keys", "add", "bob", "--no-backup"]).ok();
    coins_are_sent(network);
    signer_is_the_one_named(network);
    words_sign_without_being_kept(network);
    costs_are_shown_before(network);
    steps_can_be_done_one_by_one(network);
    wrong_terms_are_refused(network);
    rights_are_given_and_taken(network);
}

fn uakt(network: &Network, key: &str) -> u64 {
    let answer = network.query(&format!("bank balance {} uakt", network.address(key)));
    answer["balance"]["amount"].as_str().unwrap().parse().unwrap()
}

fn coins_are_sent(network: &Network) {
    let bob = network.address("bob");
    let response = network.send(&format!("bank send node0 {bob} 7000000uakt --note hello"));
    assert_eq!((&response["code"], response["codespace"].as_str()), (&Value::from(0), Some("")));
    assert_eq!(uakt(network, "bob"), 7_000_000);
    let hash = response["txhash"].as_str().unwrap();
    let found = network.query(&format!("tx {hash}"));
    assert_eq!(found["tx"]["body"]["memo"], "hello");
    assert_eq!(found["height"], response["height"]);
    let searched = network.query(&format!("txs --query tx.hash='{hash}'"));
    assert_eq!(searched["total_count"], "1");

    network.send(&format!("bank send node0 {bob} 1uakt --fees 5000uakt --gas 100000 --sign-mode amino-json"));
    network.send(&format!("bank multi-send node0 {bob} {bob} 1uakt"));
    assert_eq!(uakt(network, "bob"), 7_000_003);
    // Several at once: each waits for its turn.
    let senders: Vec<_> = (0..3)
        .map(|_| {
            let mut command = command();
            command.args(["tx", "bank", "send", "node0", &bob, "1uakt", "--yes", "--home"]).arg(&network.home);
            std::thread::spawn(move || ran(&mut command))
        })
        .collect();
    for sender in senders {
        sender.join().unwrap().ok();
    }
    assert_eq!(uakt(network, "bob"), 7_000_006);
    let answer = network.try_send(&format!("bank send bob {bob} 1uakt --broadcast-mode sync")).json();
    assert_eq!((&answer["code"], &answer["height"]), (&Value::from(0), &Value::from("0")));
    // Not waited for until now: an account's transactions keep their order, so the next one comes after it.
    network.send(&format!("bank send bob {bob} 1uakt"));
}

/// A variable that was set for something else must not choose whose coins go.
fn signer_is_the_one_named(network: &Network) {
    let before = (uakt(network, "node0"), uakt(network, "bob"));
    let words = ["tx", "bank", "send", "node0", &network.address("bob"), "5uakt", "--yes", "--home"];
    ran(command().args(words).arg(&network.home).env("AKASH_FROM", "bob")).ok();
    let after = (uakt(network, "node0"), uakt(network, "bob"));
    assert!(after.0 < before.0 && after.1 == before.1 + 5, "{before:?} {after:?}");
}

/// They come once on standard input, and serve for the address, the simulation and the signature.
fn words_sign_without_being_kept(network: &Network) {
    let words = format!("{}about", "abandon ".repeat(11));
    let address = SecretKey::from_mnemonic(&words, &HdPath::default()).unwrap().address().to_string();
    network.send(&format!("bank send node0 {address} 1000000uakt"));
    let bob = network.address("bob");
    let mut sending = command();
    sending.args(["tx", "bank", "send", "mine", &bob, "1uakt", "--keyring-backend", "memory", "--yes", "--home"]);
    sending.arg(&network.home).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut sending = sending.spawn().unwrap();
    sending.stdin.take().unwrap().write_all(words.as_bytes()).unwrap();
    let output = sending.wait_with_output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{error}");
    assert!(error.contains("transaction "), "its hash is told before an answer comes: {error}");
    assert!(!error.contains("abandon"), "{error}");
}

fn costs_are_shown_before(network: &Network) {
    let bob = network.address("bob");
    let before = uakt(network, "node0");
    let cost = network.try_send(&format!("bank send node0 {bob} 1uakt --dry-run")).json();
    assert!(cost["gas_estimate"].as_u64().unwrap() > 10_000, "{cost}");
    assert!(cost["fee"].as_str().unwrap().ends_with("uakt"));
    assert_eq!(uakt(network, "node0"), before);
    let error = network
        .try_send(&format!(
            "bank send node0 {bob} 1uakt --dry-run --offline --fees 1uakt --sequence 0 --account-number 0"
        ))
        .failed(2);
    assert!(error.contains("--gas"), "{error}");
    // Without --yes nobody can be asked here.
    let error = network.run(&["tx", "bank", "send", "node0", &bob, "1uakt"]).failed(2);
    assert!(error.contains("--yes"), "{error}");
}

/// Made here, signed there, sent by a third.
fn steps_can_be_done_one_by_one(network: &Network) {
    let (bob, node0) = (network.address("bob"), network.address("node0"));
    let chain_id = network.run(&["status"]).json()["node_info"]["network"].as_str().unwrap().to_owned();
    let unsigned = network.try_send(&format!("bank send {node0} {bob} 1uakt --generate-only"));
    let unsigned = network.file("unsigned.json", &unsigned.ok());
    let account = network.query(&format!("auth account-info {node0}"));
    let text = |name: &str| account[name].as_str().unwrap_or("0").to_owned();
    let signed = network.run(&[
        "tx",
        "sign",
        &unsigned,
        "--from",
        "node0",
        "--chain-id",
        &chain_id,
        "-a",
        &text("account_number"),
        "-s",
        &text("sequence"),
    ]);
    let signed = network.file("signed.json", &signed.ok());
    let sent = network.run(&["tx", "broadcast", &signed]).json();
    assert_eq!(sent["code"], 0);
    let again = network.run(&["tx", "broadcast", &signed]).json();
    assert_eq!(again["height"], sent["height"], "the same bytes are the same transaction");

    let sequence: u64 = text("sequence").parse().unwrap();
    let offline = network.try_send(&format!(
        "bank send node0 {bob} 1uakt --offline --chain-id {chain_id} --fees 5000uakt --gas 100000 -a {} -s {}",
        text("account_number"),
        sequence + 1,
    ));
    let signed = network.file("offline.json", &offline.ok());
    assert_eq!(network.run(&["tx", "broadcast", &signed]).json()["code"], 0);
}

fn wrong_terms_are_refused(network: &Network) {
    let bob = network.address("bob");
    let send = |more: &str| network.try_send(&format!("bank send node0 {bob} 1uakt {more}"));
    assert!(send("--chain-id other-1").failed(3).contains("not other-1"));
    assert!(send("--gas some").failed(2).contains("--gas"));
    assert!(send("--gas-adjustment=-1").failed(2).contains("gas-adjustment"));
    assert!(send("--fees nothing").failed(2).contains("--fees"));
    assert!(send("--offline").failed(2).contains("--fees"));
    assert!(send("--unordered").failed(2).contains("timeout-duration"));
    assert!(network.try_send(&format!("bank send nobody {bob} 1uakt")).failed(2).contains("akash keys list"));
    assert!(network.try_send(&format!("bank send bob {bob} 99000000uakt")).failed(10).contains("insufficient funds"));
    let too_little = send("--gas 1000 --fees 5000uakt");
    assert_eq!(too_little.code, 5, "{}", too_little.err);
    let response: Value = serde_json::from_str(&too_little.out).unwrap();
    assert_eq!((&response["codespace"], &response["code"]), (&Value::from("sdk"), &Value::from(11)));
    assert!(send("--timeout-height 1").failed(5).contains("timeout"));
}

fn rights_are_given_and_taken(network: &Network) {
    let (bob, node0) = (network.address("bob"), network.address("node0"));
    network.send(&format!("authz grant {bob} send --spend-limit 1000uakt --from node0"));
    let grants = network.query(&format!("authz grants {node0} {bob}"));
    assert_eq!(grants["grants"][0]["authorization"]["@type"], "/cosmos.bank.v1beta1.SendAuthorization");
    let unsigned = network.try_send(&format!("bank send {node0} {bob} 400uakt --generate-only"));
    let file = network.file("exec.json", &unsigned.ok());
    let before = uakt(network, "node0");
    network.send(&format!("authz exec {file} --from bob"));
    assert_eq!(uakt(network, "node0"), before - 400);
    network.send(&format!("authz revoke {bob} /cosmos.bank.v1beta1.MsgSend --from node0"));
    assert_eq!(network.try_send(&format!("authz exec {file} --from bob")).code, 5);

    network.send(&format!("feegrant grant node0 {bob} --spend-limit 1000000uakt"));
    let allowance = network.query(&format!("feegrant grant {node0} {bob}"));
    assert_eq!(allowance["allowance"]["allowance"]["@type"], "/cosmos.feegrant.v1beta1.BasicAllowance");
    let (before, had) = (uakt(network, "bob"), uakt(network, "node0"));
    network.send(&format!("bank send bob {bob} 1uakt --fee-granter {node0}"));
    assert_eq!(uakt(network, "bob"), before);
    assert!(uakt(network, "node0") < had);
    network.send(&format!("feegrant revoke node0 {bob}"));
    network.try_send(&format!("bank send bob {bob} 1uakt --fee-granter {node0}")).failed(5);

    network.send(&format!("bank send node0 {bob} 1uakt --unordered --timeout-duration 60s"));
}
