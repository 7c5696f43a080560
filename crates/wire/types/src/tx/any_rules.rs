//! Which types may stand in which `Any`, and how many of them.
//!
//! The protobuf sources name an interface per `Any` field (`cosmos_proto.accepts_interface`) and per message
//! (`implements_interface`). The transaction's own fields and the messages of `Msg` services lack these
//! annotations and are added here.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};
use prost_types::Any;

use super::decode::DecodeError;

pub(super) const ANY: &str = "google.protobuf.Any";

const MESSAGE: &str = "cosmos.base.v1beta1.Msg";
const PUBLIC_KEY: &str = "cosmos.crypto.PubKey";

const PUBLIC_KEYS: [&str; 4] = [
    "cosmos.crypto.secp256k1.PubKey",
    "cosmos.crypto.ed25519.PubKey",
    "cosmos.crypto.secp256r1.PubKey",
    "cosmos.crypto.multisig.LegacyAminoPubKey",
];

/// Levels of `Any` within `Any`.
const MAX_DEPTH: usize = 10;

/// `Any` values inside one of the outermost level, itself included.
const MAX_CALLS: usize = 100;

/// Counts the `Any` values on the way down.
#[derive(Default)]
pub(super) struct AnyBudget {
    depth: usize,
    calls: usize,
}

impl AnyBudget {
    pub(super) fn enter(&mut self) -> Result<(), DecodeError> {
        if self.depth == 0 {
            self.calls = 0;
        }
        if self.depth == MAX_DEPTH {
            return Err(DecodeError::AnyDepth);
        }
        if self.calls == MAX_CALLS {
            return Err(DecodeError::AnyCalls);
        }
        self.depth += 1;
        self.calls += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }
}

/// The type and the value of an encoded `Any` in `field`, whose interface the type must implement.
pub(super) fn open(any: &[u8], field: &FieldDescriptor) -> Result<(MessageDescriptor, Vec<u8>), DecodeError> {
    let any = Any::decode(any).map_err(DecodeError::Protobuf)?;
    let unresolved = || DecodeError::UnknownType(shortened(&any.type_url));
    let name = any.type_url.strip_prefix('/').ok_or_else(unresolved)?;
    let message = akash_proto::descriptors().get_message_by_name(name).ok_or_else(unresolved)?;

    let interfaces = &*INTERFACES;
    if let Some(interface) = interfaces.accepted.get(field.full_name())
        && !interfaces.implements(name, interface)
    {
        let (type_url, interface) = (any.type_url.clone(), go_name(interface));
        return Err(DecodeError::WrongType { type_url, interface });
    }
    Ok((message, any.value))
}

/// At most 256 characters of a text that goes into a message.
fn shortened(text: &str) -> String {
    text.chars().take(256).collect()
}

struct Interfaces {
    /// The interface of each `Any` field, by the field's full name.
    accepted: HashMap<String, String>,
    /// Pairs of message and interface.
    implemented: HashSet<(String, String)>,
}

impl Interfaces {
    fn implements(&self, message: &str, interface: &str) -> bool {
        self.implemented.contains(&(message.to_owned(), interface.to_owned()))
    }
}

static INTERFACES: LazyLock<Interfaces> = LazyLock::new(|| {
    let pool = akash_proto::descriptors();
    let fields = pool.all_messages().flat_map(|message| message.fields().collect::<Vec<_>>());
    let accepted = fields.filter_map(|field| Some((field.full_name().to_owned(), accepted_interface(&field)?)));

    let mut implemented: HashSet<_> = PUBLIC_KEYS.map(|key| (key.to_owned(), PUBLIC_KEY.to_owned())).into();
    for message in pool.all_messages() {
        for interface in texts(&message.options(), "cosmos_proto.implements_interface") {
            implemented.insert((message.full_name().to_owned(), interface));
        }
    }
    for service in pool.services().filter(|service| service.name() == "Msg") {
        implemented.extend(service.methods().map(|m| (m.input().full_name().to_owned(), MESSAGE.to_owned())));
    }
    Interfaces { accepted: accepted.collect(), implemented }
});

fn accepted_interface(field: &FieldDescriptor) -> Option<String> {
    let Kind::Message(kind) = field.kind() else { return None };
    if kind.full_name() != ANY {
        return None;
    }
    match field.full_name() {
        "cosmos.tx.v1beta1.TxBody.messages" => Some(MESSAGE.to_owned()),
        "cosmos.tx.v1beta1.SignerInfo.public_key" => Some(PUBLIC_KEY.to_owned()),
        "cosmos.crypto.multisig.LegacyAminoPubKey.public_keys" => Some(PUBLIC_KEY.to_owned()),
        _ => texts(&field.options(), "cosmos_proto.accepts_interface").pop(),
    }
}

/// The texts of an extension option, which may be a list.
fn texts(options: &DynamicMessage, extension: &str) -> Vec<String> {
    let Some(extension) = akash_proto::descriptors().get_extension_by_name(extension) else { return Vec::new() };
    if !options.has_extension(&extension) {
        return Vec::new();
    }
    match options.get_extension(&extension).into_owned() {
        Value::String(text) => vec![text],
        Value::List(items) => items.iter().filter_map(|item| item.as_str().map(ToOwned::to_owned)).collect(),
        _ => Vec::new(),
    }
}

/// The reference implementation's name of an interface, which its error text contains.
fn go_name(interface: &str) -> String {
    let (package, name) = interface.rsplit_once('.').unwrap_or(("", interface));
    match package {
        "cosmos.authz.v1beta1" => format!("*authz.{name}"),
        "cosmos.feegrant.v1beta1" => format!("*feegrant.{name}"),
        "cosmos.gov.v1beta1" => format!("*v1beta1.{name}"),
        _ => format!("*types.{name}"),
    }
}
