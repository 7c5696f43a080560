use akash_proto::cosmos::tx::v1beta1::{AuthInfo, TxBody};
use akash_testkit::vectors::Verdict;
use akash_types::address::{decode_bech32, encode_bech32};
use akash_types::coin::Coins;
use akash_types::key::{HdPath, PublicKey, SecretKey, SignerKey};
use akash_types::tx::{self, SignerData, Unsigned};
use prost::Message;
use serde_json::Value;

use crate::fields::{bytes, equal, number, text};

/// Sign bytes, signature, transaction and hash of SIGN_MODE_DIRECT; read back and made again from its parts.
///
/// The vectors hold messages of old versions too, which no node takes any more: these must be refused by name.
pub fn signed(case: &Value) -> Result<(), String> {
    let key = key(case)?;
    equal("signer", key.address().to_string().as_str(), text(case, "signer")?)?;
    let (body, auth_info) = (bytes(case, "body_bytes")?, bytes(case, "auth_info_bytes")?);
    let raw = bytes(case, "tx_raw")?;
    let (chain_id, account, sequence) =
        (text(case, "chain_id")?, number(case, "account_number")?, number(case, "sequence")?);

    let sign_bytes = tx::sign_bytes(&body, &auth_info, chain_id, account);
    equal("sign bytes", sign_bytes.clone(), bytes(case, "sign_bytes")?)?;
    equal("signature", key.sign(&sign_bytes).to_vec(), bytes(case, "signature")?)?;
    equal("hash", hex::encode_upper(tx::hash(&raw)), text(case, "tx_hash")?.to_uppercase())?;

    let parts = TxBody::decode(body.as_slice()).and_then(|b| Ok((b, AuthInfo::decode(auth_info.as_slice())?)));
    let (parsed_body, parsed_auth_info) = parts.map_err(|e| e.to_string())?;
    let unsigned = unsigned(&parsed_body, &parsed_auth_info)?;
    let again = tx::sign_direct(&unsigned, &key, chain_id, account, sequence);
    equal("made again", hex::encode(again), hex::encode(&raw))?;

    if let Some(unserved) = parsed_body.messages.iter().find(|message| !is_served(&message.type_url)) {
        let refusal = tx::decode(&raw).err().map(|e| e.to_string()).unwrap_or_default();
        return equal("refused by name", refusal.contains(&unserved.type_url), true);
    }
    let decoded = tx::decode(&raw).map_err(|e| e.to_string())?;
    equal("body", &decoded.body_bytes, &body)?;
    equal("auth info", &decoded.auth_info_bytes, &auth_info)?;
    let signer = SignerData { chain_id, account_number: account, sequence };
    decoded.verify(0, &SignerKey::Secp256k1(key.public()), &signer).map_err(|e| e.to_string())
}

/// Whether some service has the message as a request.
fn is_served(type_url: &str) -> bool {
    let mut services = akash_proto::descriptors().services().filter(|service| service.name() == "Msg");
    services
        .any(|service| service.methods().any(|method| type_url.strip_prefix('/') == Some(method.input().full_name())))
}

/// The parts of a transaction as they were before it was signed.
pub fn unsigned(body: &TxBody, auth_info: &AuthInfo) -> Result<Unsigned, String> {
    let fee = auth_info.fee.clone().ok_or("no fee")?;
    let address = |text: &str| match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|e| format!("{e}")),
    };
    Ok(Unsigned {
        messages: body.messages.clone(),
        memo: body.memo.clone(),
        timeout_height: body.timeout_height,
        unordered: body.unordered,
        timeout_timestamp: body.timeout_timestamp,
        fee: Coins::try_from(fee.amount.as_slice()).map_err(|e| e.to_string())?,
        gas_limit: fee.gas_limit,
        payer: address(&fee.payer)?,
        granter: address(&fee.granter)?,
    })
}

/// Bytes, and the error that decoding them gives, if any.
pub fn decoded(case: &Value) -> Result<(), String> {
    let verdict = tx::decode(&bytes(case, "tx")?).map(|_| ()).map_err(|e| e.to_string());
    equal("verdict", verdict.err().unwrap_or_default().as_str(), text(case, "error").unwrap_or_default())
}

/// Vectors that CosmJS ships; the prefixes are those of other chains.
pub fn upstream(case: &Value) -> Verdict {
    match text(case, "kind") {
        Ok("sign_direct") => foreign_signed(case).into(),
        Ok("pubkey") => foreign_key(case).into(),
        Ok("multisig_pubkey") => crate::multisig::foreign_key(case).into(),
        Ok("tx") => foreign_hash(case).into(),
        Ok("block_header") => crate::blocks::header(case).into(),
        Ok(other) => Verdict::LeftOut(format!("kind {other} is not read yet")),
        Err(e) => Verdict::Failed(e),
    }
}

fn foreign_signed(case: &Value) -> Result<(), String> {
    let key = key(case)?;
    let (prefix, _) = decode_bech32(text(case, "signer")?).map_err(|e| e.to_string())?;
    let address = encode_bech32(&prefix, key.address().as_bytes()).map_err(|e| e.to_string())?;
    equal("signer", address.as_str(), text(case, "signer")?)?;
    let sign_bytes = tx::sign_bytes(
        &bytes(case, "body")?,
        &bytes(case, "auth_info")?,
        text(case, "chain_id")?,
        number(case, "account_number")?,
    );
    equal("sign bytes", sign_bytes.clone(), bytes(case, "sign_bytes")?)?;
    equal("signature", key.sign(&sign_bytes).to_vec(), bytes(case, "signature")?)?;
    let decoded = tx::decode(&bytes(case, "tx_raw")?).map_err(|e| e.to_string())?;
    equal("body", decoded.body_bytes, bytes(case, "body")?)
}

fn foreign_key(case: &Value) -> Result<(), String> {
    let (prefix, amino) = decode_bech32(text(case, "bech32_pubkey")?).map_err(|e| e.to_string())?;
    equal("amino", amino.clone(), bytes(case, "amino")?)?;
    let key = PublicKey::from_bytes(amino.get(5..).ok_or("too short")?).map_err(|e| e.to_string())?;
    equal("amino of the key", key.to_amino(), amino)?;
    equal("address bytes", key.address().as_bytes().to_vec(), bytes(case, "address")?)?;
    let prefix = prefix.strip_suffix("pub").ok_or("no public key prefix")?;
    let address = encode_bech32(prefix, key.address().as_bytes()).map_err(|e| e.to_string())?;
    equal("address", address.as_str(), text(case, "address")?)
}

fn foreign_hash(case: &Value) -> Result<(), String> {
    let raw = hex::decode(text(case, "input")?).map_err(|e| e.to_string())?;
    equal("hash", hex::encode(tx::hash(&raw)).as_str(), text(case, "hash_hex")?)
}

/// The key of the case's mnemonic at the default path.
pub fn key(case: &Value) -> Result<SecretKey, String> {
    SecretKey::from_mnemonic(text(case, "mnemonic")?, &HdPath::default()).map_err(|e| e.to_string())
}
