//! Making homes, tracing settings, and keeping the data of a node that does not run.

use std::fs;

use serde_json::Value;

use crate::network::{Network, Ran, command, ran};

fn on(home: &std::path::Path, words: &[&str]) -> Ran {
    ran(command().args(words).arg("--home").arg(home))
}

#[test]
fn home_is_made_once_and_its_genesis_grows() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let made = on(home, &["init", "alpha", "--chain-id", "devnet-1", "-o", "json"]).json();
    assert_eq!((&made["moniker"], &made["chain_id"]), (&Value::from("alpha"), &Value::from("devnet-1")));
    assert!(on(home, &["init", "beta"]).failed(3).contains("--overwrite"));

    on(home, &["keys", "add", "alice", "--no-backup"]).ok();
    on(home, &["genesis", "add-account", "alice", "5uact,7uakt"]).ok();
    assert!(on(home, &["genesis", "add-account", "alice", "1uakt"]).failed(2).contains("--append"));
    on(home, &["genesis", "add-account", "alice", "1uakt", "--append"]).ok();
    assert!(on(home, &["genesis", "add-account", "alice", "many"]).failed(2).contains("5uact,7uakt"));
    let genesis = on(home, &["genesis", "show"]).json();
    let coins = &genesis["app_state"]["bank"]["balances"][0]["coins"];
    assert_eq!(coins.to_string(), r#"[{"amount":"5","denom":"uact"},{"amount":"8","denom":"uakt"}]"#);
    assert_eq!(on(home, &["genesis", "validate", "-o", "json"]).json()["validators"], 1);

    let other = folder.path().join("other");
    on(&other, &["init", "beta", "--no-validator"]).ok();
    assert!(on(&other, &["genesis", "validate"]).failed(3).contains("add-validator"));
    let key = on(home, &["node", "show-validator"]).ok();
    on(&other, &["genesis", "add-validator", &key]).ok();
    on(&other, &["genesis", "validate"]).ok();
    assert!(on(&other, &["genesis", "add-validator", "AAAA"]).failed(2).contains("ed25519"));
    assert_eq!(on(home, &["comet", "show-node-id"]).ok(), on(home, &["node", "show-node-id"]).ok());
    assert!(on(home, &["node", "show-address"]).ok().starts_with("akashvalcons1"));

    let broken = fs::read_to_string(home.join("config/genesis.json")).unwrap().replace("\"5\"", "\"-5\"");
    let file = home.join("broken.json");
    fs::write(&file, broken).unwrap();
    on(home, &["genesis", "validate", &file.display().to_string()]).failed(3);
}

#[test]
fn every_setting_can_be_traced() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    on(home, &["init", "alpha"]).ok();
    let explained = |words: &[&str], variables: &[(&str, &str)]| {
        let mut command = command();
        command.args(["config", "explain", "-o", "json"]).args(words).arg("--home").arg(home);
        ran(command.envs(variables.iter().copied()))
    };
    let all = explained(&[], &[]).json();
    assert!(all.as_array().unwrap().len() > 8);
    let of = |ran: Ran| {
        let found = ran.json()[0].clone();
        let text = |name: &str| found[name].as_str().unwrap().to_owned();
        (text("value"), text("source"))
    };
    let (value, source) = of(explained(&["moniker"], &[]));
    assert!(value == "\"alpha\"" && source.ends_with("config/akash.toml:5"), "{source}");
    let rpc = ("AKASH_NODE_RPC_ADDRESS", "127.0.0.1:1");
    let from_variable = of(explained(&["rpc.address"], &[rpc]));
    assert_eq!(from_variable, ("\"127.0.0.1:1\"".to_owned(), "environment AKASH_NODE_RPC_ADDRESS".to_owned()));
    let from_flag = of(explained(&["rpc.address", "--set", "rpc.address=off"], &[rpc]));
    assert_eq!(from_flag, ("\"off\"".to_owned(), "flag --set".to_owned()));
    assert_eq!(of(explained(&["client.chain_id"], &[("AKASH_CHAIN_ID", "x-1")])).1, "environment AKASH_CHAIN_ID");
    assert!(explained(&["nonsense"], &[]).failed(2).contains("lists all"));

    fs::write(home.join("config/akash.toml"), "[rpc]\nadress = \"off\"\n").unwrap();
    let error = on(home, &["start"]).failed(3);
    assert!(error.contains("akash.toml:2: unknown key `rpc.adress`; did you mean `rpc.address`?"), "{error}");
}

#[test]
fn without_a_node_the_next_step_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    assert!(on(home, &["start"]).failed(3).contains("akash init"));
    assert!(on(home, &["query", "bank", "params"]).failed(3).contains("--node"));
    assert!(on(home, &["status"]).failed(3).contains("--node"));
    let unreachable = ["query", "bank", "params", "--node", "http://127.0.0.1:1"];
    assert!(on(home, &unreachable).failed(4).contains("akash start"));
    let error = on(home, &["query", "bank", "balance", "akash1x", "-o", "json"]).failed(2);
    let error: Value = serde_json::from_str(&error).unwrap();
    assert_eq!(error["error"]["kind"], "usage");
}

/// What is done to data that no node uses.
pub fn stopped_node_is_kept(network: &mut Network) {
    assert!(network.run(&["node", "export"]).failed(3).contains("another node runs"));
    network.stop_node();
    let holds = network.run(&["node", "check-invariants", "-o", "json"]).json();
    assert_eq!(holds["holds"], true);
    let exported = network.run(&["node", "export"]).json();
    let file = network.file("exported.json", &exported.to_string());
    network.run(&["genesis", "validate", &file]).ok();
    assert_eq!(network.run(&["export"]).json()["chain_id"], exported["chain_id"]);
    assert!(network.run(&["node", "reindex", "-o", "json"]).json()["blocks"].as_u64().unwrap() > 0);
    let before = network.run(&["node", "rollback", "-o", "json"]).json()["height"].as_u64().unwrap();
    network.run_node();
    let height = network.run(&["status"]).json()["sync_info"]["latest_block_height"].clone();
    assert!(height.as_str().unwrap().parse::<u64>().unwrap() >= before);
}
