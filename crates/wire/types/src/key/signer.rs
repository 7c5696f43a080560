use akash_proto::cosmos::crypto::ed25519;
use akash_proto::cosmos::crypto::multisig::LegacyAminoPubKey;
use akash_proto::cosmos::tx::signing::v1beta1::SignMode;
use akash_proto::cosmos::tx::v1beta1::{ModeInfo, mode_info};
use prost::{Message, Name};
use prost_types::Any;

use super::multisig::{self, SignBytes};
use super::{ConsensusPublicKey, KeyError, MultisigError, MultisigKey, PublicKey};
use crate::address::{Address, AddressError, encode_bech32};

/// Amino's prefixes of single keys, with the length byte.
const SECP256K1_PREFIX: [u8; 5] = [0xeb, 0x5a, 0xe9, 0x87, 0x21];
const ED25519_PREFIX: [u8; 5] = [0x16, 0x24, 0xde, 0x64, 0x20];

/// Multisig keys within multisig keys deeper than this are refused.
const MAX_DEPTH: usize = 4;

/// Any key that an account can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignerKey {
    Secp256k1(PublicKey),
    Ed25519(ConsensusPublicKey),
    Multisig(MultisigKey),
}

impl SignerKey {
    /// Reads a key as it stands in a transaction or an account. Other kinds are refused by their name.
    pub fn from_any(any: &Any) -> Result<Self, KeyError> {
        Self::from_any_at(any, MAX_DEPTH)
    }

    pub(super) fn from_any_at(any: &Any, depth: usize) -> Result<Self, KeyError> {
        let depth = depth.checked_sub(1).ok_or(KeyError::Multisig)?;
        if any.type_url == LegacyAminoPubKey::type_url() {
            return MultisigKey::from_any_value(&any.value, depth).map(Self::Multisig);
        }
        if any.type_url == ed25519::PubKey::type_url() {
            let key = ed25519::PubKey::decode(any.value.as_slice()).map_err(|_| KeyError::PublicKey)?;
            let bytes = key.key.try_into().map_err(|_| KeyError::PublicKey)?;
            return Ok(Self::Ed25519(ConsensusPublicKey::from_bytes(bytes)));
        }
        PublicKey::from_any(any).map(Self::Secp256k1)
    }

    /// The inverse of [`Self::from_any`].
    #[must_use]
    pub fn to_any(&self) -> Any {
        match self {
            Self::Secp256k1(key) => key.to_any(),
            Self::Ed25519(key) => {
                let message = ed25519::PubKey { key: key.as_bytes().to_vec() };
                Any { type_url: ed25519::PubKey::type_url(), value: message.encode_to_vec() }
            }
            Self::Multisig(key) => key.to_any(),
        }
    }

    /// Reads the amino binary form.
    pub fn from_amino(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::from_amino_at(bytes, MAX_DEPTH)
    }

    pub(super) fn from_amino_at(bytes: &[u8], depth: usize) -> Result<Self, KeyError> {
        let depth = depth.checked_sub(1).ok_or(KeyError::Multisig)?;
        let (prefix, body) = bytes.split_first_chunk::<5>().ok_or(KeyError::PublicKey)?;
        match *prefix {
            SECP256K1_PREFIX => PublicKey::from_bytes(body).map(Self::Secp256k1),
            ED25519_PREFIX => {
                let bytes = body.try_into().map_err(|_| KeyError::PublicKey)?;
                Ok(Self::Ed25519(ConsensusPublicKey::from_bytes(bytes)))
            }
            multisig::AMINO_PREFIX => MultisigKey::from_amino_body(body, depth).map(Self::Multisig),
            _ => Err(KeyError::KeyType(hex::encode(prefix))),
        }
    }

    /// The amino binary form, which old bech32 public keys and multisig addresses contain.
    #[must_use]
    pub fn to_amino(&self) -> Vec<u8> {
        match self {
            Self::Secp256k1(key) => key.to_amino(),
            Self::Ed25519(key) => [ED25519_PREFIX.as_slice(), key.as_bytes()].concat(),
            Self::Multisig(key) => key.to_amino(),
        }
    }

    /// The old text of the key, `akashpub1…`. A key with too many members for bech32 has none.
    pub fn to_bech32(&self) -> Result<String, AddressError> {
        encode_bech32("akashpub", &self.to_amino())
    }

    #[must_use]
    pub fn address(&self) -> Address {
        match self {
            Self::Secp256k1(key) => key.address(),
            Self::Ed25519(key) => Address::from_20(&key.address()),
            Self::Multisig(key) => key.address(),
        }
    }

    /// How many single keys there are, also within multisig keys. The chain limits them per transaction.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Secp256k1(_) | Self::Ed25519(_) => 1,
            Self::Multisig(key) => key.members().iter().map(Self::count).sum(),
        }
    }

    /// Verifies a signature under the way it was made.
    pub(crate) fn verify_mode(
        &self,
        mode: &ModeInfo,
        signature: &[u8],
        sign_bytes: &SignBytes<'_>,
    ) -> Result<(), MultisigError> {
        let single = |single: &mode_info::Single| {
            let mode = SignMode::try_from(single.mode).map_err(|_| MultisigError::Mode)?;
            sign_bytes(mode).map_err(MultisigError::SignBytes)
        };
        let verdict = match (self, &mode.sum) {
            (Self::Multisig(key), Some(mode_info::Sum::Multi(multi))) => {
                return key.verify_signatures(multi, signature, sign_bytes);
            }
            (Self::Secp256k1(key), Some(mode_info::Sum::Single(mode))) => key.verify(&single(mode)?, signature),
            (Self::Ed25519(key), Some(mode_info::Sum::Single(mode))) => key.verify(&single(mode)?, signature),
            _ => return Err(MultisigError::Mode),
        };
        verdict.map_err(|_| MultisigError::Signature)
    }
}
