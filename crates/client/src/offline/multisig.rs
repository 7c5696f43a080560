//! Signatures of several keys: one part a member, then all in one.

use std::collections::BTreeMap;

use akash_proto::cosmos::tx::signing::v1beta1::signature_descriptor::{Data, data};
use akash_proto::cosmos::tx::signing::v1beta1::{SignMode, SignatureDescriptor, SignatureDescriptors};
use akash_proto::cosmos::tx::v1beta1::{SignerInfo, TxRaw};
use akash_types::address::Address;
use akash_types::key::{MultisigKey, SecretKey, SignerKey};
use akash_types::tx::{SignerData, decode};
use prost::Message;

use super::OfflineError;
use super::sign::Draft;

/// The signature of a member, as it goes to whoever joins them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub key: SignerKey,
    pub signature: Vec<u8>,
    /// Of the multisig account.
    pub sequence: u64,
}

impl Part {
    /// In the form that other programs of this network exchange.
    #[must_use]
    pub fn to_message(&self) -> SignatureDescriptors {
        let single = data::Single { mode: SignMode::LegacyAminoJson.into(), signature: self.signature.clone() };
        let descriptor = SignatureDescriptor {
            public_key: Some(self.key.to_any()),
            data: Some(Data { sum: Some(data::Sum::Single(single)) }),
            sequence: self.sequence,
        };
        SignatureDescriptors { signatures: vec![descriptor] }
    }

    /// The inverse of [`Self::to_message`], of all signatures in it.
    ///
    /// # Errors
    /// When a key is of an unknown kind, or a signature is not a single one in amino JSON.
    pub fn from_message(message: &SignatureDescriptors) -> Result<Vec<Self>, String> {
        message.signatures.iter().map(Self::from_descriptor).collect()
    }

    fn from_descriptor(descriptor: &SignatureDescriptor) -> Result<Self, String> {
        let key = descriptor.public_key.as_ref().ok_or("it has no public key")?;
        let key = SignerKey::from_any(key).map_err(|error| error.to_string())?;
        let Some(Data { sum: Some(data::Sum::Single(single)) }) = &descriptor.data else {
            return Err("it is not the signature of a single key".to_owned());
        };
        if single.mode != i32::from(SignMode::LegacyAminoJson) {
            return Err("it is not made with --sign-mode amino-json, as members of a multisig key must".to_owned());
        }
        Ok(Self { key, signature: single.signature.clone(), sequence: descriptor.sequence })
    }
}

/// The part of one member. Whether the key is a member is not known here; `account` is that of the multisig key.
///
/// # Errors
/// When the account does not sign the transaction, or there is nothing to sign.
pub fn sign_part(
    tx: &TxRaw,
    key: &SecretKey,
    account: &Address,
    signer: &SignerData<'_>,
) -> Result<Part, OfflineError> {
    let draft = Draft::read(tx)?;
    draft.place_of(account)?;
    let signature = key.sign(&draft.decoded.sign_bytes(SignMode::LegacyAminoJson, signer)?).to_vec();
    Ok(Part { key: SignerKey::Secp256k1(key.public()), signature, sequence: signer.sequence })
}

/// The transaction with the joined signature of the multisig account in its place. Every part is verified first.
///
/// # Errors
/// When a part is not of a member, not valid or there twice, when there are too few, or when a signer before this one
/// has not signed.
pub fn combine(tx: &TxRaw, key: &MultisigKey, given: &[Part], signer: &SignerData<'_>) -> Result<TxRaw, OfflineError> {
    let draft = Draft::read(tx)?;
    let place = draft.place_of(&key.address())?;
    let bytes = draft.decoded.sign_bytes(SignMode::LegacyAminoJson, signer)?;
    let (mode_info, signature) = key.combine(&by_place(key, given, &bytes)?)?;

    let info = SignerInfo { public_key: Some(key.to_any()), mode_info: Some(mode_info), sequence: signer.sequence };
    let signed = draft.signed_at(place, info, signature);
    decode(&signed.encode_to_vec())?.verify(place, &SignerKey::Multisig(key.clone()), signer)?;
    Ok(signed)
}

/// The verified signatures by the place of their member.
fn by_place(key: &MultisigKey, given: &[Part], bytes: &[u8]) -> Result<BTreeMap<usize, Vec<u8>>, OfflineError> {
    let mut found = BTreeMap::new();
    for part in given {
        let member = part.key.address();
        let place = key.members().iter().position(|member| *member == part.key);
        let place = place.ok_or_else(|| OfflineError::NoMember(member.clone()))?;
        let verdict = match &part.key {
            SignerKey::Secp256k1(key) => key.verify(bytes, &part.signature).map_err(|error| error.to_string()),
            _ => Err("it is not the signature of a secp256k1 key".to_owned()),
        };
        verdict.map_err(|reason| OfflineError::Part { member: member.clone(), reason })?;
        if found.insert(place, part.signature.clone()).is_some() {
            return Err(OfflineError::Twice(member));
        }
    }
    Ok(found)
}
