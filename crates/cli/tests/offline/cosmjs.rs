//! What CosmJS signs is valid here, and what is signed here is what CosmJS signs, byte for byte.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::home::{Home, WORDS};
use crate::support::left_out;

const SECOND: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const NETWORK: [&str; 6] = ["--chain-id", "akash-play-1", "--account-number", "7", "--sequence", "3"];

#[test]
fn cosmjs_and_this_program_sign_the_same() {
    let Some(theirs) = signed_by_cosmjs() else { return };
    let text = |name: &str| theirs[name].as_str().unwrap().to_owned();
    let home = Home::new();
    home.run_with(&["keys", "add", "one", "--recover"], WORDS).ok();
    home.run_with(&["keys", "add", "two", "--recover"], SECOND).ok();
    home.run(&["keys", "add", "team", "--multisig", "one,two", "--multisig-threshold", "2", "--nosort"]).ok();
    assert_eq!((home.address("one"), home.address("team")), (text("address"), text("team")));

    for (name, signer) in [("direct", "address"), ("amino", "address"), ("multisig", "team")] {
        let signed = text(name);
        let check = [&["tx", "validate-signatures", &signed], &NETWORK[..]].concat();
        assert_eq!(home.run(&check).ok(), format!("{}: valid", text(signer)), "{name}");
    }
    let signed = theirs["signed"].to_string();
    assert_eq!(home.run_with(&["tx", "validate-signatures", "-"], &signed).ok(), format!("{}: valid", text("address")));
    let changed = signed.replace("akash1", "akash1x");
    home.run_with(&["tx", "validate-signatures", "-"], &changed).failed(2);

    let ours = |name: &str, more: &[&str]| {
        let file = unsigned(&home, &text(name));
        home.run(&[&["tx", "sign", &file], more, &NETWORK[..]].concat()).ok()
    };
    let encoded = |signed: &str| home.run_with(&["tx", "encode", "-"], signed).ok();
    assert_eq!(encoded(&ours("direct", &["--from", "one"])), text("direct"));
    assert_eq!(encoded(&ours("amino", &["--from", "one", "--sign-mode", "amino-json"])), text("amino"));
    let parts = ["one", "two"].map(|from| home.file(from, ours("multisig", &["--from", from, "--multisig", "team"])));
    let file = unsigned(&home, &text("multisig"));
    let joined = [&["tx", "multisign", &file, "team", &parts[0], &parts[1]], &NETWORK[..]].concat();
    assert_eq!(encoded(&home.run(&joined).ok()), text("multisig"));
}

/// A file with the transaction as it was before anybody signed.
fn unsigned(home: &Home, signed: &str) -> String {
    let mut tx = home.run(&["tx", "decode", signed]).json();
    tx["auth_info"]["signer_infos"] = json!([]);
    tx["signatures"] = json!([]);
    home.file("unsigned.json", tx.to_string())
}

/// What the script prints, or nothing where node or npm are missing.
fn signed_by_cosmjs() -> Option<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/offline/cosmjs");
    for program in ["node", "npm"] {
        if Command::new(program).arg("--version").output().is_err() {
            left_out(&format!("{program} is not installed"));
            return None;
        }
    }
    if !folder.join("node_modules/@cosmjs/stargate").is_dir() {
        run(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&folder));
    }
    let mut node = Command::new("node");
    let output = run(node.args(["sign.mjs", "akash-play-1", "7", "3", WORDS, SECOND]).current_dir(folder));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
