use std::fmt;

use prost::{Message, Name};
use prost_types::Any;
use rand::RngCore;
use ripemd::Ripemd160;
use secp256k1::SECP256K1;
use secp256k1::ecdsa::Signature;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use akash_proto::cosmos::crypto::secp256k1::PubKey;

use super::{HdPath, KeyError, Mnemonic};
use crate::address::Address;

/// Amino's prefix of a secp256k1 public key, with the length byte.
const AMINO_PREFIX: [u8; 5] = [0xeb, 0x5a, 0xe9, 0x87, 0x21];

/// The secret key of an account.
#[derive(Clone)]
pub struct SecretKey {
    bytes: Zeroizing<[u8; 32]>,
    public: PublicKey,
}

impl SecretKey {
    /// A new key from the operating system's randomness.
    #[must_use]
    pub fn generate() -> Self {
        loop {
            let mut bytes = Zeroizing::new([0; 32]);
            rand::rngs::OsRng.fill_bytes(&mut *bytes);
            // Nearly every 32 bytes are a key; the loop is for the few that are not.
            if let Ok(key) = Self::from_bytes(&*bytes) {
                return key;
            }
        }
    }

    /// The key at `path` of a mnemonic without a passphrase.
    pub fn from_mnemonic(words: &str, path: &HdPath) -> Result<Self, KeyError> {
        Mnemonic::parse(words)?.secret_key(path, "")
    }

    /// Takes 32 bytes, big endian, between 1 and the group's order.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(bytes.try_into().map_err(|_| KeyError::SecretKey)?);
        let mut secret = secp256k1::SecretKey::from_byte_array(*bytes).map_err(|_| KeyError::SecretKey)?;
        let public = PublicKey(secret.public_key(SECP256K1));
        secret.non_secure_erase();
        Ok(Self { bytes, public })
    }

    /// The bytes, for storing them.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.bytes.clone()
    }

    /// Signs the SHA-256 of the message: r‖s, low s, deterministic (RFC 6979).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut secret = secp256k1::SecretKey::from_byte_array(*self.bytes).expect("checked when it was made");
        let signature = SECP256K1.sign_ecdsa(digest(message), &secret);
        secret.non_secure_erase();
        signature.serialize_compact()
    }

    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// The account of this key.
    #[must_use]
    pub fn address(&self) -> Address {
        self.public.address()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.address())
    }
}

/// The public key of an account.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(secp256k1::PublicKey);

impl PublicKey {
    /// Takes the compressed form, 33 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: [u8; 33] = bytes.try_into().map_err(|_| KeyError::PublicKey)?;
        secp256k1::PublicKey::from_byte_array_compressed(bytes).map(Self).map_err(|_| KeyError::PublicKey)
    }

    /// The compressed form.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 33] {
        self.0.serialize()
    }

    /// The uncompressed form: 0x04, x, y.
    #[must_use]
    pub fn to_uncompressed(&self) -> [u8; 65] {
        self.0.serialize_uncompressed()
    }

    /// The amino binary form, which old bech32 public keys and multisig addresses contain.
    #[must_use]
    pub fn to_amino(&self) -> Vec<u8> {
        [AMINO_PREFIX.as_slice(), &self.to_bytes()].concat()
    }

    /// RIPEMD-160 of the SHA-256 of the compressed form.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::from_20(&Ripemd160::digest(Sha256::digest(self.to_bytes())))
    }

    /// Whether `signature` is this key's over the SHA-256 of `message`. A high s is refused.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), KeyError> {
        let signature: &[u8; 64] = signature.try_into().map_err(|_| KeyError::Signature)?;
        let signature = Signature::from_compact(signature).map_err(|_| KeyError::Signature)?;
        SECP256K1.verify_ecdsa(digest(message), &signature, &self.0).map_err(|_| KeyError::Signature)
    }

    /// The key as it stands in a transaction or an account.
    #[must_use]
    pub fn to_any(&self) -> Any {
        let key = PubKey { key: self.to_bytes().to_vec() };
        Any { type_url: PubKey::type_url(), value: key.encode_to_vec() }
    }

    /// Reads the form of [`Self::to_any`]. Any other kind of key is refused by its name.
    pub fn from_any(any: &Any) -> Result<Self, KeyError> {
        if any.type_url != PubKey::type_url() {
            return Err(KeyError::KeyType(any.type_url.chars().take(128).collect()));
        }
        let key = PubKey::decode(any.value.as_slice()).map_err(|_| KeyError::PublicKey)?;
        Self::from_bytes(&key.key)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", hex::encode(self.to_bytes()))
    }
}

fn digest(message: &[u8]) -> secp256k1::Message {
    secp256k1::Message::from_digest(Sha256::digest(message).into())
}
