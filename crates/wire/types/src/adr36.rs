//! Signatures of arbitrary data with an account's key (ADR-36), as browser wallets give them.
//!
//! What is signed is an amino JSON sign document that can never be a transaction: no chain, no fee, and one message
//! `sign/MsgSignData` with the signer's address and the data. So a signature over data cannot be taken for a payment.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::address::Address;
use crate::json::tree::Tree;
use crate::key::{KeyError, PublicKey, SecretKey};

/// The text that is signed.
#[must_use]
pub fn sign_bytes(signer: &Address, data: &[u8]) -> Vec<u8> {
    let object = |members: Vec<(&str, Tree)>| {
        Tree::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let value = object(vec![("data", Tree::Text(STANDARD.encode(data))), ("signer", Tree::text(signer))]);
    let message = object(vec![("type", Tree::text("sign/MsgSignData")), ("value", value)]);
    let document = object(vec![
        ("account_number", Tree::text("0")),
        ("chain_id", Tree::text("")),
        ("fee", object(vec![("amount", Tree::List(Vec::new())), ("gas", Tree::text("0"))])),
        ("memo", Tree::text("")),
        ("msgs", Tree::List(vec![message])),
        ("sequence", Tree::text("0")),
    ]);
    document.to_text().into_bytes()
}

/// Signs data as the account of the key.
#[must_use]
pub fn sign(key: &SecretKey, data: &[u8]) -> [u8; 64] {
    key.sign(&sign_bytes(&key.address(), data))
}

/// Whether the account of the key signed the data.
pub fn verify(key: &PublicKey, data: &[u8], signature: &[u8]) -> Result<(), KeyError> {
    key.verify(&sign_bytes(&key.address(), data), signature)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{sign, verify};
    use crate::key::{KeyError, SecretKey};

    proptest! {
        #[test]
        fn signed_data_is_verified_and_other_data_is_not(
            data in proptest::collection::vec(any::<u8>(), 0..100),
            other in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let key = SecretKey::from_bytes(&[7; 32]).unwrap();
            let signature = sign(&key, &data);
            prop_assert_eq!(verify(&key.public(), &data, &signature), Ok(()));
            if other != data {
                prop_assert_eq!(verify(&key.public(), &other, &signature), Err(KeyError::Signature));
            }
            prop_assert!(verify(&key.public(), &data, &data).is_err());
        }
    }
}
