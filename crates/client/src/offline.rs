//! Transactions without a network: who must sign one, signing it, and checking its signatures.
//!
//! Signed is in `SIGN_MODE_DIRECT` alone, checked in every mode. What only a chain knows (account number, chain id,
//! whether the fee is enough) is given or left out; nothing is guessed.

use akash_proto::cosmos::tx::signing::v1beta1::SignMode;
use akash_proto::cosmos::tx::v1beta1::{AuthInfo, ModeInfo, SignerInfo, Tx, TxBody, TxRaw, mode_info};
use akash_types::address::Address;
use akash_types::json;
use akash_types::key::{SecretKey, SignerKey};
use akash_types::tx::{Decoded, SignerData, sign_bytes};
use prost::Message;
use prost_reflect::{DynamicMessage, ReflectMessage, Value};
use prost_types::Any;
use thiserror::Error;

/// Messages within messages on the way to a signer.
const MAX_DEPTH: usize = 8;
const SIGNER: &str = "cosmos.msg.v1.signer";
/// Messages without the annotation name their signer within an id: the owner, and in these the provider.
const SIGNED_BY_PROVIDER: [&str; 4] = ["MsgCreateBid", "MsgCloseBid", "MsgWithdrawLease", "MsgLeaseStartReclaim"];

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
    let before = found.len();
    follow(&message, found, MAX_DEPTH);
    if found.len() == before {
        found.extend(signer_of_id(&message));
    }
    Ok(())
}

/// The signer of the network's own messages that have no annotation.
fn signer_of_id(message: &DynamicMessage) -> Option<String> {
    let descriptor = message.descriptor();
    if !descriptor.package_name().starts_with("akash.") {
        return None;
    }
    let part = if SIGNED_BY_PROVIDER.contains(&descriptor.name()) { "provider" } else { "owner" };
    let id = message.get_field_by_name("id").or_else(|| message.get_field_by_name("bid_id"))?;
    let signer = id.as_message()?.get_field_by_name(part)?;
    signer.as_str().map(str::to_owned)
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
        let sequence = tx.auth_info.signer_infos.get(at).map_or(0, |info| info.sequence);
        let fault = match account_numbers.get(at) {
            Some(number) => fault_of(tx, at, &signer, &SignerData { chain_id, account_number: *number, sequence }),
            None => Some("its account number was not given".to_owned()),
        };
        Checked { signer, sequence, fault }
    });
    Ok(checked.collect())
}

fn fault_of(tx: &Decoded, at: usize, signer: &str, data: &SignerData<'_>) -> Option<String> {
    let Some(info) = tx.auth_info.signer_infos.get(at).filter(|_| at < tx.signatures.len()) else {
        return Some("it has not signed".to_owned());
    };
    let Some(public_key) = &info.public_key else {
        return Some("its public key is not in the transaction, only on chain".to_owned());
    };
    let key = match SignerKey::from_any(public_key) {
        Ok(key) => key,
        Err(error) => return Some(error.to_string()),
    };
    match Address::parse(signer) {
        Ok(address) if address == key.address() => {}
        Ok(_) => return Some(format!("the public key is that of {}", key.address())),
        Err(error) => return Some(format!("the signer is no account: {error}")),
    }
    tx.verify(at, &key, data).err().map(|error| format!("{error}; chain id and account number are part of it"))
}

#[cfg(test)]
mod tests {
    use akash_proto::akash::deployment::v1::DeploymentId;
    use akash_proto::akash::deployment::v1beta4::MsgCreateDeployment;
    use akash_proto::akash::market::v1::BidId;
    use akash_proto::akash::market::v1beta5::{MsgCloseBid, MsgCreateLease};
    use akash_proto::cosmos::bank::v1beta1::{Input, MsgMultiSend, MsgSend};
    use akash_proto::cosmos::tx::v1beta1::Fee;
    use akash_types::key::HdPath;
    use akash_types::tx::{decode, encode_any};

    use super::*;

    const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

    fn key() -> SecretKey {
        SecretKey::from_mnemonic(WORDS, &HdPath::default()).unwrap()
    }

    fn tx(messages: Vec<Any>) -> Tx {
        let fee = Fee { gas_limit: 1, ..Fee::default() };
        let auth_info = AuthInfo { fee: Some(fee), ..AuthInfo::default() };
        Tx { body: Some(TxBody { messages, ..TxBody::default() }), auth_info: Some(auth_info), signatures: Vec::new() }
    }

    fn send(from: &Address) -> Any {
        encode_any(&MsgSend { from_address: from.to_string(), to_address: from.to_string(), amount: Vec::new() })
    }

    #[test]
    fn signers_are_found_through_further_messages() {
        let id = DeploymentId { owner: "one".to_owned(), dseq: 7 };
        let create = encode_any(&MsgCreateDeployment { id: Some(id), ..MsgCreateDeployment::default() });
        let bid = BidId { owner: "one".to_owned(), provider: "four".to_owned(), ..BidId::default() };
        let close = encode_any(&MsgCloseBid { id: Some(bid.clone()), ..MsgCloseBid::default() });
        let lease = encode_any(&MsgCreateLease { bid_id: Some(bid) });
        let inputs = ["two", "one"].map(|address| Input { address: address.to_owned(), coins: Vec::new() });
        let multi = encode_any(&MsgMultiSend { inputs: inputs.to_vec(), outputs: Vec::new() });
        let body = TxBody { messages: vec![create, multi, lease, close], ..TxBody::default() };
        let fee = Fee { payer: "three".to_owned(), ..Fee::default() };
        let auth_info = AuthInfo { fee: Some(fee), ..AuthInfo::default() };
        assert_eq!(signers(&body, &auth_info).unwrap(), ["one", "two", "four", "three"]);

        let unknown = TxBody { messages: vec![Any { type_url: "/x.Y".to_owned(), value: Vec::new() }], ..body };
        assert_eq!(signers(&unknown, &auth_info), Err(OfflineError::UnknownMessage("/x.Y".to_owned())));
    }

    #[test]
    fn what_was_signed_is_valid_and_nothing_else_is() {
        let data = SignerData { chain_id: "akash-play-1", account_number: 7, sequence: 3 };
        let signed = sign(&tx(vec![send(&key().address())]), &key(), data).unwrap();
        let signed = decode(&signed.encode_to_vec()).unwrap();
        let fault = |chain_id, numbers: &[u64]| check_signatures(&signed, chain_id, numbers).unwrap()[0].fault.clone();
        assert_eq!(fault("akash-play-1", &[7]), None);
        assert!(fault("akash-play-1", &[8]).is_some());
        assert!(fault("akash-play-2", &[7]).is_some());
        assert!(fault("akash-play-1", &[]).unwrap().contains("account number"));
    }

    #[test]
    fn signature_of_somebody_else_is_not_valid() {
        let data = SignerData { chain_id: "c", account_number: 7, sequence: 3 };
        let signed = sign(&tx(vec![send(&key().address())]), &key(), data).unwrap();
        let mut other = decode(&signed.encode_to_vec()).unwrap();
        other.body.messages = vec![send(&SecretKey::generate().address())];
        let fault = check_signatures(&other, "c", &[7]).unwrap()[0].fault.clone();
        assert!(fault.unwrap().contains("the public key is that of"));
        let message = MsgSend { from_address: "nobody".to_owned(), ..MsgSend::default() };
        other.body.messages = vec![encode_any(&message)];
        let fault = check_signatures(&other, "c", &[7]).unwrap()[0].fault.clone();
        assert!(fault.unwrap().contains("no account"));
    }

    #[test]
    fn only_the_one_signer_can_sign() {
        let data = SignerData { chain_id: "c", account_number: 0, sequence: 0 };
        let other = SecretKey::generate();
        let error = sign(&tx(vec![send(&key().address())]), &other, data).unwrap_err();
        assert!(matches!(error, OfflineError::OtherSigner { .. }), "{error}");
        let two = tx(vec![send(&key().address()), send(&other.address())]);
        assert_eq!(sign(&two, &key(), data), Err(OfflineError::SeveralSigners(2)));
        assert_eq!(sign(&tx(Vec::new()), &key(), data), Err(OfflineError::Missing("messages")));
    }
}
