//! A message of any type from random bytes, valid as the sources' annotations want it.

use std::collections::HashMap;
use std::sync::LazyLock;

use akash_types::num::{Dec, Int};
use prost_reflect::{DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor, Syntax, Value};

/// Messages nest at most so deep in what is made here.
const DEPTH: usize = 4;

/// All but those of protobuf's own descriptors, whose older syntax tells absent values from defaults.
pub static MESSAGES: LazyLock<Vec<MessageDescriptor>> = LazyLock::new(|| {
    let travels = |m: &MessageDescriptor| !m.is_map_entry() && m.parent_file().syntax() == Syntax::Proto3;
    let mut all: Vec<_> = akash_proto::descriptors().all_messages().filter(travels).collect();
    all.sort_by(|a, b| a.full_name().cmp(b.full_name()));
    all
});

/// Random bytes that are used up one by one, then zeros.
pub struct Entropy<'a>(pub &'a [u8]);

impl Entropy<'_> {
    fn byte(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or_default()
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 12] = ["", "a", "uakt", "<&>", "\"\\", "\n\t", "ü", "\u{2028}", "世界", "\0", "😀", "0"];
        (0..self.below(4)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }
}

pub fn message(descriptor: &MessageDescriptor, entropy: &mut Entropy<'_>) -> DynamicMessage {
    message_at(descriptor, entropy, DEPTH)
}

fn message_at(descriptor: &MessageDescriptor, entropy: &mut Entropy<'_>, depth: usize) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    match descriptor.full_name() {
        "google.protobuf.Timestamp" => return time(message, entropy, -62_135_596_800..=253_402_300_799),
        "google.protobuf.Duration" => return time(message, entropy, 0..=315_576_000_000),
        "google.protobuf.Any" => return any(message, entropy, depth),
        _ => {}
    }
    for field in descriptor.fields() {
        let wanted = is_never_null(&field) || (depth > 0 && entropy.byte() & 1 == 1);
        let taken = field.containing_oneof().is_some_and(|oneof| oneof.fields().any(|other| message.has_field(&other)));
        if wanted && !taken {
            let value = field_value(&field, entropy, depth.saturating_sub(1));
            message.set_field(&field, value);
        }
    }
    message
}

fn time(
    mut message: DynamicMessage,
    entropy: &mut Entropy<'_>,
    range: std::ops::RangeInclusive<i64>,
) -> DynamicMessage {
    let seconds = i64::from_le_bytes(entropy.bytes()).rem_euclid(range.end() - range.start()) + range.start();
    let nanos = i32::from_le_bytes(entropy.bytes()).rem_euclid(1_000_000_000);
    message.set_field_by_number(1, Value::I64(seconds));
    message.set_field_by_number(2, Value::I32(nanos));
    message
}

fn any(mut message: DynamicMessage, entropy: &mut Entropy<'_>, depth: usize) -> DynamicMessage {
    let index = usize::from(u16::from_le_bytes(entropy.bytes()));
    let inner = message_at(&MESSAGES[index % MESSAGES.len()], entropy, depth.saturating_sub(1));
    let name = MESSAGES[index % MESSAGES.len()].full_name();
    message.set_field_by_number(1, Value::String(format!("/{name}")));
    message.set_field_by_number(2, Value::Bytes(prost::Message::encode_to_vec(&inner).into()));
    message
}

fn field_value(field: &FieldDescriptor, entropy: &mut Entropy<'_>, depth: usize) -> Value {
    if field.is_map() {
        let Kind::Message(entry) = field.kind() else { unreachable!("a map's entries are messages") };
        let key = MapKey::String(entropy.text());
        let value = single(&entry.map_entry_value_field(), entropy, depth);
        return Value::Map(HashMap::from([(key, value)]));
    }
    if field.is_list() {
        let count = if depth == 0 { 0 } else { entropy.below(3) };
        return Value::List((0..count).map(|_| single(field, entropy, depth)).collect());
    }
    single(field, entropy, depth)
}

fn single(field: &FieldDescriptor, entropy: &mut Entropy<'_>, depth: usize) -> Value {
    let custom = custom_type(field);
    match (field.kind(), custom.as_deref()) {
        (Kind::String, Some("LegacyDec")) => {
            Value::String(Dec::from_wire(&i128::from_le_bytes(entropy.bytes()).to_string()).unwrap().to_wire())
        }
        (kind, Some("Int")) => {
            let digits = Int::from(i128::from_le_bytes(entropy.bytes())).to_string();
            if kind == Kind::Bytes { Value::Bytes(digits.into_bytes().into()) } else { Value::String(digits) }
        }
        (kind, _) => scalar(&kind, entropy, depth),
    }
}

fn scalar(kind: &Kind, entropy: &mut Entropy<'_>, depth: usize) -> Value {
    match kind {
        Kind::Bool => Value::Bool(entropy.byte() & 1 == 1),
        Kind::String => Value::String(entropy.text()),
        Kind::Bytes => Value::Bytes(entropy.bytes::<5>()[..entropy.below(6)].to_vec().into()),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(i32::from_le_bytes(entropy.bytes())),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(u32::from_le_bytes(entropy.bytes())),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(i64::from_le_bytes(entropy.bytes())),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(u64::from_le_bytes(entropy.bytes())),
        Kind::Float => Value::F32(f32::from(i16::from_le_bytes(entropy.bytes())) / 8.0),
        Kind::Double => Value::F64(f64::from(i32::from_le_bytes(entropy.bytes())) / 8.0),
        Kind::Enum(kind) => Value::EnumNumber(number_of(kind, entropy)),
        Kind::Message(inner) => Value::Message(message_at(inner, entropy, depth)),
    }
}

fn number_of(kind: &EnumDescriptor, entropy: &mut Entropy<'_>) -> i32 {
    let known = kind.values().nth(entropy.below(kind.values().len())).unwrap().number();
    if entropy.byte() < 8 { i32::from(entropy.byte()) } else { known }
}

fn option(field: &FieldDescriptor, name: &str) -> Option<Value> {
    let extension = akash_proto::descriptors().get_extension_by_name(name)?;
    let options = field.options();
    options.has_extension(&extension).then(|| options.get_extension(&extension).into_owned())
}

/// Whether the node always has a value there, so that an absent one comes back as the default.
fn is_never_null(field: &FieldDescriptor) -> bool {
    let never_null = option(field, "gogoproto.nullable").and_then(|value| value.as_bool()) == Some(false);
    // The older syntax, which one file of the marketplace uses, tells an absent text from an empty one; JSON does not.
    let is_old = field.parent_message().parent_file().syntax() == Syntax::Proto2;
    (never_null || (is_old && !matches!(field.kind(), Kind::Message(_)))) && !field.is_list() && !field.is_map()
}

fn custom_type(field: &FieldDescriptor) -> Option<String> {
    let value = option(field, "gogoproto.customtype")?;
    value.as_str()?.rsplit('.').next().map(ToOwned::to_owned)
}
