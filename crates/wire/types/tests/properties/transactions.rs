//! Transactions: made from parts, read, verified; and whatever is accepted has one encoding.

use akash_proto::akash::deployment::v1beta4::MsgCreateDeployment;
use akash_proto::akash::market::v1beta5::MsgCreateBid;
use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_proto::cosmos::tx::v1beta1::TxRaw;
use akash_types::coin::{Coin, Coins};
use akash_types::key::{SecretKey, SignerKey};
use akash_types::tx::{self, SignerData, Unsigned};
use akash_types::{comet, json};
use proptest::prelude::*;
use prost::{Message, Name};
use prost_types::Any;

use crate::generate::{Entropy, message};

fn signed_message(kind: usize, bytes: &[u8]) -> Any {
    let names = [MsgSend::full_name(), MsgCreateDeployment::full_name(), MsgCreateBid::full_name()];
    let made = message(&json::descriptor(&names[kind]).unwrap(), &mut Entropy(bytes));
    Any { type_url: format!("/{}", names[kind]), value: made.encode_to_vec() }
}

fn messages() -> impl Strategy<Value = Vec<Any>> {
    let one = (0_usize..3, proptest::collection::vec(any::<u8>(), 0..150));
    proptest::collection::vec(one.prop_map(|(kind, bytes)| signed_message(kind, &bytes)), 1..4)
}

fn unsigned() -> impl Strategy<Value = Unsigned> {
    let amounts = proptest::collection::btree_map("[a-z]{3,8}", 1_u64.., 0..3);
    (messages(), ".{0,20}", any::<u64>(), any::<u64>(), amounts, any::<bool>()).prop_map(
        |(messages, memo, timeout_height, gas_limit, amounts, unordered)| Unsigned {
            messages,
            memo,
            timeout_height,
            gas_limit,
            fee: Coins::from_vec(amounts.into_iter().map(|(d, a)| Coin::new(d, a).unwrap()).collect()).unwrap(),
            unordered,
            timeout_timestamp: unordered.then_some(prost_types::Timestamp { seconds: 1_800_000_000, nanos: 5 }),
            ..Unsigned::default()
        },
    )
}

proptest! {
    #[test]
    fn what_was_signed_is_read_and_verified(tx in unsigned(), account_number: u64, sequence in 0_u64..u64::MAX) {
        let key = SecretKey::from_bytes(&[7; 32]).unwrap();
        let signer = SignerData { chain_id: "akash-play-1", account_number, sequence };
        let direct = tx::sign_direct(&tx, &key, signer.chain_id, account_number, sequence);
        let public = SignerKey::Secp256k1(key.public());
        for raw in [Some(direct), tx::sign_amino(&tx, &key, &signer).ok()].into_iter().flatten() {
            let decoded = tx::decode(&raw).unwrap();
            prop_assert_eq!(&decoded.body.messages, &tx.messages);
            prop_assert_eq!(&decoded.body.memo, &tx.memo);
            prop_assert_eq!(decoded.body.timeout_timestamp, tx.timeout_timestamp);
            prop_assert_eq!(decoded.verify(0, &public, &signer), Ok(()));
            let other = SignerData { sequence: sequence + 1, ..signer };
            let amino = decoded.auth_info.signer_infos[0].mode_info.as_ref().unwrap().encode_to_vec() != [10, 2, 8, 1];
            prop_assert_eq!(decoded.verify(0, &public, &other).is_err(), amino);
        }
    }

    #[test]
    fn accepted_bytes_are_the_encoding_of_what_they_say(tx in unsigned(), at: prop::sample::Index, by: u8, cut: bool) {
        let key = SecretKey::from_bytes(&[7; 32]).unwrap();
        let mut raw = tx::sign_direct(&tx, &key, "akash-play-1", 3, 9);
        let at = at.index(raw.len());
        raw[at] ^= by;
        if cut {
            raw.truncate(at);
        }
        if let Ok(decoded) = tx::decode(&raw) {
            let tx::Decoded { body_bytes, auth_info_bytes, signatures, .. } = decoded;
            prop_assert_eq!(TxRaw { body_bytes, auth_info_bytes, signatures }.encode_to_vec(), raw);
        }
    }

    #[test]
    fn parts_of_a_block_give_the_block(length in 0_usize..300_000, fill: u8) {
        let block: Vec<u8> = (0..length).map(|at| fill ^ (at as u8) ^ ((at >> 8) as u8)).collect();
        let set = comet::PartSet::new(&block);
        prop_assert!(set.parts.iter().all(|part| part.is_of(set.total(), &set.hash)));
        prop_assert_eq!(set.parts.iter().flat_map(|part| part.bytes.iter().copied()).collect::<Vec<_>>(), block);
    }
}
