//! Writes the first corpus: `seeds FOLDER`. Made from `fixtures/` and the folders of `AKASH_VECTORS`, nothing of which
//! is kept in the repository twice.

use std::path::{Path, PathBuf};
use std::{env, fs};

use akash_fuzz::{join, message_index};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

fn main() {
    let folder = PathBuf::from(env::args_os().nth(1).expect("usage: seeds FOLDER"));
    let corpus = Corpus(folder);
    corpus.own();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let named = env::var_os("AKASH_VECTORS").unwrap_or_default();
    for folder in std::iter::once(root).chain(env::split_paths(&named).filter(|path| path.is_dir())) {
        corpus.files(&folder);
    }
}

struct Corpus(PathBuf);

impl Corpus {
    fn add(&self, target: &str, choice: u8, input: &[u8]) {
        self.write(target, &[&[choice], input].concat());
    }

    fn write(&self, target: &str, input: &[u8]) {
        let folder = self.0.join(target);
        fs::create_dir_all(&folder).expect("the corpus can be written");
        fs::write(folder.join(hex::encode(Sha256::digest(input))), input).expect("the corpus can be written");
    }

    /// Texts that no vector has.
    fn own(&self) {
        let address = "akash19rl4cm2hmr8afy4kldpxz3fka4jguq0a3mq6x0";
        let lease = format!("{address}/7/1/1/{address}");
        let texts = [
            (0, address.to_owned()),
            (2, format!("{address}/7")),
            (3, format!("{address}/7/1")),
            (4, format!("{address}/7/1/1")),
            (5, format!("{lease}/2")),
            (6, lease),
            (7, "1.5".to_owned()),
            (7, "-3.000000000000000001 0.25".to_owned()),
            (8, "-170141183460469231731687303715884105728".to_owned()),
            (9, "5uakt".to_owned()),
            (10, "1uact,2uakt".to_owned()),
            (11, "0.025uakt".to_owned()),
            (12, "0.5uact,1.25uakt".to_owned()),
            (13, "m/44'/118'/0'/0/0".to_owned()),
            (15, "123456789012345678901234567890".to_owned()),
            (16, "2026-11-25T01:02:03.123456789+01:00".to_owned()),
        ];
        for (kind, text) in texts {
            self.add("text", kind, text.as_bytes());
        }
        self.node();
        self.add("comet", 0, &[[9].as_slice(), &[7; 1000]].concat());
        self.add("comet", 1, &[3; 60]);
    }

    /// What reaches a node beside transactions, and files of keys.
    fn node(&self) {
        for query in [
            "tm.event='NewBlock'",
            "tm.event = 'Tx' AND transfer.amount CONTAINS 'uakt' AND tx.height >= 5\n7",
            "a.b EXISTS AND a.b < 5.5 AND t = TIME 2020-01-01T00:00:00Z AND d > DATE 2020-01-01\n2021-01-01",
        ] {
            self.add("rpc", 1, query.as_bytes());
        }
        self.add("rpc", 2, br#"height="5"&prove=true&tx=0x00ff&hash="ab"&query="tm.event%3D'Tx'""#);
        let params = r#"{"height":"5","prove":true,"tx":"AAE=","hash":"00ff","evidence":{"a":[1]}}"#;
        self.add("rpc", 0, format!(r#"{{"jsonrpc":"2.0","id":1,"method":"block","params":{params}}}"#).as_bytes());
        self.add("rpc", 0, br#"{"jsonrpc":"2.0","id":"x","method":"status","params":["5",true]}"#);
        self.routes();
        for kind in 0..11 {
            self.add("consensus", kind, &[1; 150]);
            self.add("consensus", kind, &[0; 120]);
        }
        let params = r#""consensus":{"params":{},"validators":[]}"#;
        let genesis = r#"{"chain_id":"fuzz-1","genesis_time":"2026-01-01T00:00:00Z","initial_height":"1""#;
        self.add("documents", 0, format!("{genesis},{params},\"app_state\":{{}}}}").as_bytes());
        self.add("documents", 1, b"[rpc]\nlisten = \"127.0.0.1:26657\"\n[consensus]\ntimeout_commit = \"5s\"\n");
        self.add("documents", 2, br#"{"height":5,"format":1,"chunks":["00","01"],"tip_chunks":1,"stores":[]}"#);
        let armor = "-----BEGIN TENDERMINT PRIVATE KEY-----\nkdf: argon2\nsalt: 00\ntype: secp256k1\n\nAAAA\n=AAAA\n";
        self.add("keyring", 0, format!("{armor}-----END TENDERMINT PRIVATE KEY-----\n").as_bytes());
        self.add("keyring", 1, br#"{"name":"one","address":"akash1x","public_key":"AA==","secret":"00"}"#);
    }

    /// Every route of the descriptors, as it is written there.
    fn routes(&self) {
        let pool = akash_proto::descriptors();
        let Some(extension) = pool.get_extension_by_name("google.api.http") else { return };
        for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
            let options = method.options();
            let rule = options.get_extension(&extension);
            let Some(rule) = rule.as_message() else { continue };
            for (verb, kind) in [("get", 0), ("post", 1)] {
                let path = rule.get_field_by_name(verb).and_then(|path| path.as_str().map(ToOwned::to_owned));
                if let Some(path) = path.filter(|path| !path.is_empty()) {
                    self.add("rest", kind, format!("{path}?pagination.limit=5\n{{}}").as_bytes());
                }
            }
        }
    }

    fn files(&self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => self.files(&path),
                Some("yaml") => self.write("sdl", &fs::read(&path).expect("listed")),
                Some("json") => self.sdl_case(&path),
                Some("ndjson") => self.lines(&path),
                _ => {}
            }
        }
    }

    /// What an SDL becomes.
    fn sdl_case(&self, path: &Path) {
        let Ok(case) = serde_json::from_slice::<Value>(&fs::read(path).expect("listed")) else { return };
        let Some(manifest) = case["manifest_sorted_json"].as_str() else { return };
        let groups = case["group_specs_pb"].as_array().into_iter().flatten();
        let mut message = Vec::new();
        for group in groups.filter_map(|group| STANDARD.decode(group.as_str()?).ok()) {
            message.push(0x12); // field 2 of MsgCreateDeployment
            prost::encoding::encode_varint(group.len() as u64, &mut message);
            message.extend(group);
        }
        self.write("manifest", &join(&message, manifest.as_bytes()));
    }

    fn lines(&self, path: &Path) {
        let kind = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        for line in fs::read_to_string(path).expect("listed").lines() {
            if let Ok(case) = serde_json::from_str::<Value>(line) {
                self.case(&kind, &case);
            }
        }
    }

    fn case(&self, kind: &str, case: &Value) {
        let text = |name: &str| case[name].as_str().unwrap_or_default().as_bytes();
        let bytes = |name: &str| {
            let value = case[name].as_str().unwrap_or_default();
            hex::decode(value).ok().or_else(|| STANDARD.decode(value).ok()).unwrap_or_default()
        };
        match kind {
            "hd_keys" => {
                self.add("text", 14, text("mnemonic"));
                self.add("keys", 5, &bytes("privkey_hex"));
                self.add("keys", 2, &bytes("pubkey_hex"));
            }
            "bech32" => self.add("text", 1, text("text")),
            "secp256k1" => {
                let parts = ["pubkey_hex", "signature_hex", "message_hex"].map(bytes);
                self.add("keys", 3, &parts.concat());
            }
            "certificates" => {
                self.add("cert", 1, &join(text("cert"), text("pubkey")));
                if let Ok(der) = akash_types::cert::parse_pem(text("cert"), akash_types::cert::CERTIFICATE) {
                    self.add("cert", 0, &der);
                }
            }
            "sign_direct" | "sign_amino" | "tx_decode" | "multisig" => self.transaction(case),
            "proto" => self.message(case),
            "adr36" => self.add("messages", 3, text("data_utf8")),
            "jwt_tokens" => {
                self.add("jwt", 0, text("token"));
                self.add("jwt", 1, text("payload"));
            }
            "jwt_payload" => {
                let payload = case["payload"].to_string();
                self.add("jwt", 1, payload.as_bytes());
                self.add("jwt", 2, payload.as_bytes());
            }
            "manifest_cross" => self.write("manifest", &join(&[], case["manifest"].to_string().as_bytes())),
            _ => {}
        }
    }

    fn transaction(&self, case: &Value) {
        let bytes = |name: &str| {
            let text = case[name].as_str()?;
            hex::decode(text).ok().or_else(|| STANDARD.decode(text).ok())
        };
        for raw in ["tx_raw", "tx_hex"].iter().filter_map(|name| bytes(name)) {
            self.add("tx", 0, &raw);
        }
        if let Some(key) = bytes("amino_pubkey_hex") {
            self.add("keys", 1, &key);
            let key = akash_types::key::SignerKey::from_amino(&key).map(|key| key.to_any());
            self.add("keys", 0, &key.map(|key| prost::Message::encode_to_vec(&key)).unwrap_or_default());
        }
        if let (Some(body), Some(auth)) = (bytes("body_bytes"), bytes("auth_info_bytes")) {
            let signature = bytes("signature").unwrap_or_default();
            self.add("tx", 1, &join(&body, &join(&auth, &signature)));
        }
    }

    fn message(&self, case: &Value) {
        let name = case["type"].as_str().unwrap_or_default();
        let (Some(index), Some(bytes)) = (message_index(name), case["bytes"].as_str()) else { return };
        let Ok(bytes) = STANDARD.decode(bytes) else { return };
        self.add("messages", 0, &[&index, bytes.as_slice()].concat());
        self.add("messages", 1, &[&index, case["json"].to_string().as_bytes()].concat());
        if name.contains(".Msg") {
            let any = prost_types::Any { type_url: format!("/{name}"), value: bytes };
            self.add("tx", 2, &prost::Message::encode_to_vec(&any));
        }
    }
}
