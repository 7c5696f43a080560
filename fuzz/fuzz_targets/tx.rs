//! Transactions: strict decoding, sign bytes of all modes, verification, JSON.

#![no_main]

use akash_fuzz::{choice, sized};
use akash_proto::cosmos::tx::signing::v1beta1::SignMode;
use akash_proto::cosmos::tx::v1beta1::{AuthInfo, Tx, TxBody, TxRaw};
use akash_types::key::SignerKey;
use akash_types::tx::{self, Decoded, SignerData};
use akash_types::{amino, json};
use libfuzzer_sys::fuzz_target;
use prost::Message;

const SIGNER: SignerData<'_> = SignerData { chain_id: "fuzz-1", account_number: 3, sequence: 9 };

fuzz_target!(|data: &[u8]| {
    match choice(data, 3) {
        Some((0, rest)) => whole(rest),
        Some((1, rest)) => parts(rest),
        Some((_, rest)) => any(rest),
        None => {}
    }
});

/// The bytes of a transaction.
fn whole(bytes: &[u8]) {
    let Ok(decoded) = tx::decode(bytes) else { return };
    assert_eq!(decoded.hash, tx::hash(bytes));
    let raw = TxRaw {
        body_bytes: decoded.body_bytes.clone(),
        auth_info_bytes: decoded.auth_info_bytes.clone(),
        signatures: decoded.signatures.clone(),
    };
    assert_eq!(raw.encode_to_vec(), bytes, "ADR-027 allows one encoding");
    assert_eq!(tx::decode(bytes).as_ref(), Ok(&decoded));
    examine(&decoded);
}

/// Body and the rest apart, without the strict rules: what stands behind them must hold on its own.
fn parts(data: &[u8]) {
    let Some((body_bytes, rest)) = sized(data) else { return };
    let Some((auth_info_bytes, signature)) = sized(rest) else { return };
    let (Ok(body), Ok(auth_info)) = (TxBody::decode(body_bytes), AuthInfo::decode(auth_info_bytes)) else { return };
    examine(&Decoded {
        hash: [0; 32],
        body_bytes: body_bytes.to_vec(),
        auth_info_bytes: auth_info_bytes.to_vec(),
        signatures: vec![signature.to_vec()],
        body,
        auth_info,
        has_unknown_fields: false,
    });
}

fn examine(decoded: &Decoded) {
    let direct = decoded.sign_bytes(SignMode::Direct, &SIGNER).expect("always possible");
    assert!(direct.len() <= decoded.body_bytes.len() + decoded.auth_info_bytes.len() + 64);
    if let Ok(text) = decoded.sign_bytes(SignMode::LegacyAminoJson, &SIGNER) {
        let value: serde_json::Value = serde_json::from_slice(&text).expect("sign bytes are JSON");
        assert_eq!(value["chain_id"], SIGNER.chain_id);
        assert_eq!(decoded.sign_bytes(SignMode::LegacyAminoJson, &SIGNER), Ok(text));
    }
    let keys = decoded.auth_info.signer_infos.iter().filter_map(|info| info.public_key.as_ref());
    for (index, key) in keys.enumerate().take(4) {
        let Ok(key) = SignerKey::from_any(key) else { continue };
        let verdict = decoded.verify(index, &key, &SIGNER);
        assert_eq!(decoded.verify(index, &key, &SIGNER), verdict);
    }
    let whole = Tx {
        body: Some(decoded.body.clone()),
        auth_info: Some(decoded.auth_info.clone()),
        signatures: decoded.signatures.clone(),
    };
    let text = json::encode_message_text(&whole);
    assert!(text.starts_with('{') && text.ends_with('}'));
}

/// One message with its type.
fn any(bytes: &[u8]) {
    let Ok(any) = prost_types::Any::decode(bytes) else { return };
    let text = amino::encode_any_text(&any);
    assert_eq!(amino::encode_any_text(&any), text);
    if let Ok(text) = text {
        let value: serde_json::Value = serde_json::from_str(&text).expect("amino JSON is JSON");
        assert!(value["type"].is_string());
    }
    let shown = json::encode_message_text(&any);
    assert!(shown.starts_with("{\"@type\":"), "{shown}");
}
