//! Recorded cases of keys, addresses, transactions, certificates and messages: ours in `fixtures/wire/`, and the
//! folders of `AKASH_VECTORS` (see `akash_testkit::vectors`).

#[path = "vectors/amino.rs"]
mod amino;
#[path = "vectors/blocks.rs"]
mod blocks;
#[path = "vectors/certificates.rs"]
mod certificates;
#[path = "vectors/fields.rs"]
mod fields;
#[path = "vectors/jwt.rs"]
mod jwt;
#[path = "vectors/keys.rs"]
mod keys;
#[path = "vectors/messages.rs"]
mod messages;
#[path = "vectors/multisig.rs"]
mod multisig;
#[path = "vectors/transactions.rs"]
mod transactions;

use akash_testkit::vectors::{self, Report, Verdict};
use serde_json::Value;

/// Folders whose files are for this crate; the others belong to other crates.
const OURS: [&str; 2] = ["cosmos", "wire"];

#[test]
fn vectors() {
    let mut report = Report::new();
    for folder in vectors::folders() {
        for file in OURS.iter().flat_map(|name| vectors::files(&folder.join(name))) {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            match file.extension().and_then(|e| e.to_str()) {
                Some("ndjson") => report.lines(&folder, &file, |case| check(&stem, case)),
                Some("json" | "tmpl") => {
                    let label = vectors::label(&folder, &file);
                    for (name, verdict) in jwt::upstream(&stem, &file) {
                        report.case(&label, &name, verdict);
                    }
                }
                _ => {} // README.md
            }
        }
    }
    report.finish();
}

/// What a file contains is said by its name.
fn check(kind: &str, case: &Value) -> Verdict {
    let result = match kind {
        "hd_keys" => keys::hd_key(case),
        "bech32" => keys::bech32(case),
        "secp256k1" => keys::signature(case),
        "certificates" => certificates::check(case),
        "tx_decode" => transactions::decoded(case),
        "sign_direct" => transactions::signed(case),
        "proto" => return messages::check(case),
        "cosmjs_upstream" => return transactions::upstream(case),
        "json_text" => messages::json_text(case),
        "sign_amino" => return amino::signed(case).unwrap_or_else(Verdict::Failed),
        "adr36" => amino::adr36(case),
        "multisig" => multisig::check(case),
        "jwt_tokens" => jwt::token(case),
        "jwt_payload" => jwt::payload(case),
        _ => return Verdict::LeftOut("unknown kind of file".to_owned()),
    };
    result.into()
}
