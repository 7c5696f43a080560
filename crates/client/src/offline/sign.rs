//! One signature in its place.

use akash_proto::cosmos::tx::signing::v1beta1::SignMode;
use akash_proto::cosmos::tx::v1beta1::{AuthInfo, ModeInfo, SignerInfo, TxRaw, mode_info};
use akash_types::address::Address;
use akash_types::key::SecretKey;
use akash_types::tx::{Decoded, SignerData, decode};
use prost::Message;

use super::{OfflineError, signers};

/// How a transaction is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The bytes of the transaction.
    Direct,
    /// The text that Ledger devices and browser wallets show.
    AminoJson,
}

impl From<Mode> for SignMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Direct => Self::Direct,
            Mode::AminoJson => Self::LegacyAminoJson,
        }
    }
}

/// The transaction with the signature of the key's account in its place. The one that stood there is replaced; in the
/// direct mode, which has one signer, all are.
///
/// # Errors
/// When it has no messages or no fee, when the key's account does not sign it, when there are several signers and the
/// mode is direct, or when a signer before this one has not signed.
pub fn sign(tx: &TxRaw, key: &SecretKey, mode: Mode, signer: &SignerData<'_>) -> Result<TxRaw, OfflineError> {
    let mut draft = Draft::read(tx)?;
    let place = draft.place_of(&key.address())?;
    if mode == Mode::Direct && draft.wanted.len() > 1 {
        return Err(OfflineError::SeveralSigners(draft.wanted.len()));
    }
    if mode == Mode::Direct {
        draft.decoded.signatures.clear();
        draft.decoded.auth_info.signer_infos.clear();
    }

    let single = mode_info::Single { mode: SignMode::from(mode).into() };
    let mode_info = Some(ModeInfo { sum: Some(mode_info::Sum::Single(single)) });
    let info = SignerInfo { public_key: Some(key.public().to_any()), mode_info, sequence: signer.sequence };
    let unsigned = draft.signed_at(place, info, Vec::new());
    let bytes = decode(&unsigned.encode_to_vec())?.sign_bytes(mode.into(), signer)?;
    let mut signatures = unsigned.signatures;
    signatures[place] = key.sign(&bytes).to_vec();
    Ok(TxRaw { signatures, ..unsigned })
}

/// A transaction that somebody could sign.
pub(super) struct Draft {
    pub decoded: Decoded,
    /// Who must sign, in this order.
    wanted: Vec<String>,
}

impl Draft {
    pub fn read(tx: &TxRaw) -> Result<Self, OfflineError> {
        let decoded = decode(&tx.encode_to_vec())?;
        if decoded.body.messages.is_empty() {
            return Err(OfflineError::Missing("messages"));
        }
        if decoded.auth_info.fee.is_none() {
            return Err(OfflineError::Missing("fee"));
        }
        let wanted = signers(&decoded.body, &decoded.auth_info)?;
        Ok(Self { decoded, wanted })
    }

    /// The place of an account's signature, if those before it are there.
    pub fn place_of(&self, account: &Address) -> Result<usize, OfflineError> {
        let own = account.to_string();
        let place = self.wanted.iter().position(|signer| *signer == own);
        let place = place.ok_or_else(|| OfflineError::OtherSigner { found: own, wanted: self.wanted.join(" and ") })?;
        let signed = self.signed();
        if place > signed { Err(OfflineError::NotYet(self.wanted[signed].clone())) } else { Ok(place) }
    }

    /// How many signers have signed, from the first one on.
    fn signed(&self) -> usize {
        self.decoded.auth_info.signer_infos.len().min(self.decoded.signatures.len())
    }

    /// The same body with a signature at a place that [`Self::place_of`] gave.
    pub fn signed_at(&self, place: usize, info: SignerInfo, signature: Vec<u8>) -> TxRaw {
        let signed = self.signed();
        let mut infos = self.decoded.auth_info.signer_infos[..signed].to_vec();
        let mut signatures = self.decoded.signatures[..signed].to_vec();
        put(&mut infos, place, info);
        put(&mut signatures, place, signature);
        let auth_info = AuthInfo { signer_infos: infos, ..self.decoded.auth_info.clone() };
        TxRaw { body_bytes: self.decoded.body_bytes.clone(), auth_info_bytes: auth_info.encode_to_vec(), signatures }
    }
}

/// Replaces what stands at a place, or adds it at the end.
fn put<T>(items: &mut Vec<T>, place: usize, item: T) {
    match items.get_mut(place) {
        Some(old) => *old = item,
        None => items.push(item),
    }
}
