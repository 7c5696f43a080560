//! Keys, certificates and access tokens.

use akash_types::address::decode_bech32;
use akash_types::cert::{self, Certificate, Validity};
use akash_types::jwt::{Access, Algorithm, Claims, Scope, Token, mint};
use akash_types::key::{ConsensusKey, MultisigKey, PublicKey, SecretKey, SignerKey};
use proptest::prelude::*;

fn secret() -> impl Strategy<Value = SecretKey> {
    any::<[u8; 32]>().prop_filter_map("no key", |bytes| SecretKey::from_bytes(&bytes).ok())
}

fn single() -> impl Strategy<Value = SignerKey> {
    prop_oneof![
        secret().prop_map(|key| SignerKey::Secp256k1(key.public())),
        any::<[u8; 32]>().prop_map(|seed| SignerKey::Ed25519(ConsensusKey::from_seed(seed).public())),
    ]
}

fn signer() -> impl Strategy<Value = SignerKey> {
    single().prop_recursive(2, 12, 4, |member| {
        (proptest::collection::vec(member, 1..5), any::<prop::sample::Index>()).prop_map(|(members, threshold)| {
            let threshold = 1 + threshold.index(members.len()) as u32;
            SignerKey::Multisig(MultisigKey::new(threshold, members).unwrap())
        })
    })
}

proptest! {
    #[test]
    fn public_keys_come_back_in_every_form(key in signer()) {
        prop_assert_eq!(SignerKey::from_any(&key.to_any()), Ok(key.clone()));
        prop_assert_eq!(SignerKey::from_amino(&key.to_amino()), Ok(key.clone()));
        if let Ok(text) = key.to_bech32() {
            prop_assert_eq!(decode_bech32(&text).unwrap().1, key.to_amino());
        }
        if let SignerKey::Secp256k1(key) = &key {
            prop_assert_eq!(PublicKey::from_bytes(&key.to_bytes()), Ok(*key));
        }
    }

    #[test]
    fn secret_keys_come_back_and_sign(key in secret(), seed: [u8; 32], message: [u8; 20]) {
        let again = SecretKey::from_bytes(&*key.to_bytes()).unwrap();
        prop_assert_eq!(again.public(), key.public());
        let signature = key.sign(&message);
        prop_assert_eq!(again.sign(&message), signature);
        prop_assert_eq!(key.public().verify(&message, &signature), Ok(()));

        let key = ConsensusKey::from_seed(seed);
        let again = ConsensusKey::from_keypair(&*key.to_keypair()).unwrap();
        prop_assert_eq!(key.public().verify(&message, &again.sign(&message)), Ok(()));
    }

    /// Two libraries, one verdict, also about signatures that are wrong.
    #[test]
    fn two_libraries_agree_about_signatures(key in secret(), message: [u8; 20], at in 0_usize..64, by: u8) {
        use k256::ecdsa::signature::Verifier;
        let mut signature = key.sign(&message);
        signature[at] ^= by;
        let other = k256::ecdsa::VerifyingKey::from_sec1_bytes(&key.public().to_bytes()).unwrap();
        let check = k256::ecdsa::Signature::from_slice(&signature).ok().filter(|s| s.normalize_s().is_none());
        let expected = check.is_some_and(|signature| other.verify(&message, &signature).is_ok());
        prop_assert_eq!(key.public().verify(&message, &signature).is_ok(), expected);
        prop_assert_eq!(expected, by == 0);
    }

    #[test]
    fn tokens_come_back(
        key in secret(),
        issued: u32,
        life in 1_u32..,
        id in proptest::option::of(".{0,20}"),
        adr36: bool,
    ) {
        let (issued_at, expires_at) = (i64::from(issued), i64::from(issued) + i64::from(life));
        let access = if adr36 { Access::Full } else { Access::Scoped(vec![Scope::Logs, Scope::Shell]) };
        let issuer = key.address();
        let claims = Claims { issuer, issued_at, not_before: issued_at, expires_at, id, access };
        let algorithm = if adr36 { Algorithm::Es256kAdr36 } else { Algorithm::Es256k };
        let text = mint(&claims, algorithm, &key);
        let token = Token::read(&text).unwrap();
        prop_assert_eq!(token.verify(&key.public(), issued_at), Ok(claims.clone()));
        prop_assert!(token.verify(&key.public(), expires_at).is_err());
        prop_assert_eq!(mint(&claims, algorithm, &key), text);
    }

    #[test]
    fn certificates_come_back(
        key in secret(),
        begin in 0_u64..4_000_000_000,
        life in 1_u64..1_000_000_000,
        server: bool,
    ) {
        let names = ["provider.example", "10.0.0.1"].map(ToOwned::to_owned);
        let names = if server { names.to_vec() } else { Vec::new() };
        let valid = Validity { not_before: begin, not_after: begin + life };
        let made = cert::generate(&key.address(), &names, valid).unwrap();
        let info = cert::inspect_pem(made.cert_pem.as_bytes()).unwrap();
        prop_assert_eq!(&info.serial, &made.serial);
        prop_assert_eq!(&info.names, &names);
        prop_assert_eq!((info.not_before, info.not_after), (begin as i64, (begin + life) as i64));
        let on_chain = cert::check_on_chain(&key.address(), made.cert_pem.as_bytes(), made.pubkey_pem.as_bytes());
        prop_assert_eq!(on_chain.as_ref(), Ok(&made.serial));
        prop_assert_eq!(cert::check_client(&made.cert_der(), begin), Ok((key.address(), info)));
        let back = Certificate::from_pem(&made.cert_pem, &made.pubkey_pem, &made.key_pem).unwrap();
        prop_assert_eq!(back.cert_der(), made.cert_der());
        prop_assert_eq!(back.key_der(), made.key_der());
    }
}
