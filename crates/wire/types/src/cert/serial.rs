use std::fmt;
use std::str::FromStr;

use bnum::BUint;

use super::CertError;

/// Most bytes of a serial number that has a place on chain.
const LONGEST: usize = 40;

type Wide = BUint<5>; // 40 bytes

/// A certificate's serial number: not negative, at most 40 bytes. The text is decimal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Serial(Vec<u8>);

impl Serial {
    /// Takes big-endian bytes; zeros in front do not count.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CertError> {
        let zeros = bytes.iter().take_while(|b| **b == 0).count();
        let bytes = &bytes[zeros..];
        if bytes.len() > LONGEST { Err(CertError::Serial) } else { Ok(Self(bytes.to_vec())) }
    }

    /// Big endian, without zeros in front; zero is no bytes at all.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// By value.
impl Ord for Serial {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Serial {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = Wide::from_be_slice(&self.0).expect("it has at most 40 bytes");
        fmt::Display::fmt(&value, f)
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Serial {
    type Err = CertError;

    fn from_str(text: &str) -> Result<Self, CertError> {
        let digits = !text.is_empty() && text.len() <= 97 && text.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            return Err(CertError::Serial);
        }
        let value = Wide::from_str_radix(text, 10).map_err(|_| CertError::Serial)?;
        let mut bytes: Vec<u8> = value.digits().iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.reverse();
        Self::from_bytes(&bytes)
    }
}
