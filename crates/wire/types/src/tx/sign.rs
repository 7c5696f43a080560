use prost::Message;
use prost_types::Any;

use akash_proto::cosmos::tx::signing::v1beta1::SignMode;
use akash_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw, mode_info};

use crate::address::Address;
use crate::coin::Coins;
use crate::key::{PublicKey, SecretKey};

/// What a transaction with one signer says, before it is signed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unsigned {
    pub messages: Vec<Any>,
    pub memo: String,
    /// The last height at which it may be in a block; 0 for no limit.
    pub timeout_height: u64,
    pub fee: Coins,
    pub gas_limit: u64,
    /// Who pays the fee, if not the signer; must sign too.
    pub payer: Option<Address>,
    /// Whose allowance pays the fee.
    pub granter: Option<Address>,
}

impl Unsigned {
    fn body_bytes(&self) -> Vec<u8> {
        TxBody {
            messages: self.messages.clone(),
            memo: self.memo.clone(),
            timeout_height: self.timeout_height,
            ..TxBody::default()
        }
        .encode_to_vec()
    }

    fn auth_info_bytes(&self, key: &PublicKey, sequence: u64, mode: SignMode) -> Vec<u8> {
        let single = mode_info::Single { mode: mode.into() };
        let text = |address: &Option<Address>| address.as_ref().map(ToString::to_string).unwrap_or_default();
        AuthInfo {
            signer_infos: vec![SignerInfo {
                public_key: Some(key.to_any()),
                mode_info: Some(ModeInfo { sum: Some(mode_info::Sum::Single(single)) }),
                sequence,
            }],
            fee: Some(Fee {
                amount: (&self.fee).into(),
                gas_limit: self.gas_limit,
                payer: text(&self.payer),
                granter: text(&self.granter),
            }),
            ..AuthInfo::default()
        }
        .encode_to_vec()
    }
}

/// The transaction, signed and encoded as `TxRaw`.
#[must_use]
pub fn sign_direct(tx: &Unsigned, key: &SecretKey, chain_id: &str, account_number: u64, sequence: u64) -> Vec<u8> {
    let body_bytes = tx.body_bytes();
    let auth_info_bytes = tx.auth_info_bytes(&key.public(), sequence, SignMode::Direct);
    let signature = key.sign(&sign_bytes(&body_bytes, &auth_info_bytes, chain_id, account_number));
    TxRaw { body_bytes, auth_info_bytes, signatures: vec![signature.to_vec()] }.encode_to_vec()
}

/// The transaction with an empty signature, which a node simulates.
#[must_use]
pub fn unsigned_for_simulation(tx: &Unsigned, key: &PublicKey, sequence: u64) -> Vec<u8> {
    let body_bytes = tx.body_bytes();
    let auth_info_bytes = tx.auth_info_bytes(key, sequence, SignMode::Direct);
    TxRaw { body_bytes, auth_info_bytes, signatures: vec![Vec::new()] }.encode_to_vec()
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
