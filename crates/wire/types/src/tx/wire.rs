//! The protobuf wire format, one field at a time, as Go's `protowire` reads it.

use std::fmt;

/// Nested groups deeper than this are refused.
const GROUP_DEPTH: usize = 100;

/// The largest field number.
const MAX_FIELD: u64 = (1 << 29) - 1;

/// How a field's value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WireType {
    Varint,
    Fixed64,
    Bytes,
    StartGroup,
    EndGroup,
    Fixed32,
    /// 6 or 7, which nothing uses.
    Reserved(u8),
}

impl WireType {
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Varint => 0,
            Self::Fixed64 => 1,
            Self::Bytes => 2,
            Self::StartGroup => 3,
            Self::EndGroup => 4,
            Self::Fixed32 => 5,
            Self::Reserved(number) => number,
        }
    }

    fn from_tag(tag: u64) -> Self {
        match tag & 7 {
            0 => Self::Varint,
            1 => Self::Fixed64,
            2 => Self::Bytes,
            3 => Self::StartGroup,
            4 => Self::EndGroup,
            5 => Self::Fixed32,
            other => Self::Reserved(other as u8),
        }
    }
}

impl fmt::Display for WireType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Varint => f.write_str("varint"),
            Self::Fixed64 => f.write_str("fixed64"),
            Self::Bytes => f.write_str("bytes"),
            Self::StartGroup => f.write_str("start_group"),
            Self::EndGroup => f.write_str("end_group"),
            Self::Fixed32 => f.write_str("fixed32"),
            Self::Reserved(number) => write!(f, "unknown type: {number}"),
        }
    }
}

/// Why bytes are no fields. The texts are Go's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("unexpected EOF")]
    Truncated,
    #[error("invalid field number")]
    FieldNumber,
    #[error("variable length integer overflow")]
    Overflow,
    #[error("cannot parse reserved wire type")]
    Reserved,
    #[error("mismatching end group marker")]
    EndGroup,
    #[error("recursion depth exceeded")]
    Depth,
}

/// A number and how many bytes it took.
pub(super) fn varint(bytes: &[u8]) -> Result<(u64, usize), WireError> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        if at == 9 && *byte > 1 {
            return Err(WireError::Overflow);
        }
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok((value, at + 1));
        }
    }
    Err(if bytes.len() < 10 { WireError::Truncated } else { WireError::Overflow })
}

/// Field number, wire type, and how many bytes they took.
pub(super) fn tag(bytes: &[u8]) -> Result<(u32, WireType, usize), WireError> {
    let (tag, length) = varint(bytes)?;
    let number = tag >> 3;
    if number == 0 || number > MAX_FIELD {
        return Err(WireError::FieldNumber);
    }
    Ok((number as u32, WireType::from_tag(tag), length))
}

/// How many bytes a field's value takes, its length prefix included.
pub(super) fn value_length(number: u32, wire_type: WireType, bytes: &[u8]) -> Result<usize, WireError> {
    value_length_at(number, wire_type, bytes, GROUP_DEPTH)
}

fn value_length_at(number: u32, wire_type: WireType, bytes: &[u8], depth: usize) -> Result<usize, WireError> {
    let fixed = |length: usize| if bytes.len() < length { Err(WireError::Truncated) } else { Ok(length) };
    match wire_type {
        WireType::Varint => varint(bytes).map(|(_, length)| length),
        WireType::Fixed32 => fixed(4),
        WireType::Fixed64 => fixed(8),
        WireType::Bytes => {
            let (length, prefix) = varint(bytes)?;
            let rest = (bytes.len() - prefix) as u64;
            if length > rest { Err(WireError::Truncated) } else { Ok(prefix + length as usize) }
        }
        WireType::StartGroup => group_length(number, bytes, depth),
        WireType::EndGroup => Err(WireError::EndGroup),
        WireType::Reserved(_) => Err(WireError::Reserved),
    }
}

fn group_length(number: u32, bytes: &[u8], depth: usize) -> Result<usize, WireError> {
    let depth = depth.checked_sub(1).ok_or(WireError::Depth)?;
    let mut at = 0;
    loop {
        let (inner, wire_type, length) = tag(&bytes[at..])?;
        at += length;
        if wire_type == WireType::EndGroup {
            return if inner == number { Ok(at) } else { Err(WireError::EndGroup) };
        }
        at += value_length_at(inner, wire_type, &bytes[at..], depth)?;
    }
}
