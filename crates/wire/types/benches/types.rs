//! What a node does for every transaction, and a client for every signature.
//!
//! `cargo bench -p akash-types`

use akash_proto::akash::deployment::v1beta4::MsgCreateDeployment;
use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_types::address::Address;
use akash_types::jwt::{self, Access, Algorithm, Claims, Token};
use akash_types::key::SecretKey;
use akash_types::num::Dec;
use akash_types::tx::{self, SignerData, Unsigned};
use akash_types::{coin::Coin, event, json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use divan::{Bencher, black_box};
use prost::Message;
use sha2::{Digest, Sha256};

fn main() {
    divan::main();
}

fn key() -> SecretKey {
    SecretKey::from_bytes(&[7; 32]).expect("a valid key")
}

/// As long as the sign bytes of a bank send.
const SIGNED: &[u8] = &[7; 230];

fn deployment() -> MsgCreateDeployment {
    let value = |val: &str| serde_json::json!({"val": val});
    let resources = serde_json::json!({
        "id": 1,
        "cpu": {"units": value("1000")},
        "memory": {"quantity": value("536870912")},
        "storage": [{"name": "default", "quantity": value("536870912")}],
        "gpu": {"units": value("0")},
        "endpoints": [{"kind": "SHARED_HTTP", "sequence_number": 0}],
    });
    let owner = key().address().to_string();
    let price = serde_json::json!({"denom": "uakt", "amount": "1000"});
    let group = serde_json::json!({
        "name": "westcoast",
        "requirements": {"attributes": [{"key": "host", "value": "akash"}]},
        "resources": [{"resource": resources, "count": 1, "price": price}],
    });
    let message = serde_json::json!({
        "id": {"owner": owner, "dseq": "7"},
        "groups": [group],
        "hash": STANDARD.encode([7; 32]),
    });
    json::decode_message(&message).expect("the message is valid")
}

fn unsigned() -> Unsigned {
    let me = key().address().to_string();
    let coin = Coin::new("uakt", 5).expect("a valid coin");
    let send = MsgSend { from_address: me.clone(), to_address: me, amount: vec![coin.into()] };
    Unsigned {
        messages: vec![tx::encode_any(&send)],
        fee: "500uakt".parse().expect("valid coins"),
        gas_limit: 200_000,
        ..Unsigned::default()
    }
}

#[divan::bench]
fn tx_sign(bencher: Bencher) {
    let (tx, key) = (unsigned(), key());
    bencher.bench(|| tx::sign_direct(black_box(&tx), &key, "akash-play-1", 3, 9));
}

#[divan::bench]
fn tx_decode(bencher: Bencher) {
    let raw = tx::sign_direct(&unsigned(), &key(), "akash-play-1", 3, 9);
    bencher.bench(|| tx::decode(black_box(&raw)));
}

#[divan::bench]
fn tx_decode_and_verify(bencher: Bencher) {
    let raw = tx::sign_direct(&unsigned(), &key(), "akash-play-1", 3, 9);
    let public = key().public();
    bencher.bench(|| {
        let decoded = tx::decode(black_box(&raw)).expect("we made it");
        let message = tx::sign_bytes(&decoded.body_bytes, &decoded.auth_info_bytes, "akash-play-1", 3);
        public.verify(&message, &decoded.signatures[0])
    });
}

/// What the C library takes for the same check when it is called directly: hashed and parsed beforehand.
#[divan::bench]
fn secp256k1_verify_bare(bencher: Bencher) {
    let message: [u8; 32] = Sha256::digest(SIGNED).into();
    let message = secp256k1::Message::from_digest(message);
    let signature = secp256k1::ecdsa::Signature::from_compact(&key().sign(SIGNED)).expect("we made it");
    let public = secp256k1::PublicKey::from_byte_array_compressed(key().public().to_bytes()).expect("a point");
    bencher.bench(|| secp256k1::SECP256K1.verify_ecdsa(black_box(message), &signature, &public));
}

/// Hashing, parsing and checking.
#[divan::bench]
fn secp256k1_verify(bencher: Bencher) {
    let (public, signature) = (key().public(), key().sign(SIGNED));
    bencher.bench(|| public.verify(black_box(SIGNED), &signature));
}

/// A deployment of one group: bytes to message to bytes.
#[divan::bench]
fn proto_round_trip(bencher: Bencher) {
    let bytes = deployment().encode_to_vec();
    bencher.bench(|| MsgCreateDeployment::decode(black_box(bytes.as_slice())).map(|message| message.encode_to_vec()));
}

/// The same from message to JSON text and back.
#[divan::bench]
fn json_round_trip(bencher: Bencher) {
    let message = deployment();
    bencher.bench(|| {
        let value = json::encode_message(black_box(&message));
        json::decode_message::<MsgCreateDeployment>(&value)
    });
}

#[divan::bench]
fn tx_sign_amino(bencher: Bencher) {
    let (tx, key) = (unsigned(), key());
    let signer = SignerData { chain_id: "akash-play-1", account_number: 3, sequence: 9 };
    bencher.bench(|| tx::sign_amino(black_box(&tx), &key, &signer));
}

/// What a provider does for every request.
#[divan::bench(args = ["ES256K", "ES256KADR36"])]
fn jwt_verify(bencher: Bencher, algorithm: &str) {
    let algorithms = [Algorithm::Es256k, Algorithm::Es256kAdr36];
    let algorithm = algorithms.into_iter().find(|a| a.as_str() == algorithm).expect("one of the two");
    let issuer = key().address();
    let claims = Claims { issuer, issued_at: 0, not_before: 0, expires_at: 900, id: None, access: Access::Full };
    let (token, public) = (jwt::mint(&claims, algorithm, &key()), key().public());
    bencher.bench(|| Token::read(black_box(&token)).and_then(|token| token.verify(&public, 450)));
}

#[divan::bench]
fn address_to_text(bencher: Bencher) {
    let address = key().address();
    bencher.bench(|| black_box(&address).to_string());
}

#[divan::bench]
fn address_from_text(bencher: Bencher) {
    let text = key().address().to_string();
    bencher.bench(|| Address::parse(black_box(&text)));
}

#[divan::bench]
fn decimal_product(bencher: Bencher) {
    let (a, b): (Dec, Dec) = ("1.234567890123456789".parse().expect("valid"), "98765.4321".parse().expect("valid"));
    bencher.bench(|| black_box(a).checked_mul(black_box(b)));
}

#[divan::bench]
fn typed_event(bencher: Bencher) {
    let event = akash_proto::akash::deployment::v1::EventDeploymentCreated { id: None, hash: vec![7; 32] };
    bencher.bench(|| event::encode_event(black_box(&event)));
}
