//! `akash query` and `akash status`.

use serde_json::Value;

use crate::network::{Network, command, ran};

pub fn check(network: &Network) {
    status_is_that_of_the_go_client(network);
    modules_answer(network);
    pages_go_on_where_they_ended(network);
    blocks_are_shown(network);
    wrong_requests_say_what_is_wrong(network);
}

fn status_is_that_of_the_go_client(network: &Network) {
    let status = network.run(&["status"]).json();
    for part in ["node_info", "sync_info", "validator_info"] {
        assert!(status[part].is_object(), "{part}: {status}");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let by_url = ran(command().args(["status", "--node", &network.rpc, "--home"]).arg(elsewhere.path())).json();
    assert_eq!(by_url["node_info"]["network"], status["node_info"]["network"]);
    let scheme = network.rpc.replace("http://", "tcp://");
    let by_variable = ran(command().args(["status", "--home"]).arg(elsewhere.path()).env("AKASH_NODE", scheme)).json();
    assert_eq!(by_variable["node_info"]["network"], status["node_info"]["network"]);
}

/// Every query without required fields, and some with.
fn modules_answer(network: &Network) {
    let address = network.address("node0");
    let balances = network.query(&format!("bank balances {address}"));
    assert_eq!(balances["balances"][0]["denom"], "uact");
    let one = network.query(&format!("bank balance {address} uakt"));
    assert_eq!(one["balance"]["amount"], "1000000000000");
    assert_eq!(
        network.query(&format!("auth account {address}"))["account"]["@type"],
        "/cosmos.auth.v1beta1.BaseAccount"
    );
    for words in [
        "bank params",
        "bank total-supply",
        "bank denoms-metadata",
        "auth params",
        "auth accounts",
        "authz grants-by-granter ADDRESS",
        "feegrant grants-by-grantee ADDRESS",
        "consensus params",
        "upgrade module-versions",
        "deployment params",
        "deployment list",
        "market params",
        "market order list",
        "market bid list",
        "market lease list",
        "provider list",
        "audit list",
        "cert list",
        "escrow accounts",
        "take params",
        "comet node-info",
        "comet syncing",
        "comet block-latest",
        "comet validator-set",
        "node config",
        "discovery",
    ] {
        let answer = network.query(&words.replace("ADDRESS", &address));
        assert!(answer.is_object(), "{words}: {answer}");
    }
    let yaml = network.run(&["q", "bank", "balances", &address]).ok();
    assert!(yaml.starts_with("balances:\n- "), "{yaml}");
    assert_eq!(network.query("bank params --height 1")["params"]["default_send_enabled"], true);
}

fn pages_go_on_where_they_ended(network: &Network) {
    let first = network.query("bank total-supply --limit 1 --count-total");
    assert_eq!((first["supply"].as_array().unwrap().len(), &first["pagination"]["total"]), (1, &Value::from("2")));
    let key = first["pagination"]["next_key"].as_str().unwrap();
    let second = network.query(&format!("bank total-supply --limit 1 --page-key {key}"));
    let by_page = network.query("bank total-supply --limit 1 --page 2");
    let by_offset = network.query("bank total-supply --limit 1 --offset 1");
    assert_ne!(first["supply"], second["supply"]);
    assert_eq!(second["supply"], by_page["supply"]);
    assert_eq!(second["supply"], by_offset["supply"]);
    assert_eq!(network.query("bank total-supply --reverse --limit 1")["supply"], second["supply"]);
}

fn blocks_are_shown(network: &Network) {
    let second = network.query("block 2");
    assert_eq!(second["header"]["height"], "2");
    assert_eq!(network.query("block --height 2")["header"], second["header"]);
    let latest = network.query("block")["header"]["height"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(latest >= 2);
    assert_eq!(network.query("block-results 2")["height"], "2");
    let error = network.run(&["query", "block", "999999999"]).failed(2);
    assert!(error.contains("height"), "{error}");
}

fn wrong_requests_say_what_is_wrong(network: &Network) {
    let ask = |words: &[&str]| network.run(&[&["query"], words].concat());
    assert!(ask(&["bank", "balanse"]).failed(2).contains("balance"));
    assert!(ask(&["deployment", "list", "--dseq", "many"]).failed(2).contains("dseq"));
    ask(&["bank", "balances", "akash1nonsense"]).failed(2);
    let error = ask(&["deployment", "get", "--owner", &network.address("node0"), "--dseq", "9"]).failed(2);
    assert!(error.contains("Deployment not found"), "{error}");
    let hash = "00".repeat(32);
    assert!(ask(&["tx", &hash]).failed(2).contains("not found"));
}
