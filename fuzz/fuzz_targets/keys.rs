//! Public keys in all their forms, and signatures; the C library against one in pure Rust.

#![no_main]

use akash_fuzz::{choice, split};
use akash_types::address::decode_bech32;
use akash_types::key::{ConsensusKey, ConsensusPublicKey, PublicKey, SecretKey, SignerKey, verify_ed25519};
use k256::ecdsa::signature::Verifier;
use libfuzzer_sys::fuzz_target;
use prost::Message;

fuzz_target!(|data: &[u8]| {
    match choice(data, 6) {
        Some((0, rest)) => any(rest),
        Some((1, rest)) => amino(rest),
        Some((2, rest)) => point(rest),
        Some((3, rest)) => verification(rest),
        Some((4, rest)) => ed25519(rest),
        Some((_, rest)) => secrets(rest),
        None => {}
    }
});

fn any(bytes: &[u8]) {
    let Ok(any) = prost_types::Any::decode(bytes) else { return };
    if let Ok(key) = SignerKey::from_any(&any) {
        same(&key);
    }
}

fn amino(bytes: &[u8]) {
    if let Ok(key) = SignerKey::from_amino(bytes) {
        same(&key);
    }
}

fn same(key: &SignerKey) {
    assert_eq!(SignerKey::from_any(&key.to_any()).as_ref(), Ok(key));
    let amino = key.to_amino();
    assert_eq!(SignerKey::from_amino(&amino).as_ref(), Ok(key));
    assert_eq!(key.address(), key.address());
    assert!(key.count() >= 1);
    if let Ok(text) = key.to_bech32() {
        assert_eq!(decode_bech32(&text), Ok(("akashpub".to_owned(), amino)));
    }
}

fn point(bytes: &[u8]) {
    let ours = PublicKey::from_bytes(bytes);
    let check = k256::ecdsa::VerifyingKey::from_sec1_bytes(bytes);
    match ours {
        Ok(key) => {
            assert_eq!(key.to_bytes(), bytes);
            let other = check.expect("both libraries know the point");
            assert_eq!(other.to_encoded_point(false).as_bytes(), key.to_uncompressed());
        }
        // The other library also knows a form without the sign, which begins with 5.
        Err(_) => assert!(bytes.len() != 33 || bytes[0] == 5 || check.is_err()),
    }
}

/// Key, signature, message. Either library must give the same verdict; high s is refused by the chain.
fn verification(data: &[u8]) {
    let (key, rest) = split(data, 33);
    let (signature, message) = split(rest, 64);
    let own = SecretKey::from_bytes(&[7; 32]).expect("a valid key");
    let key = PublicKey::from_bytes(key).unwrap_or_else(|_| own.public());
    let other = k256::ecdsa::VerifyingKey::from_sec1_bytes(&key.to_bytes()).expect("a point");
    let check = k256::ecdsa::Signature::from_slice(signature).ok().filter(|s| s.normalize_s().is_none());
    let expected = check.is_some_and(|signature| other.verify(message, &signature).is_ok());
    assert_eq!(key.verify(message, signature).is_ok(), expected);
    assert_eq!(own.public().verify(message, &own.sign(message)), Ok(()));
}

fn ed25519(data: &[u8]) {
    let (public, rest) = split(data, 32);
    let (signature, message) = split(rest, 64);
    let verdict = verify_ed25519(public, message, signature);
    assert_eq!(verify_ed25519(public, message, signature), verdict);
    if let Ok(public) = <[u8; 32]>::try_from(public) {
        assert_eq!(ConsensusPublicKey::from_bytes(public).verify(message, signature).is_ok(), verdict.is_ok());
        let own = ConsensusKey::from_seed(public);
        assert_eq!(own.public().verify(message, &own.sign(message)), Ok(()));
    }
}

fn secrets(bytes: &[u8]) {
    if let Ok(key) = SecretKey::from_bytes(bytes) {
        assert_eq!(key.to_bytes()[..], *bytes);
        let signature = key.sign(b"message");
        assert_eq!(key.public().verify(b"message", &signature), Ok(()));
    }
    if let Ok(key) = ConsensusKey::from_keypair(bytes) {
        assert_eq!(key.to_keypair()[..], *bytes);
    }
}
