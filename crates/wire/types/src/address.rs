//! Account addresses and bech32.
//!
//! An [`Address`] is 20 to 32 bytes (keys and module accounts have 20, derived accounts 32). The same bytes have
//! three texts, one per [`Prefix`]. Of an account we accept `akash1…` alone.

use std::fmt;
use std::str::FromStr;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use sha2::{Digest, Sha256};

use crate::text::serde_as_text;

/// The shortest and the longest address, in bytes.
const SHORTEST: usize = 20;
const LONGEST: usize = 32;

/// The shortest and the longest bech32 text that is decoded.
const SHORTEST_TEXT: usize = 8;
const LONGEST_TEXT: usize = 1023;

/// What a bech32 text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    Account,
    ValidatorOperator,
    ValidatorConsensus,
}

impl Prefix {
    /// The human-readable part.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "akash",
            Self::ValidatorOperator => "akashvaloper",
            Self::ValidatorConsensus => "akashvalcons",
        }
    }
}

/// Why a text is no address. The texts are those of the Cosmos SDK.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("empty address string is not allowed")]
    Empty,
    #[error("decoding bech32 failed: {0}")]
    Bech32(String),
    #[error("invalid Bech32 prefix; expected {expected}, got {got}")]
    Prefix { expected: &'static str, got: String },
    #[error("address must have 20 to 32 bytes, got {0}")]
    Length(usize),
}

/// The bytes of an account.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    length: u8,
    bytes: [u8; LONGEST],
}

impl Address {
    /// Takes 20 to 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AddressError> {
        if !(SHORTEST..=LONGEST).contains(&bytes.len()) {
            return Err(AddressError::Length(bytes.len()));
        }
        let mut padded = [0; LONGEST];
        padded[..bytes.len()].copy_from_slice(bytes);
        Ok(Self { length: bytes.len() as u8, bytes: padded })
    }

    /// Reads an account address, `akash1…`.
    ///
    /// PARITY(address/case): a text in capitals is the same account. Page: docs/parity/wire.md.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        Self::parse_prefix(text, Prefix::Account)
    }

    /// Reads an address with exactly this prefix.
    pub fn parse_prefix(text: &str, prefix: Prefix) -> Result<Self, AddressError> {
        if text.trim().is_empty() {
            return Err(AddressError::Empty);
        }
        let (got, bytes) = decode_bech32(text)?;
        if got != prefix.as_str() {
            return Err(AddressError::Prefix { expected: prefix.as_str(), got });
        }
        Self::from_bytes(&bytes)
    }

    /// The same bytes under another prefix.
    #[must_use]
    pub fn with_prefix(&self, prefix: Prefix) -> String {
        encode_bech32(prefix.as_str(), self.as_bytes()).expect("prefix and length are legal")
    }

    /// The account of a module: the first 20 bytes of the SHA-256 of its name.
    #[must_use]
    pub fn module(name: &str) -> Self {
        Self::from_20(Sha256::digest(name.as_bytes()).as_slice())
    }

    /// The first 20 bytes of a longer digest.
    pub(crate) fn from_20(digest: &[u8]) -> Self {
        let mut bytes = [0; LONGEST];
        bytes[..20].copy_from_slice(&digest[..20]);
        Self { length: 20, bytes }
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl AsRef<[u8]> for Address {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// By bytes, as the stores sort them.
impl Ord for Address {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.with_prefix(Prefix::Account))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

serde_as_text!(Address);

/// Bytes as bech32 text with any prefix.
pub fn encode_bech32(prefix: &str, bytes: &[u8]) -> Result<String, AddressError> {
    let hrp = Hrp::parse(prefix).map_err(|e| AddressError::Bech32(e.to_string()))?;
    bech32::encode::<Bech32>(hrp, bytes).map_err(|e| AddressError::Bech32(e.to_string()))
}

/// The prefix in lower case and the bytes of a bech32 text (not bech32m), of at most 1023 characters.
pub fn decode_bech32(text: &str) -> Result<(String, Vec<u8>), AddressError> {
    if !(SHORTEST_TEXT..=LONGEST_TEXT).contains(&text.len()) {
        return Err(AddressError::Bech32(format!("invalid bech32 string length {}", text.len())));
    }
    let checked = CheckedHrpstring::new::<Bech32>(text).map_err(|e| AddressError::Bech32(e.to_string()))?;
    let prefix = checked.hrp().to_lowercase();
    checked.validate_segwit_padding().map_err(|e| AddressError::Bech32(e.to_string()))?;
    Ok((prefix, checked.byte_iter().collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Address, AddressError, Prefix, decode_bech32, encode_bech32};

    #[test]
    fn module_accounts_are_known() {
        assert_eq!(Address::module("gov").to_string(), "akash10d07y265gmmuvt4z0w9aw880jnsr700jhe7z0f");
        assert_eq!(Address::module("fee_collector").to_string(), "akash17xpfvakm2amg962yls6f84z3kell8c5lazw8j8");
    }

    #[test]
    fn other_prefixes_are_no_account() {
        let address = Address::module("gov");
        let operator = address.with_prefix(Prefix::ValidatorOperator);
        let error = Address::parse(&operator).unwrap_err();
        assert_eq!(error.to_string(), "invalid Bech32 prefix; expected akash, got akashvaloper");
        assert_eq!(Address::parse_prefix(&operator, Prefix::ValidatorOperator), Ok(address));
    }

    #[test]
    fn texts_that_are_no_address_are_refused() {
        assert_eq!(Address::parse(" ").unwrap_err().to_string(), "empty address string is not allowed");
        assert!(matches!(Address::parse("akash1"), Err(AddressError::Bech32(_))));
        assert_eq!(Address::parse(&encode_bech32("akash", &[1; 19]).unwrap()), Err(AddressError::Length(19)));
        assert_eq!(Address::parse(&encode_bech32("akash", &[1; 33]).unwrap()), Err(AddressError::Length(33)));
        assert!(decode_bech32(&"a".repeat(1_000_000)).is_err());
    }

    /// A text in capitals is the same account, one in mixed case none.
    #[test]
    fn capitals_are_the_same_account() {
        let text = Address::module("gov").to_string();
        assert_eq!(Address::parse(&text.to_uppercase()), Ok(Address::module("gov")));
        assert!(Address::parse(&text.replace("akash1", "Akash1")).is_err());
    }

    proptest! {
        #[test]
        fn texts_round_trip(bytes in proptest::collection::vec(any::<u8>(), 20..=32)) {
            let address = Address::from_bytes(&bytes).unwrap();
            prop_assert_eq!(Address::parse(&address.to_string()), Ok(address.clone()));
            prop_assert_eq!(address.as_bytes(), bytes.as_slice());
        }

        #[test]
        fn no_text_panics(text in ".{0,90}") {
            let _ = Address::parse(&text);
        }

        #[test]
        fn one_changed_letter_is_noticed(
            bytes in proptest::array::uniform20(any::<u8>()),
            at in 6_usize..44,
            by in 1_usize..32,
        ) {
            const LETTERS: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
            let mut text = Address::from_bytes(&bytes).unwrap().to_string().into_bytes();
            let letter = LETTERS.iter().position(|l| *l == text[at]).unwrap();
            text[at] = LETTERS[(letter + by) % 32];
            prop_assert!(Address::parse(std::str::from_utf8(&text).unwrap()).is_err());
        }
    }
}
