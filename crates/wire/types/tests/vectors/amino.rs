use akash_proto::cosmos::tx::v1beta1::{AuthInfo, TxBody};
use akash_testkit::vectors::Verdict;
use akash_types::adr36;
use akash_types::key::SignerKey;
use akash_types::tx::{self, SignerData};
use prost::Message;
use serde_json::Value;

use crate::fields::{bytes, equal, number, text};
use crate::transactions::{key, unsigned};

/// Sign bytes, signature, transaction and hash of SIGN_MODE_LEGACY_AMINO_JSON; made from parts, read and verified.
pub fn signed(case: &Value) -> Result<Verdict, String> {
    let key = key(case)?;
    equal("signer", key.address().to_string().as_str(), text(case, "signer")?)?;
    let body = TxBody::decode(bytes(case, "body_bytes")?.as_slice()).map_err(|e| e.to_string())?;
    let auth_info = AuthInfo::decode(bytes(case, "auth_info_bytes")?.as_slice()).map_err(|e| e.to_string())?;
    let signer = signer(case)?;

    let unsigned = unsigned(&body, &auth_info)?;
    let sign_bytes = tx::amino_sign_bytes(&unsigned, &signer).map_err(|e| e.to_string())?;
    let theirs = text(case, "sign_bytes_utf8")?;
    if lacks_kept_members(&sign_bytes, theirs) {
        equal("signature of the client's text", key.sign(theirs.as_bytes()).to_vec(), bytes(case, "signature")?)?;
        let raw = bytes(case, "tx_raw")?;
        equal("hash", tx::hash_text(&raw), text(case, "tx_hash")?.to_uppercase())?;
        let decoded = tx::decode(&raw).map_err(|e| e.to_string())?;
        let verdict = decoded.verify(0, &SignerKey::Secp256k1(key.public()), &signer);
        equal("accepted, though another text was signed", verdict.is_ok(), false)?;
        let reason = "the client did not know a member that the sources always keep in the text";
        return Ok(Verdict::LeftOut(reason.to_owned()));
    }
    equal("sign bytes", String::from_utf8_lossy(&sign_bytes).as_ref(), theirs)?;
    equal("signature", key.sign(&sign_bytes).to_vec(), bytes(case, "signature")?)?;
    let raw = tx::sign_amino(&unsigned, &key, &signer).map_err(|e| e.to_string())?;
    equal("transaction", hex::encode(&raw), hex::encode(bytes(case, "tx_raw")?))?;
    equal("hash", tx::hash_text(&raw), text(case, "tx_hash")?.to_uppercase())?;

    verified(&raw, &SignerKey::Secp256k1(key.public()), &signer)?;
    Ok(Verdict::Passed)
}

/// Whether the two texts say the same, but ours has members without a value that theirs lacks.
fn lacks_kept_members(ours: &[u8], theirs: &str) -> bool {
    let read = |text: &[u8]| serde_json::from_slice::<Value>(text).unwrap_or_default();
    let (ours, theirs) = (read(ours), read(theirs.as_bytes()));
    ours != theirs && without_kept_members(ours, &theirs) == theirs
}

fn without_kept_members(ours: Value, theirs: &Value) -> Value {
    let kept = |value: &Value| matches!(value, Value::Bool(false)) || *value == "" || *value == "0";
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let known = ours.into_iter().filter(|(name, value)| theirs.contains_key(name) || !kept(value));
            let trimmed = known.map(|(name, value)| {
                let other = theirs.get(&name).unwrap_or(&Value::Null);
                let value = without_kept_members(value, other);
                (name, value)
            });
            Value::Object(trimmed.collect())
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            let pairs = ours.into_iter().zip(theirs);
            Value::Array(pairs.map(|(ours, theirs)| without_kept_members(ours, theirs)).collect())
        }
        (ours, _) => ours,
    }
}

/// Data signed with an account's key.
pub fn adr36(case: &Value) -> Result<(), String> {
    let key = key(case)?;
    let (data, signature) = (text(case, "data_utf8")?.as_bytes(), bytes(case, "signature")?);
    let sign_bytes = adr36::sign_bytes(&key.address(), data);
    equal("sign bytes", String::from_utf8_lossy(&sign_bytes).as_ref(), text(case, "sign_bytes_utf8")?)?;
    equal("signature", adr36::sign(&key, data).to_vec(), signature.clone())?;
    adr36::verify(&key.public(), data, &signature).map_err(|e| e.to_string())
}

/// Reads the transaction as a node does and verifies its signature; with another sequence it must fail.
pub fn verified(raw: &[u8], key: &SignerKey, signer: &SignerData<'_>) -> Result<(), String> {
    let decoded = tx::decode(raw).map_err(|e| e.to_string())?;
    decoded.verify(0, key, signer).map_err(|e| e.to_string())?;
    let other = SignerData { sequence: signer.sequence + 1, ..*signer };
    equal("verified with another sequence", decoded.verify(0, key, &other).is_ok(), false)
}

pub fn signer(case: &Value) -> Result<SignerData<'_>, String> {
    Ok(SignerData {
        chain_id: text(case, "chain_id")?,
        account_number: number(case, "account_number")?,
        sequence: number(case, "sequence")?,
    })
}
