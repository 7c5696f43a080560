//! `akash tx`.

use akash_testkit::vectors::{Report, Verdict, files, folders};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::home::{ADDRESS, Home, WORDS};

/// A payment that is not signed yet, as other programs write it.
pub fn unsigned() -> Value {
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
fn transaction_is_signed_as_a_wallet_does() {
    let home = Home::new();
    home.run_with(&["keys", "add", "alice", "--recover"], WORDS).ok();
    let file = home.file("tx.json", unsigned().to_string());
    let sign = |more: &[&str]| home.run(&[&["tx", "sign", &file, "--from", "alice"], &NETWORK[..], more].concat());
    let signed = sign(&["--sign-mode", "amino-json"]).ok();
    let value: Value = serde_json::from_str(&signed).unwrap();
    let mode = &value["auth_info"]["signer_infos"][0]["mode_info"]["single"]["mode"];
    assert_eq!(mode, "SIGN_MODE_LEGACY_AMINO_JSON");
    let check = [&["tx", "validate-signatures", "-"], &NETWORK[..]].concat();
    assert_eq!(home.run_with(&check, &signed).ok(), format!("{ADDRESS}: valid"));
    let part: Value = serde_json::from_str(&sign(&["--sign-mode", "amino-json", "--signature-only"]).ok()).unwrap();
    let single = &part["signatures"][0]["data"]["single"];
    assert_eq!(
        (&single["mode"], &single["signature"]),
        (&json!("SIGN_MODE_LEGACY_AMINO_JSON"), &value["signatures"][0])
    );
    // The result may go to a file; nothing is on standard output then.
    let out = home.path("signed.json").display().to_string();
    assert_eq!(sign(&["--sign-mode", "amino-json", "--output-document", &out]).ok(), "");
    assert_eq!(home.run(&["tx", "decode", &out]).ok(), signed);
}

#[test]
fn multisig_transactions_are_those_of_the_other_client() {
    let mut report = Report::new();
    for folder in folders() {
        for file in files(&folder).iter().filter(|file| file.ends_with("multisig.ndjson")) {
            report.lines(&folder, file, |case| check_multisig(case).into());
        }
    }
    report.finish();
}

/// Members sign apart, each in a key ring of its own; joined it is the other client's transaction, byte for byte.
fn check_multisig(case: &Value) -> Result<(), String> {
    let text = |name: &str| case[name].as_str().unwrap().to_owned();
    let texts = |name: &str| case[name].as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned());
    let chain = [text("chain_id"), case["account_number"].to_string(), case["sequence"].to_string()];
    let network = ["--chain-id", &chain[0], "--account-number", &chain[1], "--sequence", &chain[2]];
    let file = |home: &Home| home.file("unsigned.json", unsigned_case(case).to_string());

    let (team, address) = (Home::new(), text("address"));
    let keys: Vec<String> = texts("pubkeys_hex").collect();
    let threshold = case["threshold"].to_string();
    let add = ["keys", "add", "team", "--nosort", "--multisig", &keys.join(","), "--multisig-threshold", &threshold];
    if !team.run(&add).ok().contains(&address) {
        return Err(format!("the account is not {address}"));
    }
    let mut join = vec!["tx".to_owned(), "multisign".to_owned(), file(&team), "team".to_owned()];
    for ((member, words), wanted) in
        texts("member_addresses").zip(texts("member_mnemonics")).filter_map(|(member, words)| {
            let wanted = case["signatures"][&member].as_str()?.to_owned();
            Some(((member, words), wanted))
        })
    {
        let home = Home::new();
        home.run_with(&["keys", "add", "me", "--recover"], &words).ok();
        let unsigned = file(&home);
        let sign = [&["tx", "sign", &unsigned, "--from", "me", "--multisig", &address], &network[..]].concat();
        let part = home.run(&sign).json();
        let signature = &part["signatures"][0]["data"]["single"]["signature"];
        if *signature != wanted {
            return Err(format!("signature of {member}: got {signature}, expected {wanted}"));
        }
        join.push(team.file(&member, part.to_string()));
    }
    let join: Vec<&str> = join.iter().map(String::as_str).chain(network).collect();
    let signed = team.run(&join).ok();
    let encoded = team.run_with(&["tx", "encode", "-"], &signed).ok();
    if encoded != text("tx_raw") {
        return Err(format!("got {encoded}, expected {}", text("tx_raw")));
    }
    let verdict = team.run(&[&["tx", "validate-signatures", &encoded], &network[..]].concat()).ok();
    if verdict == format!("{address}: valid") { Ok(()) } else { Err(verdict) }
}

/// The transaction of a case as it was before anybody signed.
fn unsigned_case(case: &Value) -> Value {
    let home = Home::new();
    let mut tx = home.run(&["tx", "decode", case["tx_raw"].as_str().unwrap()]).json();
    tx["auth_info"]["signer_infos"] = json!([]);
    tx["signatures"] = json!([]);
    tx
}

#[test]
fn multisig_that_cannot_be_joined_says_why() {
    let home = Home::new();
    for (name, index) in [("alice", "0"), ("bob", "1"), ("carol", "2")] {
        home.run_with(&["keys", "add", name, "--recover", "--index", index], WORDS).ok();
    }
    home.run(&["keys", "add", "team", "--multisig", "alice,bob", "--multisig-threshold", "2"]).ok();
    let team = home.address("team");
    let file = home.file("tx.json", unsigned().to_string().replace(ADDRESS, &team));
    let sign = |from: &str, more: &[&str]| {
        home.run(&[&["tx", "sign", &file, "--from", from, "--multisig", "team"], &NETWORK[..], more].concat())
    };
    let alice = home.file("alice.json", sign("alice", &[]).ok());
    let bob = home.file("bob.json", sign("bob", &[]).ok());
    assert!(sign("carol", &[]).failed(2).contains("not one of the members"));
    assert!(sign("alice", &["--sign-mode", "direct"]).failed(2).contains("amino-json"));
    assert!(
        home.run(&[&["tx", "sign", &file, "--from", "alice"], &NETWORK[..]].concat()).failed(2).contains("--multisig")
    );
    assert!(
        home.run(&[&["tx", "sign", &file, "--from", "team"], &NETWORK[..]].concat()).failed(7).contains("--multisig")
    );

    let join =
        |name: &str, parts: &[&str]| home.run(&[&["tx", "multisign", &file, name], parts, &NETWORK[..]].concat());
    join("team", &[&bob, &alice]).ok();
    for alias in ["multi-sign", "multisig"] {
        home.run(&[&["tx", alias, &file, "team", &alice, &bob], &NETWORK[..]].concat()).ok();
    }
    assert!(join("team", &[&alice]).failed(2).contains("not enough signatures"));
    assert!(join("team", &[&alice, &alice]).failed(2).contains("twice"));
    assert!(join("alice", &[&alice]).failed(2).contains("no multisig key"));
    assert!(join("team", &[&file]).failed(2).contains("holds no signature"));
    let late =
        [&["tx", "multisign", &file, "team", &alice, &bob], &["--chain-id", "x", "-a", "7", "-s", "4"][..]].concat();
    assert!(home.run(&late).failed(2).contains("sequence must be those"));
}

#[test]
fn signed_data_of_a_wallet_is_checked() {
    let mut report = Report::new();
    let home = Home::new();
    for folder in folders() {
        for file in files(&folder).iter().filter(|file| file.ends_with("adr36.ndjson")) {
            report.lines(&folder, file, |case| {
                let key = STANDARD.encode(hex::decode(case["pubkey_hex"].as_str().unwrap()).unwrap());
                let signed: Value = serde_json::from_str(case["sign_bytes_utf8"].as_str().unwrap()).unwrap();
                let pub_key = json!({"type": "tendermint/PubKeySecp256k1", "value": key});
                let given =
                    json!({"signed": signed, "signature": {"pub_key": pub_key, "signature": case["signature"]}});
                let verdict = home.run_with(&["tx", "validate-signatures", "-"], &given.to_string());
                Verdict::equal("verdict", &verdict.out, &format!("{}: valid\n", case["signer"].as_str().unwrap()))
            });
        }
    }
    report.finish();
    home.run_with(&["tx", "validate-signatures", "-"], r#"{"signed": {}, "signature": {}}"#).failed(2);
    let file = home.file("tx.json", unsigned().to_string());
    assert!(home.run(&["tx", "validate-signatures", &file]).failed(2).contains("--chain-id"));
}
