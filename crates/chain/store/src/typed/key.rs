//! Keys as bytes in the order of their values.

/// Bytes that are not what we store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    #[error("key ends early")]
    Short,
    #[error("key has {0} bytes too many")]
    Trailing(usize),
    #[error("key is malformed: {0}")]
    Malformed(&'static str),
    #[error("value has version {0:?}, expected {expected}", expected = super::map::VERSION)]
    Version(Option<u8>),
    #[error("value is no message: {0}")]
    Message(String),
}

/// A value that can be a key, or a part of one.
///
/// Encodings keep the order of the values, and no encoding is a prefix of another one of the same type, so that parts
/// can be joined and a scan under the first parts of a tuple finds exactly what begins with them.
pub trait Key: Sized {
    fn encode(&self, out: &mut Vec<u8>);

    /// Takes one key off the front of `input`.
    fn read(input: &mut &[u8]) -> Result<Self, CodecError>;

    /// Reads a key that fills `bytes` exactly.
    fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut rest = bytes;
        let key = Self::read(&mut rest)?;
        if rest.is_empty() { Ok(key) } else { Err(CodecError::Trailing(rest.len())) }
    }
}

/// Most keys with their prefix have no more bytes: a lease has 62.
pub(super) const USUAL_BYTES: usize = 64;

/// The bytes of a key.
#[must_use]
pub fn key_bytes<K: Key>(key: &K) -> Vec<u8> {
    let mut out = Vec::with_capacity(USUAL_BYTES);
    key.encode(&mut out);
    out
}

/// A whole key of any type as bytes. It must be the last part of its key, for it has no end of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RawKey(pub Vec<u8>);

impl Key for RawKey {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
        Ok(Self(std::mem::take(input).to_vec()))
    }
}

/// Takes `count` bytes off the front.
pub(super) fn take<'a>(input: &mut &'a [u8], count: usize) -> Result<&'a [u8], CodecError> {
    let (taken, rest) = input.split_at_checked(count).ok_or(CodecError::Short)?;
    *input = rest;
    Ok(taken)
}

macro_rules! big_endian {
    ($($number:ty),*) => {$(
        impl Key for $number {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
                let bytes = take(input, size_of::<Self>())?;
                bytes.try_into().map(Self::from_be_bytes).map_err(|_| CodecError::Short)
            }
        }
    )*};
}
big_endian!(u8, u16, u32, u64);

/// The sign bit is flipped, so that negative numbers come first.
impl Key for i64 {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.cast_unsigned() ^ (1 << 63)).encode(out);
    }

    fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
        Ok((u64::read(input)? ^ (1 << 63)).cast_signed())
    }
}

impl Key for bool {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
        match u8::read(input)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(CodecError::Malformed("a bool is 0 or 1")),
        }
    }
}

impl<const N: usize> Key for [u8; N] {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
        take(input, N)?.try_into().map_err(|_| CodecError::Short)
    }
}

/// Ends a byte string; a zero inside of one is followed by [`ZERO_INSIDE`].
const END: [u8; 2] = [0, 1];
const ZERO_INSIDE: u8 = 0xff;

/// Byte strings end in 00 01 and a zero inside becomes 00 ff. Thus `"a" < "a\0" < "ab"` stays true whatever follows.
impl Key for Vec<u8> {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_string(self, out);
    }

    fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
        let mut bytes = Self::new();
        loop {
            match u8::read(input)? {
                0 => match u8::read(input)? {
                    ZERO_INSIDE => bytes.push(0),
                    1 => return Ok(bytes),
                    _ => return Err(CodecError::Malformed("unknown escape")),
                },
                byte => bytes.push(byte),
            }
        }
    }
}

impl Key for String {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_string(self.as_bytes(), out);
    }

    fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
        Self::from_utf8(Vec::read(input)?).map_err(|_| CodecError::Malformed("not UTF-8"))
    }
}

fn encode_string(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        out.push(*byte);
        if *byte == 0 {
            out.push(ZERO_INSIDE);
        }
    }
    out.extend_from_slice(&END);
}

macro_rules! tuple {
    ($($part:ident . $place:tt),*) => {
        impl<$($part: Key),*> Key for ($($part,)*) {
            fn encode(&self, _out: &mut Vec<u8>) {
                $(self.$place.encode(_out);)*
            }

            fn read(_input: &mut &[u8]) -> Result<Self, CodecError> {
                Ok(($($part::read(_input)?,)*))
            }
        }
    };
}
tuple!();
tuple!(A.0);
tuple!(A.0, B.1);
tuple!(A.0, B.1, C.2);
tuple!(A.0, B.1, C.2, D.3);
tuple!(A.0, B.1, C.2, D.3, E.4);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Sample = (u32, (String, Vec<u8>), i64, bool);

    fn sample() -> impl Strategy<Value = Sample> {
        let text = proptest::collection::vec(prop_oneof![Just('\0'), Just('a'), Just('\u{1}'), any::<char>()], 0..4)
            .prop_map(|letters| letters.into_iter().collect());
        let bytes = proptest::collection::vec(prop_oneof![Just(0u8), Just(1), Just(255), any::<u8>()], 0..4);
        (0u32..3, (text, bytes), any::<i64>(), any::<bool>())
    }

    proptest! {
        #[test]
        fn keys_round_trip_and_keep_their_order(a in sample(), b in sample()) {
            let (left, right) = (key_bytes(&a), key_bytes(&b));
            prop_assert_eq!(Sample::decode(&left), Ok(a.clone()));
            prop_assert_eq!(left.cmp(&right), a.cmp(&b));
        }

        #[test]
        fn any_bytes_decode_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(key) = Sample::decode(&bytes) {
                prop_assert_eq!(key_bytes(&key), bytes);
            }
        }
    }

    #[test]
    fn bytes_behind_a_key_are_refused() {
        assert_eq!(u8::decode(&[1, 2]), Err(CodecError::Trailing(1)));
        assert_eq!(u64::decode(&[1, 2]), Err(CodecError::Short));
    }
}
