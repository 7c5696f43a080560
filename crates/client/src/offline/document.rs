//! Data that a wallet signed (ADR-36), as wallets hand it out: `{"signed": document, "signature": {...}}`.

use akash_types::address::Address;
use akash_types::adr36;
use akash_types::key::PublicKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Checked, OfflineError};

const KEY_TYPE: &str = "tendermint/PubKeySecp256k1";

/// Whether the JSON is meant to be signed data and no transaction.
#[must_use]
pub fn is_document(value: &Value) -> bool {
    value.get("signed").is_some() && value.get("signature").is_some()
}

/// Whether the signer of the document signed it. The document must be exactly the one of ADR-36, which can never be a
/// transaction.
///
/// # Errors
/// When the JSON has another shape.
pub fn check_document(value: &Value) -> Result<Checked, OfflineError> {
    use OfflineError::Document;
    let document = &value["signed"];
    let message = document["msgs"].get(0).ok_or(Document("it has no message"))?;
    let text = |value: &Value, what| value.as_str().map(str::to_owned).ok_or(Document(what));
    let signer = text(&message["value"]["signer"], "its message has no signer")?;
    let data = text(&message["value"]["data"], "its message has no data")?;
    let data = STANDARD.decode(data).map_err(|_| Document("its data is no base64"))?;
    let address = Address::parse(&signer).map_err(|_| Document("its signer is no account"))?;
    let whole: Value = serde_json::from_slice(&adr36::sign_bytes(&address, &data)).unwrap_or_default();
    if whole != *document {
        return Err(Document("chain, fee, memo and numbers must be empty, with one message sign/MsgSignData"));
    }

    let key = &value["signature"]["pub_key"];
    if key["type"] != KEY_TYPE {
        return Err(Document("its key is not of the type tendermint/PubKeySecp256k1"));
    }
    let bytes = |value: &Value, what| STANDARD.decode(text(value, what)?).map_err(|_| Document(what));
    let key = PublicKey::from_bytes(&bytes(&key["value"], "its key is no base64")?);
    let key = key.map_err(|_| Document("its key is no secp256k1 key"))?;
    let signature = bytes(&value["signature"]["signature"], "its signature is no base64")?;
    let fault = if key.address() == address {
        adr36::verify(&key, &data, &signature).err().map(|error| error.to_string())
    } else {
        Some(format!("the public key is that of {}", key.address()))
    };
    Ok(Checked { signer, sequence: 0, fault })
}
