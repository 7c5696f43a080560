//! Who must sign a transaction.

use akash_proto::cosmos::tx::v1beta1::{AuthInfo, TxBody};
use akash_types::json;
use prost_reflect::{DynamicMessage, MessageDescriptor, ReflectMessage, Value};
use prost_types::Any;

use super::OfflineError;

/// Messages within messages on the way to a signer.
const MAX_DEPTH: usize = 8;
const SIGNER: &str = "cosmos.msg.v1.signer";
/// Messages without the annotation name their signer within an id: the owner, and in these the provider.
const SIGNED_BY_PROVIDER: [&str; 4] = ["MsgCreateBid", "MsgCloseBid", "MsgWithdrawLease", "MsgLeaseStartReclaim"];

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

/// The fields that lead from a message to the one address that signs it.
#[must_use]
pub fn signer_path(message: &MessageDescriptor) -> Option<Vec<String>> {
    let option = message.parent_pool().get_extension_by_name(SIGNER)?;
    let named =
        message.options().get_extension(&option).as_list()?.first().and_then(|name| name.as_str()?.to_owned().into());
    if named.is_some() || !message.package_name().starts_with("akash.") {
        return named.map(|name| vec![name]);
    }
    let id = ["id", "bid_id"].into_iter().find(|name| message.get_field_by_name(name).is_some())?;
    let part = if SIGNED_BY_PROVIDER.contains(&message.name()) { "provider" } else { "owner" };
    Some(vec![id.to_owned(), part.to_owned()])
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
