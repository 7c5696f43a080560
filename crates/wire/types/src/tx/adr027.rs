//! ADR-027: the one way in which a `TxRaw` may be encoded, so that nobody can change a transaction's hash.

use super::decode::DecodeError;
use super::wire::{self, WireType};

pub(super) fn check(mut bytes: &[u8]) -> Result<(), DecodeError> {
    let mut last = 0;
    while !bytes.is_empty() {
        let (number, wire_type, length) = wire::tag(bytes).map_err(DecodeError::Length)?;
        if wire_type != WireType::Bytes {
            return Err(DecodeError::RawWireType(wire_type.number()));
        }
        if number < last {
            return Err(DecodeError::RawOrder { number, last });
        }
        last = number;

        bytes = &bytes[length..];
        let (value, read) = wire::varint(bytes).map_err(DecodeError::Length)?;
        let need = shortest(value);
        if read != need {
            return Err(DecodeError::LongPrefix { number, read, need });
        }
        let length = wire::value_length(number, wire_type, bytes).map_err(DecodeError::Length)?;
        bytes = &bytes[length..];
    }
    Ok(())
}

/// The fewest bytes in which a number can be written.
fn shortest(value: u64) -> usize {
    let bits = 64 - value.leading_zeros() as usize;
    bits.div_ceil(7).max(1)
}
