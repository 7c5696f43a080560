//! How commands end: the exit code of each kind of failure, the next step, and the same as JSON.

use std::fs;
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::home::{Home, Ran, WORDS};
use crate::support::sample;

/// A command that fails: its code, the code's name, what it says.
struct Failing<'a> {
    code: i32,
    kind: &'a str,
    words: Vec<&'a str>,
    says: &'a str,
}

fn failing<'a>(code: i32, kind: &'a str, words: &[&'a str], says: &'a str) -> Failing<'a> {
    Failing { code, kind, words: words.to_vec(), says }
}

/// The last line of standard error, which is the error as JSON.
fn error_of(ran: &Ran) -> Value {
    let line = ran.err.lines().last().unwrap_or_default();
    serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("no JSON: {}", ran.err))["error"].clone()
}

#[test]
fn each_kind_of_failure_has_its_code() {
    let home = Home::new();
    home.run_with(&["keys", "add", "alice", "--recover"], WORDS).ok();
    let token = home.run(&["jwt", "mint", "--from", "alice", "--not-before", "100", "--expires-at", "200"]).ok();
    let token = home.file("token", token);
    let bad = fs::read_to_string(sample()).unwrap().replace("count: 1", "count: many");
    let bad = home.file("bad.yaml", bad);
    let unsigned = home.file("tx.json", super::tx::unsigned().to_string());
    let cases = [
        failing(2, "usage", &["sdl", "hash", &bad], "count: many"),
        failing(2, "usage", &["keys", "show", "nobody"], "nobody"),
        failing(2, "usage", &["keys", "shwo"], "shwo"),
        failing(2, "usage", &["jwt", "mint"], "--from"),
        failing(3, "config", &["keys", "add", "x", "--keyring-backend", "os"], "secret"),
        failing(
            5,
            "transaction",
            &["tx", "validate-signatures", &unsigned, "--chain-id", "c", "--account-number", "1"],
            "1 of 1 signatures",
        ),
        failing(6, "auth", &["jwt", "verify", &token], "expired"),
        failing(7, "store", &["keys", "add", "alice"], "taken"),
    ];
    for case in &cases {
        let ran = home.run(&case.words);
        assert_eq!(ran.code, case.code, "{:?}: {}{}", case.words, ran.out, ran.err);
        assert!(ran.err.starts_with("error: ") && ran.err.contains(case.says), "{:?}: {}", case.words, ran.err);

        let ran = home.run(&[&case.words[..], &["-o", "json"]].concat());
        let error = error_of(&ran);
        assert_eq!((ran.code, &error["code"]), (case.code, &json!(case.code)), "{:?}", case.words);
        assert_eq!(error["kind"], case.kind, "{:?}", case.words);
        assert!(error["message"].as_str().unwrap().contains(case.says), "{:?}: {error}", case.words);
        assert!(error["next"].is_null() || !error["next"].as_str().unwrap().is_empty(), "{error}");
    }
}

#[test]
fn node_that_does_not_answer_is_a_matter_of_connection() {
    let home = Home::new();
    home.run_with(&["keys", "add", "tenant", "--recover"], WORDS).ok();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port(); // closed again at once
    let ports = ["rpc", "grpc", "p2p", "gateway", "ingress", "registry"].map(|name| (name.to_owned(), json!(port)));
    let ports: serde_json::Map<String, Value> = ports.into_iter().collect();
    home.file("cloud.json", json!({"chain_id": "x", "ports": ports, "provider": "akash1x"}).to_string());
    let ran = home.run(&["ls", "-o", "json"]);
    assert_eq!((ran.code, &error_of(&ran)["kind"]), (4, &json!("connection")), "{}", ran.err);
}

#[test]
fn damaged_files_of_the_home_are_a_matter_of_the_store() {
    let home = Home::new();
    home.file("cloud.json", "{");
    let ran = home.run(&["ls", "-o", "json"]);
    assert_eq!((ran.code, &error_of(&ran)["kind"]), (7, &json!("store")), "{}", ran.err);
}

#[test]
fn help_and_version_are_no_failures() {
    let home = Home::new();
    assert!(home.run(&["--help"]).ok().contains("Exit codes:"));
    assert!(home.run(&["--version", "-o", "json"]).ok().starts_with("akash "));
    assert!(home.run(&["keys", "add", "--help"]).ok().contains("Examples:"));
    assert_eq!(home.run(&[]).code, 2);
}

/// Every command that needs no network shows how it is used.
#[test]
fn every_command_has_an_example() {
    let home = Home::new();
    let offline = ["decode", "encode", "sign", "multisign", "validate-signatures"].map(|name| vec!["tx", name]);
    let mut open = [vec![vec!["sdl"], vec!["keys"], vec!["jwt"], vec!["cert"]], offline.to_vec()].concat();
    let mut leaves = 0;
    while let Some(path) = open.pop() {
        let help = home.run(&[&path[..], &["--help"]].concat()).ok();
        let commands: Vec<String> = match help.split_once("\nCommands:\n") {
            Some((_, rest)) => {
                let list = rest.split("\n\n").next().unwrap();
                list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).map(str::to_owned).collect()
            }
            None => Vec::new(),
        };
        if commands.is_empty() {
            leaves += 1;
            assert!(help.contains("Examples:"), "akash {} --help has none", path.join(" "));
        }
        for command in commands.iter().filter(|name| !name.is_empty() && *name != "help") {
            open.push([&path[..], &[command.clone().leak()]].concat());
        }
    }
    assert!(leaves >= 20, "{leaves}");
}
