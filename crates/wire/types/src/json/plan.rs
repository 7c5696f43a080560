//! What the sources say about each field, looked up once.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::options::option;

/// How a field of text or bytes is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Custom {
    /// The digits of an integer.
    Int,
    /// A decimal: value x 10^18 on the wire, with a point in JSON.
    Dec,
}

/// A field and its annotations.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) descriptor: FieldDescriptor,
    /// Whether the field's value is always there for the node, also when it is not on the wire.
    pub(super) never_null: bool,
    pub(super) custom: Option<Custom>,
}

/// The fields of a message in declaration order.
pub(super) fn fields(message: &MessageDescriptor) -> &'static [Field] {
    PLANS.get(message.full_name()).map_or(&[], Vec::as_slice)
}

static PLANS: LazyLock<HashMap<String, Vec<Field>>> = LazyLock::new(|| {
    let messages = akash_proto::descriptors().all_messages();
    messages.map(|message| (message.full_name().to_owned(), plan(&message))).collect()
});

fn plan(message: &MessageDescriptor) -> Vec<Field> {
    // The library sorts fields by number; the raw descriptor has them as declared.
    let declared = message.descriptor_proto().field.iter();
    declared.filter_map(|raw| message.get_field(raw.number().unsigned_abs())).map(annotated).collect()
}

fn annotated(descriptor: FieldDescriptor) -> Field {
    let options = descriptor.options();
    let never_null = option(&options, "gogoproto.nullable").and_then(|v| v.as_bool()) == Some(false);
    let custom = option(&options, "gogoproto.customtype").and_then(|v| custom(&descriptor.kind(), v.as_str()?));
    Field { descriptor, never_null, custom }
}

fn custom(kind: &Kind, go_type: &str) -> Option<Custom> {
    match (kind, go_type.rsplit('.').next()?) {
        (Kind::String | Kind::Bytes, "Int") => Some(Custom::Int),
        (Kind::String, "LegacyDec") => Some(Custom::Dec),
        _ => None,
    }
}
