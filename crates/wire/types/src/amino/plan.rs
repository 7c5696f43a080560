//! What the sources say about amino JSON, looked up once.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost_reflect::{FieldDescriptor, MessageDescriptor};

use crate::options::{option, text_option};

/// How a message is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Members,
    /// The member `key` alone, for public keys.
    KeyField,
    /// A multisig key: its members, and the threshold as text.
    Threshold,
    /// A form that no signed message has.
    Other,
}

/// How a field's value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Plain,
    /// An empty list is `[]`, not `null`.
    Coins,
    /// The digits of an integer.
    Int,
    /// A decimal, value x 10^18 on the wire.
    Dec,
    /// An encoding that no field of ours has.
    Other,
}

/// The oneof that a field belongs to.
#[derive(Clone, Debug)]
pub(super) struct Oneof {
    pub(super) name: String,
    pub(super) type_name: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) descriptor: FieldDescriptor,
    pub(super) name: String,
    /// Whether it is written when it is empty.
    pub(super) keep_empty: bool,
    pub(super) encoding: Encoding,
    pub(super) oneof: Option<Oneof>,
}

#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The name inside an `Any`, if it is not the type URL.
    pub(super) name: Option<String>,
    pub(super) form: Form,
    /// Sorted by name.
    pub(super) fields: Vec<Field>,
}

/// The plan of a message of our sources.
pub(super) fn of(message: &MessageDescriptor) -> Option<&'static Plan> {
    PLANS.get(message.full_name())
}

static PLANS: LazyLock<HashMap<String, Plan>> = LazyLock::new(|| {
    let messages = akash_proto::descriptors().all_messages();
    messages.map(|message| (message.full_name().to_owned(), plan(&message))).collect()
});

fn plan(message: &MessageDescriptor) -> Plan {
    let options = message.options();
    let form = match text_option(&options, "amino.message_encoding").as_deref() {
        None => Form::Members,
        Some("key_field") => Form::KeyField,
        Some("threshold_string") => Form::Threshold,
        Some(_) => Form::Other,
    };
    let mut fields: Vec<_> = message.fields().map(field).collect();
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    Plan { name: text_option(&options, "amino.name"), form, fields }
}

fn field(descriptor: FieldDescriptor) -> Field {
    let options = descriptor.options();
    let name = text_option(&options, "amino.field_name").unwrap_or_else(|| descriptor.name().to_owned());
    let keep_empty = option(&options, "amino.dont_omitempty").and_then(|v| v.as_bool()) == Some(true);
    let oneof = descriptor
        .containing_oneof()
        .map(|oneof| Oneof { name: camel(oneof.name()), type_name: text_option(&options, "amino.oneof_name") });
    let encoding = encoding(
        text_option(&options, "amino.encoding").as_deref(),
        text_option(&options, "cosmos_proto.scalar").as_deref(),
    );
    Field { descriptor, name, keep_empty, encoding, oneof }
}

fn encoding(encoding: Option<&str>, scalar: Option<&str>) -> Encoding {
    match (encoding, scalar) {
        (Some("legacy_coins"), _) => Encoding::Coins,
        (Some(_), _) => Encoding::Other,
        (None, Some("cosmos.Int")) => Encoding::Int,
        (None, Some("cosmos.Dec")) => Encoding::Dec,
        (None, _) => Encoding::Plain,
    }
}

/// `allow_list` as `AllowList`.
fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut letters = word.chars();
        out.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}
