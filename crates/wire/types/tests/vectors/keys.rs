use akash_types::address::{Prefix, decode_bech32, encode_bech32};
use akash_types::key::{HdPath, Mnemonic, PublicKey, SecretKey};
use serde_json::Value;

use crate::fields::{bytes, equal, flag, text};

/// Mnemonic to seed, key and addresses.
pub fn hd_key(case: &Value) -> Result<(), String> {
    let mnemonic = Mnemonic::parse(text(case, "mnemonic")?).map_err(|e| e.to_string())?;
    let passphrase = text(case, "bip39_passphrase")?;
    equal("seed", hex::encode(*mnemonic.seed(passphrase)), text(case, "seed_hex")?.to_owned())?;

    let path: HdPath = text(case, "path")?.parse().map_err(|e| format!("{e}"))?;
    equal("path", path.to_string().as_str(), text(case, "path")?)?;
    let key = mnemonic.secret_key(&path, passphrase).map_err(|e| e.to_string())?;
    equal("secret key", key.to_bytes().to_vec(), bytes(case, "privkey")?)?;
    equal("public key", key.public().to_bytes().to_vec(), bytes(case, "pubkey")?)?;

    let address = key.address();
    equal("address bytes", address.as_bytes().to_vec(), bytes(case, "address")?)?;
    equal("address", address.to_string().as_str(), text(case, "address")?)?;
    equal("operator", address.with_prefix(Prefix::ValidatorOperator).as_str(), text(case, "valoper")?)?;
    equal("consensus", address.with_prefix(Prefix::ValidatorConsensus).as_str(), text(case, "valcons")?)?;

    let amino = key.public().to_amino();
    let old_text = encode_bech32("akashpub", &amino).map_err(|e| e.to_string())?;
    equal("amino key", amino, bytes(case, "amino_pubkey")?)?;
    equal("old text of the key", old_text.as_str(), text(case, "bech32_pubkey")?)
}

/// A text and what it decodes to, if anything.
pub fn bech32(case: &Value) -> Result<(), String> {
    let input = text(case, "text")?;
    if !flag(case, "valid")? {
        return equal("accepted", decode_bech32(input).is_ok(), false);
    }
    let (prefix, data) = decode_bech32(input).map_err(|e| e.to_string())?;
    equal("prefix", prefix.as_str(), text(case, "prefix")?)?;
    let again = encode_bech32(&prefix, &data).map_err(|e| e.to_string())?;
    equal("data", data, bytes(case, "data")?)?;
    equal("text", again, input.to_lowercase())
}

/// A deterministic signature.
pub fn signature(case: &Value) -> Result<(), String> {
    let key = SecretKey::from_bytes(&bytes(case, "privkey")?).map_err(|e| e.to_string())?;
    let (message, expected) = (bytes(case, "message")?, bytes(case, "signature")?);
    equal("public key", key.public().to_bytes().to_vec(), bytes(case, "pubkey")?)?;
    equal("signature", key.sign(&message).to_vec(), expected.clone())?;
    let public = PublicKey::from_bytes(&bytes(case, "pubkey")?).map_err(|e| e.to_string())?;
    public.verify(&message, &expected).map_err(|e| e.to_string())
}
