//! Transactions without a network: who must sign one, signing it, and checking its signatures.
//!
//! `SIGN_MODE_DIRECT` alone. What only a chain knows (account number, chain id, whether the fee is enough) is given or
//! left out; nothing is guessed.

use akash_proto::cosmos::tx::signing::v1beta1::SignMode;
use akash_proto::cosmos::tx::v1beta1::{AuthInfo, ModeInfo, SignerInfo, Tx, TxBody, TxRaw, mode_info};
use akash_types::address::Address;
use akash_types::json;
use akash_types::key::{PublicKey, SecretKey};
use akash_types::tx::{Decoded, sign_bytes};
use prost::Message;
use prost_reflect::{DynamicMessage, ReflectMessage, Value};
use prost_types::Any;
use thiserror::Error;

/// Messages within messages on the way to a signer.
const MAX_DEPTH: usize = 8;
const SIGNER: &str = "cosmos.msg.v1.signer";

/// What a chain knows of a signer.
#[derive(Debug, Clone, Copy)]
pub struct SignerData<'a> {
    pub chain_id: &'a str,
    pub account_number: u64,
    pub sequence: u64,
}

/// Why a transaction cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OfflineError {
    #[error("the transaction has no {0}")]
    Missing(&'static str),
    #[error("{0} is not a message of this network")]
    UnknownMessage(String),
    #[error("{0} does not say who signs it")]
    NoSigner(String),
    #[error("{found} does not sign this transaction, {wanted} does")]
    OtherSigner { found: String, wanted: String },
    #[error("the transaction has {0} signers; only one is supported")]
    SeveralSigners(usize),
}

/// Who must sign, in the order of the signatures: the signers of the messages, then whoever pays the fee.
///
/// # Errors
/// When a message is unknown, or names no signer.
pub fn signers(body: &TxBody, auth_info: &AuthInfo) -> Result<Vec<String>, OfflineError> {
    let mut found = Vec::new();
    for message in &body.messages {
        let before = found.len();
        message_signers(message, &mut found)?;
        if found[before..].iter().all(String::is_empty) {
            return Err(OfflineError::NoSigner(message.type_url.clone()));
        }
    }
    found.extend(auth_info.fee.iter().map(|fee| fee.payer.clone()).filter(|payer| !payer.is_empty()));
    let mut unique: Vec<String> = Vec::new();
    for signer in found {
        if !unique.contains(&signer) {
            unique.push(signer);
        }
    }
    Ok(unique)
}

fn message_signers(message: &Any, found: &mut Vec<String>) -> Result<(), OfflineError> {
    let unknown = || OfflineError::UnknownMessage(message.type_url.clone());
    let name = message.type_url.strip_prefix('/').ok_or_else(unknown)?;
    let descriptor = json::descriptor(name).ok_or_else(unknown)?;
    let message = DynamicMessage::decode(descriptor, message.value.as_slice()).map_err(|_| unknown())?;
    follow(&message, found, MAX_DEPTH);
    Ok(())
}

/// The fields that the option of the message's type names, through further messages down to texts.
fn follow(message: &DynamicMessage, found: &mut Vec<String>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let descriptor = message.descriptor();
    let Some(option) = descriptor.parent_pool().get_extension_by_name(SIGNER) else { return };
    let options = descriptor.options();
    let names = options.get_extension(&option);
    for name in names.as_list().into_iter().flatten().filter_map(Value::as_str) {
        if let Some(value) = message.get_field_by_name(name) {
            follow_value(&value, found, depth);
        }
    }
}

fn follow_value(value: &Value, found: &mut Vec<String>, depth: usize) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Message(message) => follow(message, found, depth),
        Value::List(values) => values.iter().for_each(|value| follow_value(value, found, depth)),
        _ => {}
    }
}

/// The transaction with the signature of its one signer, in place of any that it had.
///
/// # Errors
/// When it has no body or fee, or another signer.
pub fn sign(tx: &Tx, key: &SecretKey, signer: SignerData<'_>) -> Result<TxRaw, OfflineError> {
    let body = tx.body.as_ref().filter(|body| !body.messages.is_empty()).ok_or(OfflineError::Missing("messages"))?;
    let auth_info = tx.auth_info.as_ref().ok_or(OfflineError::Missing("fee"))?;
    auth_info.fee.as_ref().ok_or(OfflineError::Missing("fee"))?;
    let wanted = signers(body, auth_info)?;
    match wanted.as_slice() {
        [only] if *only == key.address().to_string() => {}
        [only] => {
            return Err(OfflineError::OtherSigner { found: key.address().to_string(), wanted: only.clone() });
        }
        several => return Err(OfflineError::SeveralSigners(several.len())),
    }

    let single = mode_info::Single { mode: SignMode::Direct.into() };
    let info = SignerInfo {
        public_key: Some(key.public().to_any()),
        mode_info: Some(ModeInfo { sum: Some(mode_info::Sum::Single(single)) }),
        sequence: signer.sequence,
    };
    let auth_info = AuthInfo { signer_infos: vec![info], ..auth_info.clone() };
    let (body_bytes, auth_info_bytes) = (body.encode_to_vec(), auth_info.encode_to_vec());
    let signature = key.sign(&sign_bytes(&body_bytes, &auth_info_bytes, signer.chain_id, signer.account_number));
    Ok(TxRaw { body_bytes, auth_info_bytes, signatures: vec![signature.to_vec()] })
}

/// One signature and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Who must sign.
    pub signer: String,
    pub sequence: u64,
    /// Why it is not valid.
    pub fault: Option<String>,
}

/// Checks the signatures of a transaction; `account_numbers` stand in the order of its signers.
///
/// # Errors
/// When a message is unknown or names no signer.
pub fn check_signatures(tx: &Decoded, chain_id: &str, account_numbers: &[u64]) -> Result<Vec<Checked>, OfflineError> {
    let wanted = signers(&tx.body, &tx.auth_info)?;
    let checked = wanted.into_iter().enumerate().map(|(at, signer)| {
        let info = tx.auth_info.signer_infos.get(at);
        let fault = match (info, tx.signatures.get(at), account_numbers.get(at)) {
            (Some(info), Some(signature), Some(number)) => {
                let signed = sign_bytes(&tx.body_bytes, &tx.auth_info_bytes, chain_id, *number);
                fault_of(&signer, info, &signed, signature)
            }
            (_, _, None) => Some("its account number was not given".to_owned()),
            _ => Some("it has not signed".to_owned()),
        };
        Checked { signer, sequence: info.map_or(0, |info| info.sequence), fault }
    });
    Ok(checked.collect())
}

fn fault_of(signer: &str, info: &SignerInfo, signed: &[u8], signature: &[u8]) -> Option<String> {
    let Some(public_key) = &info.public_key else {
        return Some("its public key is not in the transaction, only on chain".to_owned());
    };
    let key = match PublicKey::from_any(public_key) {
        Ok(key) => key,
        Err(error) => return Some(error.to_string()),
    };
    let is_direct = match info.mode_info.as_ref().and_then(|info| info.sum.as_ref()) {
        Some(mode_info::Sum::Single(single)) => single.mode == i32::from(SignMode::Direct),
        _ => false,
    };
    if Address::parse(signer).is_ok_and(|address| address != key.address()) {
        return Some(format!("the public key is that of {}", key.address()));
    }
    if !is_direct {
        return Some("it is not in SIGN_MODE_DIRECT, the only mode that is checked here".to_owned());
    }
    let verdict = key.verify(signed, signature);
    verdict.err().map(|_| "the signature does not fit transaction, chain id and account number".to_owned())
}
