//! Clients that others wrote, unmodified, against a started cloud.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use support::{Cloud, containers_possible, left_out};

#[test]
fn cosmjs_connects_sends_and_finds_the_transaction() {
    if !containers_possible() {
        return;
    }
    let Some(folder) = npm_client("cosmjs") else { return };
    let mut cloud = Cloud::new();
    let ready = cloud.up();
    let key: Value =
        serde_json::from_slice(&std::fs::read(ready["tenant_key_file"].as_str().unwrap()).unwrap()).unwrap();
    let mnemonic = key["mnemonic"].as_str().unwrap();

    let mut node = Command::new("node");
    let output = run(node.arg("client.mjs").arg(cloud.rpc()).arg(mnemonic).arg("12345").current_dir(folder));
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["chainId"], ready["chain_id"]);
    assert_eq!(printed["sender"], ready["tenant"]);
    println!("{printed}");
    cloud.stop();
}

/// The folder of a client with its packages installed as locked, or `None` where node or npm are missing.
fn npm_client(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    for program in ["node", "npm"] {
        if Command::new(program).arg("--version").output().is_err() {
            left_out(&format!("{program} is not installed"));
            return None;
        }
    }
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&folder));
    Some(folder)
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    output
}
