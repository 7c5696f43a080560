//! Fields that a message does not have, or not with this wire type, are refused, at any depth and also inside `Any`.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::any_rules::{self, ANY, AnyBudget};
use super::decode::DecodeError;
use super::wire::{self, WireType};

/// Fields with this bit in their number may be unknown in places that allow it.
const NON_CRITICAL: u32 = 1 << 10;

/// Messages nested deeper than this are refused; protobuf decoding stops there, too.
const DEPTH: usize = 100;

/// Whether unknown fields that are not critical pass.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    Refused,
    NonCriticalTolerated,
}

/// Walks all fields. The answer is whether some were tolerated.
pub(super) fn check(bytes: &[u8], message: &MessageDescriptor, rule: Unknown) -> Result<bool, DecodeError> {
    let mut walk = Walk { rule, tolerated: false, depth: DEPTH, anys: AnyBudget::default() };
    walk.message(bytes, message)?;
    Ok(walk.tolerated)
}

struct Walk {
    rule: Unknown,
    tolerated: bool,
    /// How much deeper messages may nest.
    depth: usize,
    anys: AnyBudget,
}

impl Walk {
    fn message(&mut self, mut bytes: &[u8], message: &MessageDescriptor) -> Result<(), DecodeError> {
        self.depth = self.depth.checked_sub(1).ok_or(DecodeError::Depth)?;
        while !bytes.is_empty() {
            let (number, wire_type, length) = wire::tag(bytes).map_err(|_| DecodeError::Tag)?;
            let field = message.get_field(number);
            match &field {
                Some(field) => check_wire_type(field, wire_type, message)?,
                None => self.unknown(number, wire_type, message)?,
            }

            bytes = &bytes[length..];
            let length = wire::value_length(number, wire_type, bytes).map_err(|reason| DecodeError::FieldValue {
                number,
                wire_type: wire_type.to_string(),
                reason,
            })?;
            let (value, rest) = bytes.split_at(length);
            bytes = rest;

            if let Some(field) = field
                && let Kind::Message(inner) = field.kind()
            {
                self.nested(value, &inner, &field)?;
            }
        }
        self.depth += 1;
        Ok(())
    }

    fn unknown(&mut self, number: u32, wire_type: WireType, within: &MessageDescriptor) -> Result<(), DecodeError> {
        let critical = number & NON_CRITICAL == 0;
        if critical || self.rule == Unknown::Refused {
            let (message, wire_type) = (within.full_name().to_owned(), wire_type.to_string());
            return Err(DecodeError::UnknownField { message, number, wire_type });
        }
        self.tolerated = true;
        Ok(())
    }

    /// A field that is a message; `value` still has its length prefix.
    fn nested(
        &mut self,
        value: &[u8],
        message: &MessageDescriptor,
        field: &FieldDescriptor,
    ) -> Result<(), DecodeError> {
        let (_, prefix) = wire::varint(value).map_err(|_| DecodeError::Tag)?;
        let value = &value[prefix..];
        self.message(value, message)?;
        if message.full_name() != ANY {
            return Ok(());
        }
        let (inner, value) = any_rules::open(value, field)?;
        self.anys.enter()?;
        self.message(&value, &inner)?;
        self.anys.leave();
        Ok(())
    }
}

fn check_wire_type(field: &FieldDescriptor, got: WireType, message: &MessageDescriptor) -> Result<(), DecodeError> {
    let want = wire_type(&field.kind());
    // PARITY(tx/packed): a number may be packed, whether the field is a list or not, but not one of 32 fixed bits.
    // Page: docs/parity/wire.md.
    let packable = matches!(want, WireType::Varint | WireType::Fixed64);
    if got == want || (got == WireType::Bytes && packable) {
        return Ok(());
    }
    Err(DecodeError::WireType {
        message: message.full_name().to_owned(),
        number: field.number(),
        got: got.to_string(),
        want: want.to_string(),
    })
}

fn wire_type(kind: &Kind) -> WireType {
    match kind {
        Kind::String | Kind::Bytes | Kind::Message(_) => WireType::Bytes,
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => WireType::Fixed64,
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => WireType::Fixed32,
        Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Sint32 | Kind::Sint64 => WireType::Varint,
        Kind::Bool | Kind::Enum(_) => WireType::Varint,
    }
}
