use akash_proto::cosmos::tx::signing::v1beta1::SignMode;

use super::{Decoded, amino, sign_bytes};
use crate::amino::AminoError;
use crate::key::{MultisigError, SignerKey};

/// What a signature depends on beside the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignerData<'a> {
    pub chain_id: &'a str,
    pub account_number: u64,
    /// The account's sequence. Direct signatures take it from the transaction instead.
    pub sequence: u64,
}

/// Why a transaction cannot be signed, or was not signed, in a sign mode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignBytesError {
    #[error("sign mode {0} is not supported")]
    Mode(i32),
    #[error("SIGN_MODE_LEGACY_AMINO_JSON does not support protobuf extension options: invalid request")]
    Extensions,
    #[error("SIGN_MODE_LEGACY_AMINO_JSON does not support unknown non-critical fields")]
    UnknownFields,
    #[error("transaction has no fee")]
    NoFee,
    #[error("{0}")]
    Amino(#[from] AminoError),
}

impl Decoded {
    /// What a signer in `mode` signed. The direct mode takes the bytes as they were received.
    pub fn sign_bytes(&self, mode: SignMode, signer: &SignerData<'_>) -> Result<Vec<u8>, SignBytesError> {
        match mode {
            SignMode::Direct => {
                Ok(sign_bytes(&self.body_bytes, &self.auth_info_bytes, signer.chain_id, signer.account_number))
            }
            SignMode::LegacyAminoJson => self.amino_sign_bytes(signer),
            other => Err(SignBytesError::Mode(other.into())),
        }
    }

    fn amino_sign_bytes(&self, signer: &SignerData<'_>) -> Result<Vec<u8>, SignBytesError> {
        let body = &self.body;
        if !body.extension_options.is_empty() || !body.non_critical_extension_options.is_empty() {
            return Err(SignBytesError::Extensions);
        }
        if self.has_unknown_fields {
            return Err(SignBytesError::UnknownFields);
        }
        let fee = self.auth_info.fee.as_ref().ok_or(SignBytesError::NoFee)?;
        Ok(amino::sign_bytes(body, fee, signer)?)
    }

    /// Verifies the signature at `index`, in whatever mode it was made, also of a multisig key.
    ///
    /// `key` is the one of the account: the transaction's own may be absent or, for a stranger, wrong.
    pub fn verify(&self, index: usize, key: &SignerKey, signer: &SignerData<'_>) -> Result<(), MultisigError> {
        let info = self.auth_info.signer_infos.get(index).ok_or(MultisigError::Count(index))?;
        let signature = self.signatures.get(index).ok_or(MultisigError::Count(index))?;
        let mode = info.mode_info.as_ref().ok_or(MultisigError::Mode)?;
        let sign_bytes = |mode| self.sign_bytes(mode, signer).map_err(|error| error.to_string());
        key.verify_mode(mode, signature, &sign_bytes)
    }
}
