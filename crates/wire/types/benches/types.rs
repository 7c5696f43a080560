//! What a node does for every transaction, and a client for every signature.
//!
//! `cargo bench -p akash-types`

use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_types::address::Address;
use akash_types::jwt::{self, Access, Algorithm, Claims, Token};
use akash_types::key::SecretKey;
use akash_types::num::Dec;
use akash_types::tx::{self, SignerData, Unsigned};
use akash_types::{coin::Coin, event};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn key() -> SecretKey {
    SecretKey::from_bytes(&[7; 32]).expect("a valid key")
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
