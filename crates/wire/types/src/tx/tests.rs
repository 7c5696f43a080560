use akash_proto::akash::cert::v1::MsgRevokeCertificate;
use akash_proto::cosmos::authz::v1beta1::MsgExec;
use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, TxBody, TxRaw};
use proptest::prelude::*;
use prost::Message;
use prost_types::Any;

use super::{DecodeError, Unsigned, decode, encode_any, sign_bytes, sign_direct, unsigned_for_simulation};
use crate::key::SecretKey;

fn key() -> SecretKey {
    SecretKey::from_bytes(&[7; 32]).unwrap()
}

fn send() -> MsgSend {
    let me = key().address().to_string();
    let coin = Coin { denom: "uakt".to_owned(), amount: "5".to_owned() };
    MsgSend { from_address: me.clone(), to_address: me, amount: vec![coin] }
}

fn unsigned() -> Unsigned {
    Unsigned {
        messages: vec![encode_any(&send())],
        memo: "hello".to_owned(),
        fee: "500uakt".parse().unwrap(),
        gas_limit: 200_000,
        ..Unsigned::default()
    }
}

fn signed() -> Vec<u8> {
    sign_direct(&unsigned(), &key(), "akash-play-1", 3, 9)
}

/// A transaction around these bytes of a body.
fn with_body(body_bytes: Vec<u8>) -> Vec<u8> {
    let auth_info_bytes = AuthInfo { fee: Some(Fee::default()), ..AuthInfo::default() }.encode_to_vec();
    TxRaw { body_bytes, auth_info_bytes, signatures: vec![Vec::new()] }.encode_to_vec()
}

fn with_message(message: Any) -> Vec<u8> {
    with_body(TxBody { messages: vec![message], ..TxBody::default() }.encode_to_vec())
}

fn error(tx: &[u8]) -> String {
    decode(tx).expect_err("should be refused").to_string()
}

/// A bytes field with a one-byte tag.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    prost::encoding::encode_varint(bytes.len() as u64, &mut out);
    out.extend_from_slice(bytes);
    out
}

#[test]
fn what_was_signed_is_read_and_verified() {
    let decoded = decode(&signed()).unwrap();
    assert_eq!(decoded.body.memo, "hello");
    assert_eq!(decoded.body.messages, unsigned().messages);
    assert_eq!(decoded.auth_info.signer_infos[0].sequence, 9);
    assert!(!decoded.has_unknown_fields);
    let message = sign_bytes(&decoded.body_bytes, &decoded.auth_info_bytes, "akash-play-1", 3);
    assert_eq!(key().public().verify(&message, &decoded.signatures[0]), Ok(()));
    let other_chain = sign_bytes(&decoded.body_bytes, &decoded.auth_info_bytes, "akash-play-2", 3);
    assert!(key().public().verify(&other_chain, &decoded.signatures[0]).is_err());
}

#[test]
fn a_simulated_transaction_has_an_empty_signature() {
    let decoded = decode(&unsigned_for_simulation(&unsigned(), &key().public(), 9)).unwrap();
    assert_eq!(decoded.signatures, [Vec::<u8>::new()]);
    assert_eq!(decoded.body_bytes, decode(&signed()).unwrap().body_bytes);
}

#[test]
fn the_outer_message_has_one_encoding() {
    assert_eq!(error(&[0x08, 1]), "expected 2 wire type, got 0");
    let body = field(1, &[]);
    let backwards = [field(2, &[]), body].concat();
    assert_eq!(error(&backwards), "txRaw must follow ADR-027, got tagNum 1 after tagNum 2");
    let long_prefix = [0x0a, 0x81, 0x00, 0x00];
    assert_eq!(
        error(&long_prefix),
        "length prefix varint for tagNum 1 is not as short as possible, read 2, only need 1"
    );
    assert_eq!(error(&[0x0a, 5, 0]), "invalid length; unexpected EOF");
    assert_eq!(error(&[0x0a]), "invalid length; unexpected EOF");
    assert_eq!(error(&[0x02, 0]), "invalid length; invalid field number");
    assert_eq!(error(&[0xff; 11]), "invalid length; variable length integer overflow");
}

#[test]
fn unknown_fields_are_refused() {
    assert_eq!(error(&field(9, b"x")), r#"errUnknownField "cosmos.tx.v1beta1.TxRaw": {TagNum: 9, WireType:"bytes"}"#);
    assert_eq!(
        error(&with_body(field(9, b"x"))),
        r#"errUnknownField "cosmos.tx.v1beta1.TxBody": {TagNum: 9, WireType:"bytes"}"#
    );
    let auth_info = TxRaw { auth_info_bytes: vec![0x48, 1], ..TxRaw::default() }.encode_to_vec();
    assert_eq!(error(&auth_info), r#"errUnknownField "cosmos.tx.v1beta1.AuthInfo": {TagNum: 9, WireType:"varint"}"#);
    let mut message = encode_any(&send());
    message.value.extend(field(9, b"x"));
    assert_eq!(
        error(&with_message(message)),
        r#"errUnknownField "cosmos.bank.v1beta1.MsgSend": {TagNum: 9, WireType:"bytes"}"#
    );
}

#[test]
fn some_unknown_fields_of_the_body_are_tolerated() {
    let mut body = Vec::new();
    prost::encoding::encode_key(1024, prost::encoding::WireType::Varint, &mut body);
    body.push(1);
    assert!(decode(&with_body(body.clone())).unwrap().has_unknown_fields);

    let mut message = encode_any(&send());
    message.value.extend(&body);
    assert!(decode(&with_message(message)).unwrap().has_unknown_fields);

    let auth_info = TxRaw { auth_info_bytes: body, ..TxRaw::default() }.encode_to_vec();
    assert_eq!(error(&auth_info), r#"errUnknownField "cosmos.tx.v1beta1.AuthInfo": {TagNum: 1024, WireType:"varint"}"#);
}

#[test]
fn wrong_wire_types_are_refused() {
    assert_eq!(
        error(&with_body(vec![0x10, 1])),
        r#"Mismatched "cosmos.tx.v1beta1.TxBody": {TagNum: 2, GotWireType: "varint" != WantWireType: "bytes"}"#
    );
    assert_eq!(
        error(&with_body(vec![0x1d, 0, 0, 0, 0])),
        r#"Mismatched "cosmos.tx.v1beta1.TxBody": {TagNum: 3, GotWireType: "fixed32" != WantWireType: "varint"}"#
    );
}

#[test]
fn types_must_be_known_and_fit() {
    let any = |type_url: &str| Any { type_url: type_url.to_owned(), value: Vec::new() };
    assert_eq!(error(&with_message(any("/x"))), "unable to resolve type URL /x");
    assert_eq!(error(&with_message(any(""))), "unable to resolve type URL ");
    assert_eq!(
        error(&with_message(any("cosmos.bank.v1beta1.MsgSend"))),
        "unable to resolve type URL cosmos.bank.v1beta1.MsgSend"
    );
    assert_eq!(
        error(&with_message(any("/cosmos.base.v1beta1.Coin"))),
        "no concrete type registered for type URL /cosmos.base.v1beta1.Coin against interface *types.Msg"
    );
    assert!(decode(&with_message(encode_any(&MsgRevokeCertificate::default()))).is_ok());
}

/// `MsgExec` carries messages, also itself.
#[test]
fn messages_within_messages_are_bounded() {
    let exec = |msgs: Vec<Any>| encode_any(&MsgExec { grantee: String::new(), msgs });
    let nested = |levels: usize| (1..levels).fold(exec(Vec::new()), |inner, _| exec(vec![inner]));
    assert!(decode(&with_message(nested(10))).is_ok());
    assert_eq!(error(&with_message(nested(11))), "max depth exceeded");
    assert_eq!(error(&with_message(nested(2_000))), "max depth exceeded");

    let wide = |count: usize| exec(vec![encode_any(&send()); count]);
    assert!(decode(&with_message(wide(99))).is_ok());
    assert_eq!(error(&with_message(wide(100))), "call limit exceeded");
    let two = TxBody { messages: vec![wide(99), wide(99)], ..TxBody::default() };
    assert!(decode(&with_body(two.encode_to_vec())).is_ok());
}

/// A recursive message that is no `Any`: a multisig's mode within a mode.
#[test]
fn deep_messages_are_refused() {
    let mode = (0..5_000).fold(Vec::new(), |inner, _| field(2, &field(2, &inner)));
    let signer = field(1, &field(2, &mode));
    let raw = TxRaw { auth_info_bytes: signer, ..TxRaw::default() }.encode_to_vec();
    assert_eq!(error(&raw), "recursion limit reached");
}

#[test]
fn large_transactions_are_not_looked_at() {
    assert!(error(&vec![0; 5 << 20]).starts_with("transaction has 5242880 bytes"));
}

/// Found by fuzzing: each of these once gave the same transaction under another hash.
#[test]
fn one_transaction_has_one_encoding() {
    let original = signed();
    let twice = [&[0x0a, 0x00], &original[..]].concat();
    let long_tag = [&[0x8a, 0x00], &original[1..]].concat();
    let empty = [0x12, 0x00];
    for changed in [&twice[..], &long_tag, &empty] {
        assert_eq!(decode(changed), Err(DecodeError::RawForm));
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
        let _ = decode(&with_body(bytes));
    }

    /// A transaction with one byte changed is refused, or means something else.
    #[test]
    fn no_second_encoding(at in any::<prop::sample::Index>(), by in 1_u8..) {
        let original = signed();
        let mut changed = original.clone();
        let at = at.index(changed.len());
        changed[at] = changed[at].wrapping_add(by);
        if let Ok(decoded) = decode(&changed) {
            let other = decode(&original).unwrap();
            prop_assert!(
                (decoded.body_bytes, decoded.auth_info_bytes, decoded.signatures)
                    != (other.body_bytes, other.auth_info_bytes, other.signatures)
            );
        }
    }

    #[test]
    fn memos_and_numbers_round_trip(memo in ".{0,40}", timeout_height: u64, gas_limit: u64, sequence: u64) {
        let tx = Unsigned { memo, timeout_height, gas_limit, ..unsigned() };
        let decoded = decode(&sign_direct(&tx, &key(), "akash-play-1", 3, sequence)).unwrap();
        prop_assert_eq!(decoded.body.memo, tx.memo);
        prop_assert_eq!(decoded.body.timeout_height, tx.timeout_height);
        prop_assert_eq!(decoded.auth_info.fee.unwrap().gas_limit, tx.gas_limit);
        prop_assert_eq!(decoded.auth_info.signer_infos[0].sequence, sequence);
    }
}
