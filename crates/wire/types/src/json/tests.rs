use akash_proto::akash::deployment::v1::{Deployment, DeploymentId, EventDeploymentCreated};
use akash_proto::akash::escrow::types::v1::{AccountState, Balance};
use akash_proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountResponse};
use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_proto::cosmos::base::v1beta1::{Coin, DecCoin};
use akash_proto::cosmos::tx::v1beta1::{ModeInfo, mode_info};
use akash_proto::tendermint::types::{ConsensusParams, EvidenceParams};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use prost::{Message, Name};
use prost_reflect::DynamicMessage;
use prost_types::{Any, Duration, Timestamp};
use serde_json::json;

use super::{Rfc3339, decode, decode_message, descriptor, encode_message, encode_message_text};
use crate::event::{EventError, decode_event, encode_event};
use crate::key::SecretKey;
use crate::tx::encode_any;

fn check<M: Message + Name>(message: &M, expected: Expect) {
    expected.assert_eq(&encode_message_text(message));
}

#[test]
fn members_keep_their_order_and_their_defaults() {
    check(&MsgSend::default(), expect![[r#"{"from_address":"","to_address":"","amount":[]}"#]]);
    check(
        &Deployment::default(),
        expect![[
            r#"{"id":{"owner":"","dseq":"0"},"state":"invalid","hash":null,"created_at":"0","reclamation":null}"#
        ]],
    );
}

#[test]
fn decimals_have_a_point() {
    let price = DecCoin { denom: "uakt".to_owned(), amount: "25000000000000000".to_owned() };
    check(&price, expect![[r#"{"denom":"uakt","amount":"0.025000000000000000"}"#]]);
    // Found by fuzzing: this was once shown as it stands, and read back as 7.
    check(&DecCoin { amount: "007".to_owned(), ..price }, expect![[r#"{"denom":"uakt","amount":null}"#]]);
    check(&Balance::default(), expect![[r#"{"denom":"","amount":null}"#]]);
    check(&Coin::default(), expect![[r#"{"denom":"","amount":"0"}"#]]);
}

#[test]
fn texts_are_escaped_as_in_go() {
    let coin = Coin { denom: "<a&b>\u{2028}\"\\\n\u{1}ü".to_owned(), amount: "1".to_owned() };
    check(&coin, expect![[r#"{"denom":"\u003ca\u0026b\u003e\u2028\"\\\n\u0001ü","amount":"1"}"#]]);
    assert_eq!(encode_message(&coin)["denom"], json!(coin.denom));
}

#[test]
fn an_any_is_opened() {
    let key = SecretKey::from_bytes(&[7; 32]).unwrap().public();
    let account = BaseAccount { pub_key: Some(key.to_any()), sequence: 3, ..BaseAccount::default() };
    let answer = QueryAccountResponse { account: Some(encode_any(&account)) };
    let key = r#"{"@type":"/cosmos.crypto.secp256k1.PubKey","key":"ApicC3bLVjlx/cm+8x7AbDVg8ySdbunl2DxXYlWW4F9v"}"#;
    let rest = r#""address":"","pub_key":KEY,"account_number":"0","sequence":"3""#.replace("KEY", key);
    let account = format!(r#"{{"@type":"/cosmos.auth.v1beta1.BaseAccount",{rest}}}"#);
    assert_eq!(encode_message_text(&answer), format!(r#"{{"account":{account}}}"#));
    let answer = QueryAccountResponse { account: Some(Any { type_url: "/x".to_owned(), value: vec![1] }) };
    check(&answer, expect![[r#"{"account":{"@type":"/x","value":"AQ=="}}"#]]);
}

/// Found by a property test: the inner `@type` once stood beside the outer one.
#[test]
fn an_any_within_an_any_keeps_both_types() {
    let inner = encode_any(&Coin { denom: "uakt".to_owned(), amount: "1".to_owned() });
    let outer = Any { type_url: "/google.protobuf.Any".to_owned(), value: inner.encode_to_vec() };
    let text = encode_message_text(&outer);
    let coin = r#"{"@type":"/cosmos.base.v1beta1.Coin","denom":"uakt","amount":"1"}"#;
    assert_eq!(text, format!(r#"{{"@type":"/google.protobuf.Any","value":{coin}}}"#));
    assert_eq!(decode_message::<Any>(&serde_json::from_str(&text).unwrap()), Ok(outer));
}

#[test]
fn times_and_durations_are_texts() {
    let seconds = |seconds, nanos| EvidenceParams {
        max_age_duration: Some(Duration { seconds, nanos }),
        ..EvidenceParams::default()
    };
    check(
        &seconds(1_209_600, 0),
        expect![[r#"{"max_age_num_blocks":"0","max_age_duration":"1209600s","max_bytes":"0"}"#]],
    );
    check(
        &seconds(0, -1_500_000),
        expect![[r#"{"max_age_num_blocks":"0","max_age_duration":"-0.001500s","max_bytes":"0"}"#]],
    );
    for (text, seconds, nanos) in [
        ("1970-01-01T00:00:00Z", 0, 0),
        ("2024-02-29T23:59:59.500Z", 1_709_251_199, 500_000_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
        ("9999-12-31T23:59:59.000000001Z", 253_402_300_799, 1),
    ] {
        assert_eq!(Rfc3339 { seconds, nanos }.to_string(), text);
        assert_eq!(text.parse(), Ok(Rfc3339 { seconds, nanos }));
    }
    assert_eq!("2024-03-01T01:00:00+01:00".parse(), Ok(Rfc3339 { seconds: 1_709_251_200, nanos: 0 }));
    for text in [
        "",
        "2023-02-29T00:00:00Z",
        "2024-01-01",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:00:00",
        "é024-01-01T00:00:00Z",
        // Found by fuzzing: this many seconds once overflowed.
        "2620-11-25T01:02:03.923405+0060000000034687570:89297334270",
    ] {
        assert!(text.parse::<Rfc3339>().is_err(), "{text}");
    }
}

#[test]
fn unset_members_of_a_oneof_are_left_out() {
    check(&ModeInfo::default(), expect![["{}"]]);
    let single = mode_info::Single { mode: 1 };
    check(
        &ModeInfo { sum: Some(mode_info::Sum::Single(single)) },
        expect![[r#"{"single":{"mode":"SIGN_MODE_DIRECT"}}"#]],
    );
    let both = json!({"single": {}, "multi": {}});
    assert!(decode_message::<ModeInfo>(&both).is_err());
}

#[test]
fn reading_is_strict_about_names_and_kinds() {
    let read = |value| decode_message::<Coin>(&value).map_err(|e| e.to_string());
    assert_eq!(read(json!({"denom": "uakt", "amount": "5"})).unwrap().amount, "5");
    assert_eq!(read(json!({"x": 1})).unwrap_err(), r#"unknown field "x" in cosmos.base.v1beta1.Coin"#);
    assert_eq!(read(json!({"amount": "five"})).unwrap_err(), r#"field "amount" is no integer"#);
    assert_eq!(read(json!({"denom": 5})).unwrap_err(), r#"field "denom" is no text"#);
    assert_eq!(read(json!([])).unwrap_err(), r#"field "cosmos.base.v1beta1.Coin" is no object"#);
    let send = decode_message::<MsgSend>(&json!({"fromAddress": "a", "to_address": "b"})).unwrap();
    assert_eq!((send.from_address.as_str(), send.to_address.as_str()), ("a", "b"));
    assert!(decode_message::<MsgSend>(&json!({"fromAddress": "a", "from_address": "b"})).is_err());
    let price = decode_message::<DecCoin>(&json!({"denom": "uakt", "amount": "0.025"})).unwrap();
    assert_eq!(price.amount, "25000000000000000");
}

#[test]
fn numbers_may_be_texts_and_enums_numbers() {
    let read = |value| decode_message::<AccountState>(&value);
    assert_eq!(read(json!({"state": "open", "settled_at": "7"})).unwrap().settled_at, 7);
    assert_eq!(read(json!({"state": 1, "settled_at": 7})).unwrap().state, 1);
    for wrong in [json!({"state": "none"}), json!({"settled_at": 1.5}), json!({"settled_at": "9223372036854775808"})] {
        assert!(read(wrong.clone()).is_err(), "{wrong}");
    }
    assert!(decode_message::<ConsensusParams>(&json!({"block": null})).unwrap().block.is_none());
}

#[test]
fn deep_values_are_refused() {
    let mut value = json!({});
    for _ in 0..100 {
        value = json!({"multi": {"mode_infos": [value]}});
    }
    assert_eq!(decode_message::<ModeInfo>(&value).unwrap_err().to_string(), "nested too deeply");
}

#[test]
fn events_have_one_attribute_per_member() {
    let event =
        EventDeploymentCreated { id: Some(DeploymentId { owner: "akash1x".to_owned(), dseq: 7 }), hash: vec![1, 2, 3] };
    let (kind, attributes) = encode_event(&event);
    assert_eq!(kind, "akash.deployment.v1.EventDeploymentCreated");
    let expected = [("hash", r#""AQID""#), ("id", r#"{"owner":"akash1x","dseq":"7"}"#)];
    assert_eq!(attributes, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));

    let mut received = attributes;
    received.push(("msg_index".to_owned(), "0".to_owned()));
    assert_eq!(decode_event::<EventDeploymentCreated>(&kind, &received), Ok(event));
    assert!(matches!(decode_event::<EventDeploymentCreated>("x", &received), Err(EventError::Type { .. })));
    received.push(("hash2".to_owned(), "{".to_owned()));
    assert!(matches!(decode_event::<EventDeploymentCreated>(&kind, &received), Err(EventError::Attribute(_))));
}

proptest! {
    #[test]
    fn times_round_trip(seconds in -62_135_596_800_i64..253_402_300_800, nanos in 0_u32..1_000_000_000) {
        let time = Rfc3339 { seconds, nanos };
        prop_assert_eq!(time.to_string().parse(), Ok(time));
    }

    /// Whatever bytes decode as a message has a JSON form that gives the same message.
    #[test]
    fn messages_survive_json(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        for name in ["bank.v1beta1.MsgSend", "base.abci.v1beta1.TxResponse", "tx.v1beta1.AuthInfo"] {
            let name = &format!("cosmos.{name}");
            let Some(descriptor) = descriptor(name) else { continue };
            let Ok(mut message) = DynamicMessage::decode(descriptor.clone(), bytes.as_slice()) else { continue };
            let _ = message.take_unknown_fields().count();
            let value = super::encode(&message);
            if let Ok(back) = decode(&descriptor, &value) {
                prop_assert_eq!(super::encode(&back), value);
            }
        }
    }

    #[test]
    fn timestamps_round_trip(seconds in 0_i64..253_402_300_800, nanos in 0_i32..1_000_000_000) {
        let value = Timestamp { seconds, nanos };
        let descriptor = descriptor("google.protobuf.Timestamp").unwrap();
        let message = DynamicMessage::decode(descriptor.clone(), value.encode_to_vec().as_slice()).unwrap();
        let json = super::encode(&message);
        prop_assert_eq!(decode(&descriptor, &json).unwrap().transcode_to::<Timestamp>().unwrap(), value);
    }
}
