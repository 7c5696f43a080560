use std::fmt;
use std::str::FromStr;

use bip32::{ChildNumber, DerivationPath, XPrv};
use rand::RngCore;
use zeroize::Zeroizing;

use super::{KeyError, SecretKey};

/// Entropy of the 24 words that we generate.
const ENTROPY_BYTES: usize = 32;

/// Longest text that is read as a mnemonic; the longest valid one has 24 words of 8 letters.
const LONGEST_TEXT: usize = 1024;

/// A path has at most this many steps.
const LONGEST_PATH: usize = 16;

/// BIP-39 words (English) of an account's root.
#[derive(Clone)]
pub struct Mnemonic(bip39::Mnemonic);

impl Mnemonic {
    /// 24 new words from the operating system's randomness.
    #[must_use]
    pub fn generate() -> Self {
        let mut entropy = Zeroizing::new([0; ENTROPY_BYTES]);
        rand::rngs::OsRng.fill_bytes(&mut *entropy);
        Self(bip39::Mnemonic::from_entropy(&*entropy).expect("32 bytes are a legal length"))
    }

    /// Reads 12 to 24 words; their checksum must be right.
    pub fn parse(words: &str) -> Result<Self, KeyError> {
        if words.len() > LONGEST_TEXT {
            return Err(KeyError::Mnemonic("text is too long".to_owned()));
        }
        bip39::Mnemonic::parse_in(bip39::Language::English, words)
            .map(Self)
            .map_err(|e| KeyError::Mnemonic(e.to_string()))
    }

    /// The words, joined by blanks.
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string())
    }

    /// The BIP-39 seed.
    #[must_use]
    pub fn seed(&self, passphrase: &str) -> Zeroizing<[u8; 64]> {
        Zeroizing::new(self.0.to_seed(passphrase))
    }

    /// The key at `path`, BIP-32 from the seed of words and passphrase.
    pub fn secret_key(&self, path: &HdPath, passphrase: &str) -> Result<SecretKey, KeyError> {
        let node = XPrv::derive_from_path(*self.seed(passphrase), &path.0).map_err(|_| KeyError::NotDerivable)?;
        let bytes = Zeroizing::new(<[u8; 32]>::from(node.private_key().to_bytes()));
        SecretKey::from_bytes(&*bytes)
    }
}

impl fmt::Debug for Mnemonic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mnemonic({} words)", self.0.word_count())
    }
}

/// A BIP-32 path. The default is `m/44'/118'/0'/0/0`, the first account of Akash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HdPath(DerivationPath);

impl HdPath {
    /// `m/44'/118'/account'/0/index`. `None` if a number exceeds 2^31 - 1.
    #[must_use]
    pub fn akash(account: u32, index: u32) -> Option<Self> {
        let mut path = DerivationPath::default();
        for (number, hardened) in [(44, true), (118, true), (account, true), (0, false), (index, false)] {
            path.push(ChildNumber::new(number, hardened).ok()?);
        }
        Some(Self(path))
    }
}

impl Default for HdPath {
    fn default() -> Self {
        Self::akash(0, 0).expect("0 is in range")
    }
}

impl FromStr for HdPath {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let error = || KeyError::Path(text.chars().take(64).collect());
        if text.split('/').count() > LONGEST_PATH {
            return Err(error());
        }
        text.parse().map(Self).map_err(|_| error())
    }
}

impl fmt::Display for HdPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
