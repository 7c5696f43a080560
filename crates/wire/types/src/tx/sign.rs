use std::collections::BTreeMap;

use prost::Message;
use prost_types::{Any, Timestamp};

use akash_proto::cosmos::tx::signing::v1beta1::SignMode;
use akash_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw, mode_info};

use super::{SignerData, amino};
use crate::address::Address;
use crate::amino::AminoError;
use crate::coin::Coins;
use crate::key::{MultisigError, MultisigKey, PublicKey, SecretKey};

/// What a transaction with one signer says, before it is signed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unsigned {
    pub messages: Vec<Any>,
    pub memo: String,
    /// The last height at which it may be in a block; 0 for no limit.
    pub timeout_height: u64,
    /// Whether it may be executed in any order; then every sequence is 0 and there is a `timeout_timestamp`.
    pub unordered: bool,
    /// The last moment at which it may be in a block.
    pub timeout_timestamp: Option<Timestamp>,
    pub fee: Coins,
    pub gas_limit: u64,
    /// Who pays the fee, if not the signer; must sign too.
    pub payer: Option<Address>,
    /// Whose allowance pays the fee.
    pub granter: Option<Address>,
}

impl Unsigned {
    fn body(&self) -> TxBody {
        TxBody {
            messages: self.messages.clone(),
            memo: self.memo.clone(),
            timeout_height: self.timeout_height,
            unordered: self.unordered,
            timeout_timestamp: self.timeout_timestamp,
            ..TxBody::default()
        }
    }

    fn fee(&self) -> Fee {
        let text = |address: &Option<Address>| address.as_ref().map(ToString::to_string).unwrap_or_default();
        Fee {
            amount: (&self.fee).into(),
            gas_limit: self.gas_limit,
            payer: text(&self.payer),
            granter: text(&self.granter),
        }
    }

    fn auth_info_bytes(&self, public_key: Any, mode_info: ModeInfo, sequence: u64) -> Vec<u8> {
        let signer = SignerInfo { public_key: Some(public_key), mode_info: Some(mode_info), sequence };
        AuthInfo { signer_infos: vec![signer], fee: Some(self.fee()), ..AuthInfo::default() }.encode_to_vec()
    }
}

fn single(mode: SignMode) -> ModeInfo {
    ModeInfo { sum: Some(mode_info::Sum::Single(mode_info::Single { mode: mode.into() })) }
}

fn raw(body_bytes: Vec<u8>, auth_info_bytes: Vec<u8>, signature: Vec<u8>) -> Vec<u8> {
    TxRaw { body_bytes, auth_info_bytes, signatures: vec![signature] }.encode_to_vec()
}

/// The transaction, signed and encoded as `TxRaw`.
#[must_use]
pub fn sign_direct(tx: &Unsigned, key: &SecretKey, chain_id: &str, account_number: u64, sequence: u64) -> Vec<u8> {
    let body_bytes = tx.body().encode_to_vec();
    let auth_info_bytes = tx.auth_info_bytes(key.public().to_any(), single(SignMode::Direct), sequence);
    let signature = key.sign(&sign_bytes(&body_bytes, &auth_info_bytes, chain_id, account_number));
    raw(body_bytes, auth_info_bytes, signature.to_vec())
}

/// The transaction, signed as amino JSON, as Ledger devices and browser wallets do.
pub fn sign_amino(tx: &Unsigned, key: &SecretKey, signer: &SignerData<'_>) -> Result<Vec<u8>, AminoError> {
    let signature = key.sign(&amino_sign_bytes(tx, signer)?);
    let mode_info = single(SignMode::LegacyAminoJson);
    let auth_info_bytes = tx.auth_info_bytes(key.public().to_any(), mode_info, signer.sequence);
    Ok(raw(tx.body().encode_to_vec(), auth_info_bytes, signature.to_vec()))
}

/// What a signer of amino JSON, or a member of a multisig account, signs.
pub fn amino_sign_bytes(tx: &Unsigned, signer: &SignerData<'_>) -> Result<Vec<u8>, AminoError> {
    amino::sign_bytes(&tx.body(), &tx.fee(), signer)
}

/// The transaction of a multisig account, from the signatures of members by their place in the key.
pub fn combine_multisig(
    tx: &Unsigned,
    key: &MultisigKey,
    sequence: u64,
    signatures: &BTreeMap<usize, Vec<u8>>,
) -> Result<Vec<u8>, MultisigError> {
    let (mode_info, signature) = key.combine(signatures)?;
    let auth_info_bytes = tx.auth_info_bytes(key.to_any(), mode_info, sequence);
    Ok(raw(tx.body().encode_to_vec(), auth_info_bytes, signature))
}

/// The transaction with an empty signature, which a node simulates.
#[must_use]
pub fn unsigned_for_simulation(tx: &Unsigned, key: &PublicKey, sequence: u64) -> Vec<u8> {
    let auth_info_bytes = tx.auth_info_bytes(key.to_any(), single(SignMode::Direct), sequence);
    raw(tx.body().encode_to_vec(), auth_info_bytes, Vec::new())
}

/// What a signer in `SIGN_MODE_DIRECT` signs; both parts are taken as they were received.
#[must_use]
pub fn sign_bytes(body: &[u8], auth_info: &[u8], chain_id: &str, account_number: u64) -> Vec<u8> {
    SignDoc {
        body_bytes: body.to_vec(),
        auth_info_bytes: auth_info.to_vec(),
        chain_id: chain_id.to_owned(),
        account_number,
    }
    .encode_to_vec()
}
