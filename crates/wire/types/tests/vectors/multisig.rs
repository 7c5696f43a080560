use std::collections::BTreeMap;

use akash_proto::cosmos::tx::v1beta1::{AuthInfo, TxBody, TxRaw};
use akash_types::address::{decode_bech32, encode_bech32};
use akash_types::key::{HdPath, MultisigKey, PublicKey, SecretKey, SignerKey};
use akash_types::tx;
use prost::Message;
use serde_json::Value;

use crate::amino::{signer, verified};
use crate::fields::{bytes, equal, number, text};
use crate::transactions::unsigned;

/// A key, its address, and a transaction that some members signed.
pub fn check(case: &Value) -> Result<(), String> {
    let key = multisig_key(case)?;
    let any_key = SignerKey::Multisig(key.clone());
    equal("amino", key.to_amino(), bytes(case, "amino_pubkey")?)?;
    equal("key from amino", SignerKey::from_amino(&key.to_amino()), Ok(any_key.clone()))?;
    equal("key in a transaction", key.to_any().value, bytes(case, "proto_pubkey_any")?)?;
    equal("key from a transaction", SignerKey::from_any(&key.to_any()), Ok(any_key.clone()))?;
    equal("address", key.address().to_string().as_str(), text(case, "address")?)?;

    let raw = bytes(case, "tx_raw")?;
    let parts = TxRaw::decode(raw.as_slice()).map_err(|e| e.to_string())?;
    let body = TxBody::decode(parts.body_bytes.as_slice()).map_err(|e| e.to_string())?;
    let auth_info = AuthInfo::decode(parts.auth_info_bytes.as_slice()).map_err(|e| e.to_string())?;
    let (unsigned, signer) = (unsigned(&body, &auth_info)?, signer(case)?);
    let sign_bytes = tx::amino_sign_bytes(&unsigned, &signer).map_err(|e| e.to_string())?;
    equal("sign bytes", String::from_utf8_lossy(&sign_bytes).as_ref(), text(case, "sign_bytes_utf8")?)?;

    let signatures = signatures(case, &sign_bytes)?;
    let again = tx::combine_multisig(&unsigned, &key, signer.sequence, &signatures).map_err(|e| e.to_string())?;
    equal("transaction", hex::encode(&again), hex::encode(&raw))?;
    equal("hash", tx::hash_text(&raw), text(case, "tx_hash")?.to_uppercase())?;
    verified(&raw, &any_key, &signer)
}

/// What each member that signed signs, by the member's place.
fn signatures(case: &Value, sign_bytes: &[u8]) -> Result<BTreeMap<usize, Vec<u8>>, String> {
    let given = case.get("signatures").ok_or("case has no signatures")?;
    let mut signatures = BTreeMap::new();
    for mnemonic in list(case, "member_mnemonics")? {
        let key = SecretKey::from_mnemonic(mnemonic, &HdPath::default()).map_err(|e| e.to_string())?;
        let address = key.address().to_string();
        let Ok(expected) = bytes(given, &address) else { continue };
        let members = list(case, "member_addresses")?;
        let place = members.iter().position(|member| **member == address).ok_or("signer is no member")?;
        let signature = key.sign(sign_bytes).to_vec();
        equal("member's signature", &signature, &expected)?;
        signatures.insert(place, signature);
    }
    Ok(signatures)
}

fn multisig_key(case: &Value) -> Result<MultisigKey, String> {
    let mut members = Vec::new();
    for member in list(case, "pubkeys_hex")? {
        let member = hex::decode(member).map_err(|e| e.to_string())?;
        members.push(SignerKey::Secp256k1(PublicKey::from_bytes(&member).map_err(|e| e.to_string())?));
    }
    let threshold = u32::try_from(number(case, "threshold")?).map_err(|e| e.to_string())?;
    MultisigKey::new(threshold, members).map_err(|e| e.to_string())
}

/// A key in the old bech32 text of another chain.
pub fn foreign_key(case: &Value) -> Result<(), String> {
    let mut members = Vec::new();
    for member in list(case, "members_amino_hex")? {
        let amino = hex::decode(member).map_err(|e| e.to_string())?;
        members.push(SignerKey::from_amino(&amino).map_err(|e| e.to_string())?);
    }
    let threshold = u32::try_from(number(case, "threshold")?).map_err(|e| e.to_string())?;
    let key = MultisigKey::new(threshold, members).map_err(|e| e.to_string())?;
    let (prefix, amino) = decode_bech32(text(case, "bech32_pubkey")?).map_err(|e| e.to_string())?;
    equal("amino", key.to_amino(), amino.clone())?;
    equal("key from amino", SignerKey::from_amino(&amino), Ok(SignerKey::Multisig(key)))?;
    let again = encode_bech32(&prefix, &amino).map_err(|e| e.to_string())?;
    equal("text", again.as_str(), text(case, "bech32_pubkey")?)
}

fn list<'a>(case: &'a Value, name: &str) -> Result<Vec<&'a str>, String> {
    let items = case.get(name).and_then(Value::as_array).ok_or_else(|| format!("case has no list {name}"))?;
    items.iter().map(|item| item.as_str().ok_or_else(|| format!("{name} has an item that is no text"))).collect()
}
