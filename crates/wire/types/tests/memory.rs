//! Input that was made to exhaust a decoder: each ends in an error (or a value), within bounds of memory and time.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

#[path = "support/counting.rs"]
mod counting;

use akash_proto::cosmos::authz::v1beta1::MsgExec;
use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_proto::cosmos::crypto::multisig::LegacyAminoPubKey;
use akash_proto::cosmos::tx::v1beta1::{TxBody, TxRaw};
use akash_types::address::{Address, decode_bech32};
use akash_types::cert::{self, CERTIFICATE, Serial, Validity};
use akash_types::coin::{Coins, DecCoins};
use akash_types::id::BidId;
use akash_types::jwt::{Access, Algorithm, Claims, Token, mint};
use akash_types::key::{HdPath, Mnemonic, MultisigKey, SecretKey, SignerKey};
use akash_types::num::{Dec, Int};
use akash_types::tx::{self, Unsigned};
use akash_types::{amino, json};
use counting::bounded;
use prost::{Message, Name};
use prost_types::Any;

const MIB: usize = 1 << 20;

/// One test, so that nothing else allocates while it measures.
#[test]
fn hostile_input_costs_bounded_memory_and_time() {
    warm_up();
    transactions();
    nested_messages();
    messages_as_json();
    json_as_messages();
    short_texts();
    keys_and_certificates();
    tokens();
    truncated_samples();
}

/// Descriptors and tables are built once, at first use.
fn warm_up() {
    let _ = tx::decode(&signed());
    let _ = amino::encode_any_text(&nested(2));
    let _ = json::encode_message_text(&nested(2));
}

fn key() -> SecretKey {
    SecretKey::from_bytes(&[7; 32]).unwrap()
}

fn signed() -> Vec<u8> {
    let me = key().address().to_string();
    let send = MsgSend { from_address: me.clone(), to_address: me, amount: Vec::new() };
    let tx = Unsigned { messages: vec![tx::encode_any(&send)], fee: "5uakt".parse().unwrap(), ..Unsigned::default() };
    tx::sign_direct(&tx, &key(), "akash-play-1", 3, 9)
}

fn body(messages: Vec<Any>) -> Vec<u8> {
    let body_bytes = TxBody { messages, ..TxBody::default() }.encode_to_vec();
    TxRaw { body_bytes, auth_info_bytes: Vec::new(), signatures: Vec::new() }.encode_to_vec()
}

/// An authorization to execute an authorization to execute …
fn nested(depth: usize) -> Any {
    let mut any = tx::encode_any(&MsgExec { grantee: "x".to_owned(), msgs: Vec::new() });
    for _ in 0..depth {
        any = tx::encode_any(&MsgExec { grantee: String::new(), msgs: vec![any] });
    }
    any
}

fn transactions() {
    let large = vec![0x0a; 16 * MIB];
    let refused = bounded("a transaction of 16 MiB", large.len(), 0, || tx::decode(&large).unwrap_err());
    assert!(refused.to_string().contains("more than"), "{refused}");

    let signatures = [0x1a, 0x00].repeat(2 * MIB - 8);
    bounded("a million empty signatures", signatures.len(), 64, || tx::decode(&signatures).is_ok());

    let send = tx::encode_any(&MsgSend::default());
    let many = body(vec![send; 60_000]);
    bounded("sixty thousand messages", many.len(), 16, || tx::decode(&many).is_ok());

    // A length of 2^63 - 1, of the body and of a message within.
    for hostile in
        [&b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"[..], b"\x0a\x0b\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"]
    {
        let refused = bounded("a length beyond the end", hostile.len(), 1, || tx::decode(hostile).unwrap_err());
        assert!(refused.to_string().contains("EOF"), "{refused}");
    }
    let groups = TxRaw { body_bytes: vec![0x43; MIB], auth_info_bytes: Vec::new(), signatures: Vec::new() };
    let groups = groups.encode_to_vec();
    bounded("a million groups within groups", groups.len(), 4, || tx::decode(&groups).unwrap_err());
}

fn nested_messages() {
    for depth in [5, 20, 1_000, 10_000] {
        let any = nested(depth);
        let raw = body(vec![any.clone()]);
        let verdict = bounded(&format!("decoding Any nested {depth} deep"), raw.len(), 16, || tx::decode(&raw));
        assert_eq!(verdict.is_ok(), depth < 10, "{depth}: {verdict:?}");
        let text = bounded(&format!("amino JSON of Any nested {depth} deep"), raw.len(), 64, || {
            amino::encode_any_text(&any).map(|_| ()).map_err(|e| e.to_string())
        });
        assert!(depth < 10 || text.unwrap_err().contains("deep"));
        bounded(&format!("JSON of Any nested {depth} deep"), raw.len(), 200, || json::encode_message_text(&any));
    }
}

fn messages_as_json() {
    // The item of a list takes two bytes on the wire and is written with all its defaults.
    let mut worst = (0, String::new());
    for descriptor in akash_proto::descriptors().all_messages().filter(|m| !m.is_map_entry()) {
        for field in descriptor.fields().filter(|field| field.is_list() && field.number() < 16) {
            if matches!(field.kind(), prost_reflect::Kind::Message(_)) {
                let bytes = [(field.number() as u8) << 3 | 2, 0].repeat(1_000);
                let message = prost_reflect::DynamicMessage::decode(descriptor.clone(), bytes.as_slice()).unwrap();
                worst = worst.max((json::encode_text(&message).len() / bytes.len(), field.full_name().to_owned()));
            }
        }
    }
    println!("the largest text of one empty item: {} times its bytes, {}", worst.0, worst.1);
    assert!(worst.0 < 1_500, "{worst:?}");
}

fn json_as_messages() {
    let send = json::descriptor(&MsgSend::full_name()).unwrap();
    let deep = format!("{}1{}", "[".repeat(MIB), "]".repeat(MIB));
    bounded("JSON nested a million deep", deep.len(), 1, || serde_json::from_str::<serde_json::Value>(&deep).is_err());
    let mut exec = serde_json::json!({"@type": "/cosmos.bank.v1beta1.MsgSend"});
    for _ in 0..500 {
        exec = serde_json::json!({"@type": "/cosmos.authz.v1beta1.MsgExec", "msgs": [exec]});
    }
    let any = json::descriptor("google.protobuf.Any").unwrap();
    let refused = bounded("JSON of Any nested 500 deep", 30_000, 100, || json::decode(&any, &exec).unwrap_err());
    assert!(refused.to_string().contains("deep"), "{refused}");
    let members = (0..20_000).map(|index| (format!("x{index}"), 1.into())).collect::<serde_json::Map<_, _>>();
    let members = serde_json::Value::Object(members);
    bounded("JSON with members that nobody knows", 200_000, 4, || json::decode(&send, &members).unwrap_err());
    let digits = serde_json::json!({"amount": [{"denom": "uakt", "amount": "9".repeat(MIB)}]});
    bounded("JSON with a number of a million digits", MIB, 1, || json::decode(&send, &digits).unwrap_err());
}

fn short_texts() {
    for text in ["9".repeat(MIB), "1".repeat(MIB) + "uakt", "1uakt,".repeat(MIB / 6), "akash1".repeat(MIB / 6)] {
        let name = format!("texts of a mebibyte, {}…", &text[..8]);
        bounded(&name, text.len(), 24, || {
            assert!(text.parse::<Int>().is_err() && text.parse::<Dec>().is_err() && Dec::from_wire(&text).is_err());
            assert!(text.parse::<Coins>().is_err() && text.parse::<DecCoins>().is_err());
            assert!(Address::parse(&text).is_err() && decode_bech32(&text).is_err() && text.parse::<BidId>().is_err());
            assert!(text.parse::<HdPath>().is_err() && Mnemonic::parse(&text).is_err());
            assert!(text.parse::<Serial>().is_err() && text.parse::<json::Rfc3339>().is_err());
        });
    }
    let slashes = "/".repeat(MIB);
    bounded("a mebibyte of slashes", MIB, 4, || {
        assert!(slashes.parse::<BidId>().is_err() && slashes.parse::<HdPath>().is_err())
    });
    let words = "abandon ".repeat(MIB / 8);
    bounded("a mebibyte of words", MIB, 1, || Mnemonic::parse(&words).unwrap_err());
}

fn keys_and_certificates() {
    let mut any = key().public().to_any();
    let mut amino = key().public().to_amino();
    for _ in 0..1_000 {
        let inner = LegacyAminoPubKey { threshold: 1, public_keys: vec![any] };
        any = Any { type_url: LegacyAminoPubKey::type_url(), value: inner.encode_to_vec() };
        let mut outer = vec![0x22, 0xc1, 0xf7, 0xe2, 0x08, 1, 0x12];
        prost::encoding::encode_varint(amino.len() as u64, &mut outer);
        amino = [outer, amino].concat();
    }
    bounded("a multisig key nested 1,000 deep", any.value.len(), 8, || SignerKey::from_any(&any).unwrap_err());
    bounded("the same in amino", amino.len(), 8, || SignerKey::from_amino(&amino).unwrap_err());
    let key = SignerKey::Secp256k1(key().public());
    let inner = LegacyAminoPubKey { threshold: 1, public_keys: vec![key.to_any(); 20_000] };
    let any = Any { type_url: LegacyAminoPubKey::type_url(), value: inner.encode_to_vec() };
    bounded("a multisig key of 20,000 members", any.value.len(), 8, || SignerKey::from_any(&any).unwrap_err());
    assert!(MultisigKey::new(1, vec![key; 65]).is_err());

    let nested = [0x30, 0x80].repeat(MIB);
    let lengths = [0x30, 0x84, 0xff, 0xff, 0xff, 0xff].repeat(MIB / 6);
    for der in [&nested, &lengths] {
        bounded("DER nested without end", der.len(), 1, || cert::inspect(der).unwrap_err());
    }
    let pem = format!("-----BEGIN {CERTIFICATE}-----\n{}", "A".repeat(MIB));
    bounded("a PEM text of a mebibyte", pem.len(), 1, || cert::parse_pem(pem.as_bytes(), CERTIFICATE).unwrap_err());
    let begins = "-----BEGIN X-----\n".repeat(cert::MAX_PEM_BYTES / 18);
    bounded("a PEM text of beginnings", begins.len(), 1, || {
        cert::parse_pem(begins.as_bytes(), CERTIFICATE).unwrap_err()
    });
}

fn tokens() {
    let long = "A".repeat(MIB);
    bounded("a token of a mebibyte", MIB, 1, || Token::read(&long).unwrap_err());
    let scopes = format!(r#"{{"leases":{{"access":"scoped","scope":[{}]}}}}"#, vec!["\"x\""; 10_000].join(","));
    bounded("claims with 10,000 scopes", scopes.len(), 16, || Claims::read(scopes.as_bytes(), 0).unwrap_err());
    let deep = "[".repeat(60_000);
    bounded("claims nested 60,000 deep", deep.len(), 1, || Claims::read(deep.as_bytes(), 0).unwrap_err());
}

/// Every sample, cut off at every byte: refused, or (a text that may end there) read.
fn truncated_samples() {
    let tx = signed();
    let claims =
        Claims { issuer: key().address(), issued_at: 0, not_before: 0, expires_at: 9, id: None, access: Access::Full };
    let token = mint(&claims, Algorithm::Es256k, &key());
    let valid = Validity { not_before: 0, not_after: 4_000_000_000 };
    let made = cert::generate(&key().address(), &[], valid).unwrap();
    let der = made.cert_der();
    let amino = key().public().to_amino();
    let any = nested(3);
    let exec = json::descriptor(&MsgExec::full_name()).unwrap();
    bounded("samples cut off at every byte", 4_000, 200, || {
        for end in 1..tx.len() {
            assert!(tx::decode(&tx[..end]).is_err() || TxRaw::decode(&tx[..end]).unwrap().encoded_len() == end);
        }
        for end in 0..token.len() {
            let read = Token::read(&token[..end]);
            assert!(read.and_then(|token| token.verify(&key().public(), 5)).is_err(), "{end}");
        }
        for end in 0..der.len() {
            assert!(cert::inspect(&der[..end]).is_err());
        }
        for end in 0..made.cert_pem.trim_end().len() {
            assert!(cert::inspect_pem(&made.cert_pem.as_bytes()[..end]).is_err());
        }
        for end in 0..amino.len() {
            assert!(SignerKey::from_amino(&amino[..end]).is_err());
        }
        for end in 0..any.value.len() {
            let cut = Any { type_url: any.type_url.clone(), value: any.value[..end].to_vec() };
            let _ = (amino::encode_any_text(&cut), json::encode_message_text(&cut));
            let _ = prost_reflect::DynamicMessage::decode(exec.clone(), &any.value[..end]);
        }
    });
}
