use proptest::prelude::*;
use prost::Message;
use prost_reflect::{DynamicMessage, ReflectMessage};
use prost_types::Any;

use akash_proto::cosmos::authz::v1beta1::{Grant, MsgGrant};
use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_proto::cosmos::gov::v1::MsgVoteWeighted;
use akash_proto::cosmos::staking::v1beta1::{StakeAuthorization, stake_authorization};

use super::{AminoError, encode_any_text, encode_text};
use crate::key::SecretKey;
use crate::tx::encode_any;

fn check(any: &Any, expected: &str) {
    assert_eq!(encode_any_text(any).as_deref(), Ok(expected));
}

/// Names are options of the sources, or else the type URL.
#[test]
fn messages_are_wrapped_with_their_name() {
    check(&encode_any(&MsgSend::default()), r#"{"type":"cosmos-sdk/MsgSend","value":{"amount":[]}}"#);
    let close = akash_proto::akash::market::v1beta5::MsgCloseLease::default();
    check(&encode_any(&close), r#"{"type":"/akash.market.v1beta5.MsgCloseLease","value":{}}"#);
    check(
        &encode_any(&MsgVoteWeighted { proposal_id: 7, ..MsgVoteWeighted::default() }),
        r#"{"type":"cosmos-sdk/v1/MsgVoteWeighted","value":{"proposal_id":"7"}}"#,
    );
}

#[test]
fn text_is_escaped_for_html() {
    let send = MsgSend { from_address: "<a&b>\u{2028}".to_owned(), ..MsgSend::default() };
    check(
        &encode_any(&send),
        r#"{"type":"cosmos-sdk/MsgSend","value":{"amount":[],"from_address":"\u003ca\u0026b\u003e\u2028"}}"#,
    );
}

#[test]
fn oneofs_times_and_nested_messages_have_their_forms() {
    let validators = stake_authorization::Validators { address: vec!["a".to_owned()] };
    let stake = StakeAuthorization {
        max_tokens: Some(Coin { denom: "uakt".to_owned(), amount: "5".to_owned() }),
        authorization_type: 1,
        validators: Some(stake_authorization::ValidatorsOneOf::AllowList(validators)),
    };
    let expiration = Some(prost_types::Timestamp { seconds: 1, nanos: 500_000_000 });
    let grant = MsgGrant {
        granter: "g".to_owned(),
        grantee: "h".to_owned(),
        grant: Some(Grant { authorization: Some(encode_any(&stake)), expiration }),
    };
    check(
        &encode_any(&grant),
        concat!(
            r#"{"type":"cosmos-sdk/MsgGrant","value":{"grant":{"authorization":{"#,
            r#""type":"cosmos-sdk/StakeAuthorization","value":{"#,
            r#""Validators":{"type":"cosmos-sdk/StakeAuthorization/AllowList","#,
            r#""value":{"allow_list":{"address":["a"]}}},"authorization_type":1,"#,
            r#""max_tokens":{"amount":"5","denom":"uakt"}}},"expiration":"1970-01-01T00:00:01.5Z"},"#,
            r#""grantee":"h","granter":"g"}}"#
        ),
    );
}

#[test]
fn keys_are_base64() {
    let key = SecretKey::from_bytes(&[7; 32]).unwrap().public();
    let text = encode_any_text(&key.to_any()).unwrap();
    assert!(text.starts_with(r#"{"type":"tendermint/PubKeySecp256k1","value":""#), "{text}");
}

#[test]
fn unknown_types_and_deep_nesting_are_refused() {
    let unknown = Any { type_url: "/not.known".to_owned(), value: Vec::new() };
    assert_eq!(encode_any_text(&unknown), Err(AminoError::UnknownType("/not.known".to_owned())));

    let mut any = encode_any(&MsgSend::default());
    for _ in 0..100 {
        let grant = Grant { authorization: Some(any), expiration: None };
        any = encode_any(&MsgGrant { grant: Some(grant), ..MsgGrant::default() });
    }
    assert_eq!(encode_any_text(&any), Err(AminoError::Depth));
}

proptest! {
    /// Whatever a message contains, its text is JSON with sorted members, and there is one per message.
    #[test]
    fn text_is_canonical(from in ".{0,20}", to in ".{0,20}", amounts in proptest::collection::vec(any::<u64>(), 0..4)) {
        let coin = |amount: u64| Coin { denom: "uakt".to_owned(), amount: amount.to_string() };
        let send = MsgSend { from_address: from, to_address: to, amount: amounts.into_iter().map(coin).collect() };
        let text = encode_any_text(&encode_any(&send)).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(value["value"]["from_address"].as_str().unwrap_or_default(), send.from_address.as_str());
        prop_assert!(text.find("\"type\"") < text.find("\"value\""));
    }

    /// Bytes that decode as some message never panic the encoder.
    #[test]
    fn no_message_panics(
        bytes in proptest::collection::vec(any::<u8>(), 0..60),
        number in any::<proptest::sample::Index>(),
    ) {
        let messages: Vec<_> = akash_proto::descriptors().all_messages().collect();
        let descriptor = messages[number.index(messages.len())].clone();
        if let Ok(message) = DynamicMessage::decode(descriptor, bytes.as_slice()) {
            let first = encode_text(&message);
            let encoded = message.encode_to_vec();
            let again = DynamicMessage::decode(message.descriptor(), encoded.as_slice()).unwrap();
            prop_assert_eq!(first, encode_text(&again));
        }
    }
}
