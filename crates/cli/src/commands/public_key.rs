//! Public keys as people and programs have them.

use akash_proto::cosmos::tx::v1beta1::SignerInfo;
use akash_types::address::decode_bech32;
use akash_types::json::{decode_message, encode_message_text};
use akash_types::key::{PublicKey, SignerKey};
use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::failure::{Exit, Failure};

/// Reads a key in any of its forms: hex or base64 of a secp256k1 key, the JSON of the chain, or the old bech32 text.
pub fn read(text: &str) -> Result<SignerKey> {
    let text = text.trim();
    parse(text).ok_or_else(|| {
        let failure = Failure::new(Exit::Usage, "this is no public key");
        failure.next("give 33 bytes in hex or base64, {\"@type\":...,\"key\":...} or akashpub1...").into()
    })
}

fn parse(text: &str) -> Option<SignerKey> {
    if text.starts_with('{') {
        return from_json(&serde_json::from_str(text).ok()?);
    }
    if let Ok((_, bytes)) = decode_bech32(text) {
        return SignerKey::from_amino(&bytes).ok();
    }
    let bytes = hex::decode(text).ok().or_else(|| STANDARD.decode(text).ok())?;
    PublicKey::from_bytes(&bytes).ok().map(SignerKey::Secp256k1)
}

/// The JSON of the chain, with `@type`.
pub fn from_json(value: &Value) -> Option<SignerKey> {
    let info: SignerInfo = decode_message(&json!({ "public_key": value })).ok()?;
    SignerKey::from_any(info.public_key.as_ref()?).ok()
}

/// The JSON of the chain as one text, with the members in the order in which others write them.
pub fn to_text(key: &SignerKey) -> String {
    let info = SignerInfo { public_key: Some(key.to_any()), ..SignerInfo::default() };
    let text = encode_message_text(&info);
    let whole = text.strip_prefix("{\"public_key\":").and_then(|rest| rest.split_once(",\"mode_info\""));
    whole.map_or_else(String::new, |(key, _)| key.to_owned())
}

#[cfg(test)]
mod tests {
    use akash_types::key::{MultisigKey, SecretKey};

    use super::*;

    #[test]
    fn one_key_in_all_forms() {
        let key = SecretKey::from_bytes(&[7; 32]).unwrap().public();
        let bytes = key.to_bytes();
        let wanted = SignerKey::Secp256k1(key);
        let json = to_text(&wanted);
        for text in [hex::encode(bytes), STANDARD.encode(bytes), json, wanted.to_bech32().unwrap()] {
            assert_eq!(parse(&text), Some(wanted.clone()), "{text}");
        }
        let multi = SignerKey::Multisig(MultisigKey::new(1, vec![wanted]).unwrap());
        assert_eq!(parse(&to_text(&multi)), Some(multi));
        for text in ["", "00", "{}", "akash1", "{\"@type\":\"/x\"}"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
