use std::collections::BTreeMap;

use prost::{Message, Name};
use prost_types::Any;
use sha2::{Digest, Sha256};

use akash_proto::cosmos::crypto::multisig::LegacyAminoPubKey;
use akash_proto::cosmos::crypto::multisig::v1beta1::{CompactBitArray, MultiSignature};
use akash_proto::cosmos::tx::signing::v1beta1::SignMode;
use akash_proto::cosmos::tx::v1beta1::{ModeInfo, mode_info};

use super::{KeyError, SignerKey};
use crate::address::Address;

/// Amino's prefix of a multisig key, and the tag of its threshold.
pub(super) const AMINO_PREFIX: [u8; 5] = [0x22, 0xc1, 0xf7, 0xe2, 0x08];

/// Amino's tag of a member.
const MEMBER_TAG: u8 = 0x12;

/// A key has at most this many members. The chain allows far fewer signatures in a transaction.
const MAX_MEMBERS: usize = 64;

/// `threshold` of some keys, in an order that matters: it decides the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultisigKey {
    threshold: u32,
    members: Vec<SignerKey>,
}

impl MultisigKey {
    /// Takes between 1 and all members as threshold.
    pub fn new(threshold: u32, members: Vec<SignerKey>) -> Result<Self, KeyError> {
        let legal = threshold > 0 && threshold as usize <= members.len() && members.len() <= MAX_MEMBERS;
        if legal { Ok(Self { threshold, members }) } else { Err(KeyError::Multisig) }
    }

    #[must_use]
    pub const fn threshold(&self) -> u32 {
        self.threshold
    }

    #[must_use]
    pub fn members(&self) -> &[SignerKey] {
        &self.members
    }

    /// The first 20 bytes of the SHA-256 of the amino form.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::from_20(&Sha256::digest(self.to_amino())[..20])
    }

    /// The amino binary form.
    #[must_use]
    pub fn to_amino(&self) -> Vec<u8> {
        let mut out = AMINO_PREFIX.to_vec();
        prost::encoding::encode_varint(self.threshold.into(), &mut out);
        for member in &self.members {
            let bytes = member.to_amino();
            out.push(MEMBER_TAG);
            prost::encoding::encode_varint(bytes.len() as u64, &mut out);
            out.extend(bytes);
        }
        out
    }

    /// Reads what stands behind [`AMINO_PREFIX`].
    pub(super) fn from_amino_body(mut bytes: &[u8], depth: usize) -> Result<Self, KeyError> {
        let varint = |bytes: &mut &[u8]| prost::encoding::decode_varint(bytes).map_err(|_| KeyError::Multisig);
        let threshold = u32::try_from(varint(&mut bytes)?).map_err(|_| KeyError::Multisig)?;
        let mut members = Vec::new();
        while let Some((tag, rest)) = bytes.split_first() {
            bytes = rest;
            let length = usize::try_from(varint(&mut bytes)?).map_err(|_| KeyError::Multisig)?;
            if *tag != MEMBER_TAG || length > bytes.len() || members.len() == MAX_MEMBERS {
                return Err(KeyError::Multisig);
            }
            let (member, rest) = bytes.split_at(length);
            members.push(SignerKey::from_amino_at(member, depth)?);
            bytes = rest;
        }
        Self::new(threshold, members)
    }

    /// The key as it stands in a transaction or an account.
    #[must_use]
    pub fn to_any(&self) -> Any {
        let public_keys = self.members.iter().map(SignerKey::to_any).collect();
        let key = LegacyAminoPubKey { threshold: self.threshold, public_keys };
        Any { type_url: LegacyAminoPubKey::type_url(), value: key.encode_to_vec() }
    }

    pub(super) fn from_any_value(value: &[u8], depth: usize) -> Result<Self, KeyError> {
        let key = LegacyAminoPubKey::decode(value).map_err(|_| KeyError::Multisig)?;
        if key.public_keys.len() > MAX_MEMBERS {
            return Err(KeyError::Multisig);
        }
        let members = key.public_keys.iter().map(|member| SignerKey::from_any_at(member, depth));
        Self::new(key.threshold, members.collect::<Result<_, _>>()?)
    }

    /// Joins the signatures of members, by their place, to one: how it is signed and the bytes. Members sign amino
    /// JSON, for their signatures must not depend on who else signs.
    pub fn combine(&self, signatures: &BTreeMap<usize, Vec<u8>>) -> Result<(ModeInfo, Vec<u8>), MultisigError> {
        let size = self.members.len();
        if signatures.keys().any(|place| *place >= size) {
            return Err(MultisigError::BitArray(size));
        }
        if signatures.len() < self.threshold as usize {
            return Err(MultisigError::TooFew { have: signatures.len(), need: self.threshold });
        }
        let mut elems = vec![0_u8; size.div_ceil(8)];
        for place in signatures.keys() {
            elems[place / 8] |= 0x80 >> (place % 8);
        }
        let bitarray = CompactBitArray { extra_bits_stored: (size % 8) as u32, elems };
        let single = mode_info::Single { mode: SignMode::LegacyAminoJson.into() };
        let mode_infos = vec![ModeInfo { sum: Some(mode_info::Sum::Single(single)) }; signatures.len()];
        let multi = mode_info::Multi { bitarray: Some(bitarray), mode_infos };
        let joined = MultiSignature { signatures: signatures.values().cloned().collect() };
        Ok((ModeInfo { sum: Some(mode_info::Sum::Multi(multi)) }, joined.encode_to_vec()))
    }

    /// Verifies what [`Self::combine`] makes. `sign_bytes` gives what a member in a sign mode signs.
    pub(super) fn verify_signatures(
        &self,
        multi: &mode_info::Multi,
        signature: &[u8],
        sign_bytes: &SignBytes<'_>,
    ) -> Result<(), MultisigError> {
        let size = self.members.len();
        let bits = multi.bitarray.as_ref().and_then(bits).filter(|bits| bits.len() == size);
        let bits = bits.ok_or(MultisigError::BitArray(size))?;
        let joined = MultiSignature::decode(signature).map_err(|_| MultisigError::Signature)?;
        let set: Vec<_> = bits.iter().enumerate().filter_map(|(place, set)| set.then_some(place)).collect();
        if set.len() < self.threshold as usize {
            return Err(MultisigError::TooFew { have: set.len(), need: self.threshold });
        }
        if joined.signatures.len() != set.len() || multi.mode_infos.len() != set.len() {
            return Err(MultisigError::Count(joined.signatures.len()));
        }
        for ((place, mode), part) in set.into_iter().zip(&multi.mode_infos).zip(&joined.signatures) {
            self.members[place].verify_mode(mode, part, sign_bytes).map_err(|error| match error {
                MultisigError::Signature => MultisigError::Member(place),
                other => other,
            })?;
        }
        Ok(())
    }
}

/// What is signed in a sign mode, or why nothing is.
pub(crate) type SignBytes<'a> = dyn Fn(SignMode) -> Result<Vec<u8>, String> + 'a;

/// Why a signature of several keys is not accepted. The texts are those of the Cosmos SDK.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MultisigError {
    #[error("bit array size is incorrect, expecting: {0}")]
    BitArray(usize),
    #[error("signature size is incorrect {0}")]
    Count(usize),
    #[error("not enough signatures set, have {have}, expected {need}")]
    TooFew { have: usize, need: u32 },
    #[error("unable to verify signature at index {0}")]
    Member(usize),
    #[error("unable to verify single signer signature")]
    Signature,
    #[error("expected a signature of another kind for this public key")]
    Mode,
    #[error("{0}")]
    SignBytes(String),
}

/// The bits of the array, the first one first. `None` if it is longer than any key or not of one piece.
fn bits(array: &CompactBitArray) -> Option<Vec<bool>> {
    let extra = array.extra_bits_stored as usize;
    let whole = array.elems.len().checked_mul(8)?;
    let count = if extra == 0 { whole } else { whole.checked_sub(8)?.checked_add(extra)? };
    if extra >= 8 || count > MAX_MEMBERS {
        return None;
    }
    Some((0..count).map(|place| array.elems[place / 8] & (0x80 >> (place % 8)) != 0).collect())
}
