//! Signing in all modes, verified as a node does.

use std::collections::BTreeMap;

use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_proto::cosmos::tx::signing::v1beta1::SignMode;
use akash_proto::cosmos::tx::v1beta1::{TxBody, TxRaw};
use proptest::prelude::*;
use prost::Message;

use super::{
    SignBytesError, SignerData, Unsigned, amino_sign_bytes, combine_multisig, decode, encode_any, sign_amino,
    sign_direct,
};
use crate::coin::Coin;
use crate::key::{MultisigError, MultisigKey, SecretKey, SignerKey};

const SIGNER: SignerData<'_> = SignerData { chain_id: "akash-play-1", account_number: 3, sequence: 9 };

fn secret(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; 32]).unwrap()
}

fn single(number: u8) -> SignerKey {
    SignerKey::Secp256k1(secret(number).public())
}

fn send() -> Unsigned {
    let me = secret(7).address().to_string();
    let amount = vec![Coin::new("uakt", 5).unwrap().into()];
    let message = MsgSend { from_address: me.clone(), to_address: me, amount };
    Unsigned { messages: vec![encode_any(&message)], fee: "5uakt".parse().unwrap(), ..Unsigned::default() }
}

/// 2 of 3; the third member is 1 of 2 itself.
fn nested() -> MultisigKey {
    let inner = MultisigKey::new(1, vec![single(3), single(4)]).unwrap();
    MultisigKey::new(2, vec![single(1), single(2), SignerKey::Multisig(inner)]).unwrap()
}

#[test]
fn both_modes_are_verified() {
    let (tx, key) = (send(), secret(7));
    let direct = sign_direct(&tx, &key, SIGNER.chain_id, SIGNER.account_number, SIGNER.sequence);
    let amino = sign_amino(&tx, &key, &SIGNER).unwrap();
    for raw in [direct, amino] {
        let decoded = decode(&raw).unwrap();
        assert_eq!(decoded.verify(0, &single(7), &SIGNER), Ok(()));
        assert_eq!(decoded.verify(0, &single(8), &SIGNER), Err(MultisigError::Signature));
        let elsewhere = SignerData { chain_id: "akashnet-2", ..SIGNER };
        assert_eq!(decoded.verify(0, &single(7), &elsewhere), Err(MultisigError::Signature));
        assert!(decoded.verify(1, &single(7), &SIGNER).is_err());
        assert_eq!(decoded.verify(0, &SignerKey::Multisig(nested()), &SIGNER), Err(MultisigError::Mode));
    }
}

/// Newer members of the body are part of the amino text as soon as they have a value.
#[test]
fn unordered_transactions_have_their_members_signed() {
    let timeout_timestamp = Some(prost_types::Timestamp { seconds: 1, nanos: 0 });
    let tx = Unsigned { unordered: true, timeout_timestamp, timeout_height: 8, ..send() };
    let text = String::from_utf8(amino_sign_bytes(&tx, &SIGNER).unwrap()).unwrap();
    assert!(
        text.ends_with(r#""timeout_height":"8","timeout_timestamp":"1970-01-01T00:00:01Z","unordered":true}"#),
        "{text}"
    );
    let decoded = decode(&sign_amino(&tx, &secret(7), &SIGNER).unwrap()).unwrap();
    assert_eq!((decoded.body.unordered, decoded.body.timeout_timestamp), (true, timeout_timestamp));
}

/// Amino text has no place for them, so a signature would not cover them.
#[test]
fn extensions_and_unknown_fields_are_not_for_amino() {
    let raw = TxRaw::decode(sign_amino(&send(), &secret(7), &SIGNER).unwrap().as_slice()).unwrap();
    let sign_bytes = |body_bytes: Vec<u8>| {
        let raw = TxRaw { body_bytes, ..raw.clone() }.encode_to_vec();
        decode(&raw).unwrap().sign_bytes(SignMode::LegacyAminoJson, &SIGNER)
    };
    assert!(sign_bytes(raw.body_bytes.clone()).is_ok());

    let unknown = [raw.body_bytes.as_slice(), &[0x82, 0x40, 0x00]].concat(); // field 1024, not critical
    assert_eq!(sign_bytes(unknown), Err(SignBytesError::UnknownFields));
    let mut body = TxBody::decode(raw.body_bytes.as_slice()).unwrap();
    body.timeout_height = 1;
    assert!(sign_bytes(body.encode_to_vec()).is_ok());

    let textual = decode(&raw.encode_to_vec()).unwrap().sign_bytes(SignMode::Textual, &SIGNER);
    assert_eq!(textual, Err(SignBytesError::Mode(SignMode::Textual.into())));
}

#[test]
fn members_sign_together() {
    let key = MultisigKey::new(2, vec![single(1), single(2), single(3)]).unwrap();
    let (tx, any_key) = (send(), SignerKey::Multisig(key.clone()));
    let sign_bytes = amino_sign_bytes(&tx, &SIGNER).unwrap();
    let sign = |number: u8| secret(number).sign(&sign_bytes).to_vec();
    let combine = |signatures: &[(usize, u8)]| {
        let signatures: BTreeMap<_, _> = signatures.iter().map(|(place, number)| (*place, sign(*number))).collect();
        combine_multisig(&tx, &key, SIGNER.sequence, &signatures)
    };
    for signers in [vec![(0, 1), (1, 2)], vec![(0, 1), (2, 3)], vec![(0, 1), (1, 2), (2, 3)]] {
        let decoded = decode(&combine(&signers).unwrap()).unwrap();
        assert_eq!(decoded.verify(0, &any_key, &SIGNER), Ok(()));
        assert_eq!(decoded.verify(0, &single(1), &SIGNER), Err(MultisigError::Mode));
    }
    let wrong = decode(&combine(&[(0, 1), (1, 3)]).unwrap()).unwrap();
    assert_eq!(wrong.verify(0, &any_key, &SIGNER), Err(MultisigError::Member(1)));
    assert_eq!(combine(&[(0, 1)]), Err(MultisigError::TooFew { have: 1, need: 2 }));
    assert_eq!(combine(&[(0, 1), (3, 2)]), Err(MultisigError::BitArray(3)));

    let other = MultisigKey::new(3, key.members().to_vec()).unwrap();
    let two = decode(&combine(&[(0, 1), (1, 2)]).unwrap()).unwrap();
    let verdict = two.verify(0, &SignerKey::Multisig(other), &SIGNER);
    assert_eq!(verdict, Err(MultisigError::TooFew { have: 2, need: 3 }));
}

#[test]
fn keys_within_keys_are_bounded() {
    let mut key = single(1);
    let mut depth = 0;
    loop {
        key = SignerKey::Multisig(MultisigKey::new(1, vec![key]).unwrap());
        depth += 1;
        let read = SignerKey::from_any(&key.to_any());
        assert_eq!(read.is_ok(), SignerKey::from_amino(&key.to_amino()).is_ok());
        if read.is_err() {
            break;
        }
        assert_eq!(read, Ok(key.clone()));
    }
    assert_eq!(depth, 4);
    assert_eq!(SignerKey::Multisig(nested()).count(), 4);
    for (threshold, members) in [(0, vec![single(1)]), (2, vec![single(1)]), (1, vec![single(1); 65])] {
        assert!(MultisigKey::new(threshold, members).is_err());
    }
}

fn keys() -> impl Strategy<Value = SignerKey> {
    let leaf = (1_u8..200, any::<bool>()).prop_map(|(number, account)| {
        let consensus = crate::key::ConsensusKey::from_seed([number; 32]).public();
        if account { single(number) } else { SignerKey::Ed25519(consensus) }
    });
    leaf.prop_recursive(3, 20, 5, |inner| {
        proptest::collection::vec(inner, 1..5).prop_flat_map(|members| {
            let size = members.len() as u32;
            (1..=size)
                .prop_map(move |threshold| SignerKey::Multisig(MultisigKey::new(threshold, members.clone()).unwrap()))
        })
    })
}

proptest! {
    #[test]
    fn keys_are_read_back(key in keys()) {
        prop_assert_eq!(SignerKey::from_any(&key.to_any()), Ok(key.clone()));
        prop_assert_eq!(SignerKey::from_amino(&key.to_amino()), Ok(key.clone()));
        prop_assert_eq!(key.address().as_bytes().len(), 20);
    }

    #[test]
    fn no_key_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), multisig in any::<bool>()) {
        let prefix: &[u8] = if multisig { &[0x22, 0xc1, 0xf7, 0xe2, 0x08] } else { &[] };
        let _ = SignerKey::from_amino(&[prefix, &bytes].concat());
        let url = SignerKey::Multisig(nested()).to_any().type_url;
        let _ = SignerKey::from_any(&prost_types::Any { type_url: url, value: bytes });
    }

    /// A changed multisig transaction is refused or does not decode; nothing panics.
    #[test]
    fn changed_multisig_transactions_are_refused(at in any::<proptest::sample::Index>(), byte in any::<u8>()) {
        let key = MultisigKey::new(2, vec![single(1), single(2), single(3)]).unwrap();
        let sign_bytes = amino_sign_bytes(&send(), &SIGNER).unwrap();
        let sign = |number: u8| secret(number).sign(&sign_bytes).to_vec();
        let signatures = BTreeMap::from([(0, sign(1)), (2, sign(3))]);
        let mut raw = combine_multisig(&send(), &key, SIGNER.sequence, &signatures).unwrap();
        let (before, at) = (raw.clone(), at.index(raw.len()));
        raw[at] = byte;
        prop_assume!(raw != before);
        if let Ok(decoded) = decode(&raw) {
            // The key and the sequence in the transaction are not what is verified: the account's are.
            let same = decoded.body == decode(&before).unwrap().body
                && decoded.auth_info.fee == decode(&before).unwrap().auth_info.fee;
            let verdict = decoded.verify(0, &SignerKey::Multisig(key), &SIGNER);
            prop_assert!(same || verdict.is_err());
        }
    }
}
