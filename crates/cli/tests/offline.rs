//! The commands that need no network, as a person or a script runs them: what they print, where, and their exit codes.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::{akash, sample};
use tempfile::TempDir;

const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const ADDRESS: &str = "akash19rl4cm2hmr8afy4kldpxz3fka4jguq0a3mq6x0";

/// What a command left behind.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    /// Standard output of a command that must have worked.
    fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out.trim_end().to_owned()
    }

    fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// Standard error of a command that must have failed with this code.
    fn failed(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self.err
    }
}

/// A home without a cloud.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Ran {
        self.run_with(words, "")
    }

    /// Runs with `input` on standard input.
    fn run_with(&self, words: &[&str], input: &str) -> Ran {
        let mut command = akash();
        command.args(words).env_remove("AKASH_KEYRING_BACKEND").env("AKASH_HOME", self.0.path());
        ran(&mut command, input)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }
}

fn ran(command: &mut Command, input: &str) -> Ran {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that reads nothing has closed its end already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn path_text(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn sdl_is_checked_and_shown_in_every_form() {
    let home = Home::new();
    let file = path_text(&sample());
    assert!(home.run(&["sdl", "validate", &file]).ok().contains("is valid: 1 group, 1 service"));
    let hash = home.run(&["sdl", "hash", &file]).ok();
    let verdict = home.run(&["sdl", "validate", &file, "-o", "json"]).json();
    assert_eq!((&verdict["valid"], &verdict["hash"]), (&json!(true), &json!(hash)));

    let manifest = home.run(&["sdl", "manifest", &file]).ok();
    let sdl = akash_sdl::read(fs::read(sample()).unwrap()).unwrap();
    assert_eq!(manifest, sdl.manifest().canonical_json());
    let input = fs::read_to_string(sample()).unwrap();
    assert_eq!(home.run_with(&["sdl", "manifest", "-", "-o", "json"], &input).ok(), manifest);
    let groups = home.run(&["sdl", "groups", &file, "-o", "json"]).json();
    let price = &groups[0]["resources"][0]["price"];
    assert_eq!(price, &json!({"denom": "uact", "amount": "1000.000000000000000000"}));
    assert!(home.run(&["sdl", "groups", &file, "-o", "yaml"]).ok().starts_with("- name: "));
}

#[test]
fn every_fault_of_an_sdl_is_shown() {
    let home = Home::new();
    let text = fs::read_to_string(sample()).unwrap();
    let bad = text.replace("count: 1", "count: many").replace("size: 32Mi", "size: 32Xi");
    let bad = home.file("bad.yaml", bad);
    let shown = home.run(&["sdl", "validate", &bad]).failed(2);
    assert!(shown.matches("error: ").count() >= 2 && shown.contains('^'), "{shown}");
    let ran = home.run(&["sdl", "validate", &bad, "-o", "json"]);
    let value: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &value["valid"]), (2, &json!(false)));
    assert!(value["errors"].as_array().unwrap().len() >= 2, "{value}");

    let odd = home.file("odd.yaml", text.replace("hello:1\n", "hello:1\n    odd: 1\n"));
    let ran = home.run(&["sdl", "validate", &odd]);
    assert!(ran.err.starts_with("warning: ") && ran.err.contains("\"odd\" is ignored"), "{}", ran.err);
    ran.ok();
}

#[test]
fn key_lives_from_words_to_removal() {
    let home = Home::new();
    assert!(home.run(&["keys", "list"]).err.contains("akash keys add"));
    let made = home.run_with(&["keys", "add", "alice", "--recover", "-o", "json"], WORDS).json();
    assert_eq!((&made["address"], made.get("mnemonic")), (&json!(ADDRESS), None));
    assert_eq!(home.run(&["keys", "show", "alice", "-a"]).ok(), ADDRESS);
    assert_eq!(home.run(&["keys", "show", ADDRESS, "-o", "json"]).json(), made);
    let key: Value = serde_json::from_str(made["pubkey"].as_str().unwrap()).unwrap();
    assert_eq!(key["@type"], "/cosmos.crypto.secp256k1.PubKey");

    let new = home.run(&["keys", "add", "bob", "-o", "json"]).json();
    let words = new["mnemonic"].as_str().unwrap();
    assert_eq!(words.split(' ').count(), 24);
    let again = home.run_with(&["keys", "add", "again", "--recover", "--dry-run", "-o", "json"], words).json();
    assert_eq!(again["address"], new["address"]);
    let second = home.run_with(&["keys", "add", "second", "--recover", "--index", "1", "-o", "json"], WORDS).json();
    assert_eq!(second["address"], "akash1jrkmdcwgq94uaamx6zax2luewlhf7u4k3rtk0c");

    assert!(home.run(&["keys", "add", "alice"]).failed(7).contains("the name is taken"));
    home.run(&["keys", "rename", "alice", "carol"]).ok();
    assert!(home.run(&["keys", "delete", "carol"]).failed(2).contains("--yes"));
    home.run(&["keys", "delete", "carol", "--yes"]).ok();
    assert!(home.run(&["keys", "show", "carol"]).failed(2).contains("akash keys list"));
    let names = home.run(&["keys", "list", "-o", "json"]).json();
    assert_eq!(names.as_array().unwrap().iter().map(|key| &key["name"]).collect::<Vec<_>>(), ["bob", "second"]);
}

#[test]
fn words_are_taken_from_standard_input_alone() {
    let home = Home::new();
    assert!(home.run(&["keys", "add", "x", "--recover"]).failed(2).contains("words of the key is missing"));
    let shown = home.run_with(&["keys", "add", "x", "--recover"], "abandon abandon").failed(2);
    assert!(!shown.contains("abandon"), "{shown}");
    home.run(&["keys", "add", "x", "--mnemonic", WORDS]).failed(2);
    assert_eq!(home.run(&["keys", "mnemonic"]).ok().split(' ').count(), 24);
}

#[test]
fn sealed_key_is_exported_and_imported_under_passphrases() {
    let home = Home::new();
    let file = ["--keyring-backend", "file"];
    let sealed = |words: &[&str], input: &str| home.run_with(&[words, &file].concat(), input);
    let made = sealed(&["keys", "add", "alice", "--recover"], &format!("{WORDS}\nring-secret\n"));
    assert!(made.ok().contains(ADDRESS));
    let kept = fs::read_to_string(home.path("keyring-file/alice.json")).unwrap();
    assert!(!kept.contains("abandon"), "{kept}");
    assert_eq!(sealed(&["keys", "show", "alice", "-a"], "").ok(), ADDRESS);
    assert!(sealed(&["keys", "add", "bob"], "other-secret\n").failed(7).contains("not that of the key alice"));
    assert!(sealed(&["keys", "export", "alice"], "wrong-secret\n").failed(7).contains("passphrase is wrong"));
    assert!(sealed(&["keys", "export", "alice"], "ring-secret\nshort\n").failed(2).contains("longer"));

    let armor = sealed(&["keys", "export", "alice"], "ring-secret\nexport-secret\n").ok();
    let exported = home.file("alice.asc", &armor);
    assert!(home.run_with(&["keys", "import", "a", &exported], "export-secret\n").ok().contains(ADDRESS));
    assert!(home.run_with(&["keys", "import", "b", "-"], &format!("{armor}\nexport-secret\n")).ok().contains(ADDRESS));
    assert!(home.run_with(&["keys", "import", "c", &exported], "wrong-secret\n").failed(2).contains("passphrase"));
    home.run(&["keys", "export", "a", "--unarmored-hex"]).failed(2);
    let bare = home.run(&["keys", "export", "a", "--unarmored-hex", "--unsafe"]).ok();
    assert!(home.run_with(&["keys", "import", "d", "--hex"], &bare).ok().contains(ADDRESS));
}

#[test]
fn other_backends_say_what_they_are() {
    let home = Home::new();
    assert!(home.run(&["keys", "add", "x", "--keyring-backend", "os"]).failed(3).contains("file"));
    assert!(home.run(&["keys", "add", "x", "--keyring-backend", "memory"]).ok().contains("akash1"));
    assert!(!home.path("keys").exists() && !home.path("keyring-file").exists());
}

#[test]
fn addresses_are_translated() {
    let home = Home::new();
    let parsed = home.run(&["keys", "parse", ADDRESS, "-o", "json"]).json();
    assert_eq!(parsed["human"], "akash");
    let formats = home.run(&["keys", "parse", parsed["bytes"].as_str().unwrap()]).ok();
    assert_eq!(formats.lines().next().unwrap(), ADDRESS);
    home.run(&["keys", "parse", "akash1wrong"]).failed(2);
}

/// A payment that is not signed yet, as other programs write it.
fn unsigned() -> Value {
    json!({
        "body": {
            "messages": [{
                "@type": "/cosmos.bank.v1beta1.MsgSend", "from_address": ADDRESS, "to_address": ADDRESS,
                "amount": [{"denom": "uakt", "amount": "5"}],
            }],
            "memo": "hello", "timeout_height": "0", "extension_options": [], "non_critical_extension_options": [],
        },
        "auth_info": {
            "signer_infos": [],
            "fee": {"amount": [{"denom": "uakt", "amount": "5000"}], "gas_limit": "200000", "payer": "", "granter": ""},
            "tip": null,
        },
        "signatures": [],
    })
}

const NETWORK: [&str; 6] = ["--chain-id", "akash-play-1", "--account-number", "7", "--sequence", "3"];

#[test]
fn transaction_is_signed_checked_and_carried_between_forms() {
    let home = Home::new();
    home.run_with(&["keys", "add", "alice", "--recover"], WORDS).ok();
    let file = home.file("tx.json", unsigned().to_string());
    let signed = home.run(&[&["tx", "sign", &file, "--from", "alice"], &NETWORK[..]].concat()).ok();
    let value: Value = serde_json::from_str(&signed).unwrap();
    assert_eq!(value["body"]["memo"], "hello");
    assert_eq!(value["auth_info"]["signer_infos"][0]["sequence"], "3");
    // Nothing has to be kept for it: the words may come by standard input.
    let memory = ["tx", "sign", &file, "--from", "me", "--keyring-backend", "memory"];
    assert_eq!(home.run_with(&[&memory, &NETWORK[..]].concat(), WORDS).ok(), signed);

    let base64 = home.run_with(&["tx", "encode", "-"], &signed).ok();
    let hex = home.run_with(&["tx", "encode", "-", "--hex"], &signed).ok();
    for form in [&base64, &hex, &home.file("tx.b64", &base64), &home.file("tx.bin", hex::decode(&hex).unwrap())] {
        assert_eq!(home.run(&["tx", "decode", form]).ok(), signed, "{form}");
        let check = [&["tx", "validate-signatures", form], &NETWORK[..]].concat();
        assert_eq!(home.run(&check).ok(), format!("{ADDRESS}: valid"));
    }
    let direct = akash_types::tx::decode(&hex::decode(&hex).unwrap()).unwrap();
    assert_eq!(direct.signatures[0].len(), 64);
}

#[test]
fn signatures_that_do_not_fit_are_named() {
    let home = Home::new();
    home.run_with(&["keys", "add", "alice", "--recover"], WORDS).ok();
    home.run(&["keys", "add", "bob"]).ok();
    let file = home.file("tx.json", unsigned().to_string());
    let other = home.run(&[&["tx", "sign", &file, "--from", "bob"], &NETWORK[..]].concat()).failed(2);
    assert!(other.contains(ADDRESS), "{other}");

    let signed = home.run(&[&["tx", "sign", &file, "--from", "alice"], &NETWORK[..]].concat()).ok();
    let signed = home.file("signed.json", signed);
    for (number, sequence) in [("8", "3"), ("7", "4")] {
        let flags = ["--chain-id", "akash-play-1", "-a", number, "-s", sequence, "-o", "json"];
        let ran = home.run(&[&["tx", "validate-signatures", &signed], &flags[..]].concat());
        assert_eq!(serde_json::from_str::<Value>(&ran.out).unwrap()[0]["valid"], false);
        assert!(ran.failed(5).contains("1 of 1"));
    }
    assert!(home.run(&["tx", "decode", "hello!"]).failed(2).contains("neither JSON"));
    assert!(home.run(&["tx", "decode", "0801"]).failed(2).contains("expected 2 wire type"));
}

#[test]
fn certificate_is_made_once() {
    let home = Home::new();
    assert!(home.run(&["cert", "generate"]).failed(2).contains("akash keys add"));
    home.run_with(&["keys", "add", "alice", "--recover"], WORDS).ok();
    let make =
        |more: &[&str]| home.run(&[&["cert", "generate", "--from", "alice", "-o", "json"], more].concat()).json();
    let first = make(&[]);
    assert_eq!(first["owner"], ADDRESS);
    assert!(Path::new(first["file"].as_str().unwrap()).exists());
    assert_eq!(make(&[])["serial"], first["serial"]);
    assert_ne!(make(&["--overwrite"])["serial"], first["serial"]);
    assert_eq!(home.run(&["keys", "list", "-o", "json"]).json().as_array().unwrap().len(), 1);
}

#[test]
fn program_tells_of_itself() {
    let home = Home::new();
    assert_eq!(home.run(&["version"]).ok(), env!("CARGO_PKG_VERSION"));
    assert_eq!(home.run(&["version", "-o", "json"]).json()["name"], "akash");
    for shell in ["bash", "zsh", "fish"] {
        let script = home.run(&["completions", shell]).ok();
        assert!(script.contains("validate-signatures"), "{shell}");
    }
}
