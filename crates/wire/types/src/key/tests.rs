use proptest::prelude::*;

use super::{ConsensusKey, HdPath, KeyError, Mnemonic, PublicKey, SecretKey, verify_ed25519};

const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

#[test]
fn mnemonic_and_path_give_the_known_account() {
    let key = SecretKey::from_mnemonic(WORDS, &HdPath::default()).unwrap();
    assert_eq!(key.address().to_string(), "akash19rl4cm2hmr8afy4kldpxz3fka4jguq0a3mq6x0");
    let second = SecretKey::from_mnemonic(WORDS, &HdPath::akash(0, 1).unwrap()).unwrap();
    assert_eq!(second.address().to_string(), "akash1jrkmdcwgq94uaamx6zax2luewlhf7u4k3rtk0c");
}

#[test]
fn paths_have_a_text() {
    assert_eq!(HdPath::default().to_string(), "m/44'/118'/0'/0/0");
    assert_eq!("m/44'/118'/0'/0/0".parse(), Ok(HdPath::default()));
    for text in ["", "44'/118'", "m/", "m/x", "m/2147483648", "m//0"] {
        assert!(text.parse::<HdPath>().is_err(), "{text:?}");
    }
    assert!(format!("m{}", "/0".repeat(100_000)).parse::<HdPath>().is_err());
    assert_eq!(HdPath::akash(1 << 31, 0), None);
}

#[test]
fn generated_mnemonics_have_24_words_and_differ() {
    let (one, two) = (Mnemonic::generate(), Mnemonic::generate());
    assert_eq!(one.words().split(' ').count(), 24);
    assert_ne!(*one.words(), *two.words());
    assert!(Mnemonic::parse(&one.words()).is_ok());
}

#[test]
fn wrong_words_are_refused() {
    for words in ["", "abandon", &WORDS.replace("about", "abandon"), &WORDS.replace("about", "akash")] {
        assert!(matches!(Mnemonic::parse(words), Err(KeyError::Mnemonic(_))), "{words:?}");
    }
    assert!(Mnemonic::parse(&"abandon ".repeat(100_000)).is_err());
}

#[test]
fn secrets_are_not_printed() {
    let key = SecretKey::from_mnemonic(WORDS, &HdPath::default()).unwrap();
    let secret = hex::encode(*key.to_bytes());
    assert!(!format!("{key:?}").contains(&secret[..8]));
    assert_eq!(format!("{:?}", Mnemonic::parse(WORDS).unwrap()), "Mnemonic(12 words)");
    let consensus = ConsensusKey::from_seed([7; 32]);
    assert!(!format!("{consensus:?}").contains("0707"));
}

#[test]
fn secret_keys_are_within_the_group() {
    const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    assert_eq!(SecretKey::from_bytes(&[0; 32]).err(), Some(KeyError::SecretKey));
    assert_eq!(SecretKey::from_bytes(&hex::decode(ORDER).unwrap()).err(), Some(KeyError::SecretKey));
    assert_eq!(SecretKey::from_bytes(&[1; 31]).err(), Some(KeyError::SecretKey));
}

/// The C library's signatures are those of `k256`, and each accepts what the other does.
#[test]
fn two_libraries_agree() {
    use k256::ecdsa::signature::{Signer, Verifier};
    use k256::ecdsa::{Signature, SigningKey, VerifyingKey};

    let (secrets, messages) = (proptest::array::uniform32(1_u8..), proptest::collection::vec(any::<u8>(), 0..100));
    proptest!(|(secret in secrets, message in messages)| {
        let (ours, theirs) = (SecretKey::from_bytes(&secret).unwrap(), SigningKey::from_slice(&secret).unwrap());
        let point = theirs.verifying_key().to_encoded_point(true);
        prop_assert_eq!(&ours.public().to_bytes()[..], point.as_bytes());

        let signature: Signature = theirs.sign(&message);
        let signature = signature.normalize_s().unwrap_or(signature);
        prop_assert_eq!(ours.sign(&message).to_vec(), signature.to_bytes().to_vec());

        let public = VerifyingKey::from_sec1_bytes(&ours.public().to_bytes()).unwrap();
        prop_assert!(public.verify(&message, &Signature::from_slice(&ours.sign(&message)).unwrap()).is_ok());
        prop_assert_eq!(ours.public().verify(&message, &signature.to_bytes()), Ok(()));
    });
}

/// The other half of the values of s would give a second signature of the same message, and so a second hash.
#[test]
fn high_s_is_refused() {
    use k256::ecdsa::Signature;
    use k256::elliptic_curve::ops::Neg;
    let key = SecretKey::from_bytes(&[7; 32]).unwrap();
    let low = Signature::from_slice(&key.sign(b"message")).unwrap();
    let (r, s) = low.split_scalars();
    let high = Signature::from_scalars(r, s.neg()).unwrap();
    assert_eq!(key.public().verify(b"message", &low.to_bytes()), Ok(()));
    assert_eq!(key.public().verify(b"message", &high.to_bytes()), Err(KeyError::Signature));
}

#[test]
fn public_keys_travel_as_any() {
    let key = SecretKey::from_bytes(&[7; 32]).unwrap().public();
    let mut any = key.to_any();
    assert_eq!(any.type_url, "/cosmos.crypto.secp256k1.PubKey");
    assert_eq!(PublicKey::from_any(&any), Ok(key));
    any.value[2] ^= 0xff;
    assert_eq!(PublicKey::from_any(&any), Err(KeyError::PublicKey));
    any.type_url = "/cosmos.crypto.ed25519.PubKey".to_owned();
    assert_eq!(PublicKey::from_any(&any), Err(KeyError::KeyType(any.type_url.clone())));
}

#[test]
fn consensus_keys_sign_and_travel() {
    let key = ConsensusKey::generate();
    let signature = key.sign(b"vote");
    assert_eq!(key.public().verify(b"vote", &signature), Ok(()));
    assert_eq!(key.public().verify(b"note", &signature), Err(KeyError::Signature));
    assert_eq!(ConsensusKey::from_keypair(&*key.to_keypair()).map(|k| k.public()).ok(), Some(key.public()));
    let mut mixed = *key.to_keypair();
    mixed[40] ^= 1;
    assert!(ConsensusKey::from_keypair(&mixed).is_err());
    assert_eq!(verify_ed25519(&[1; 31], b"", &[0; 64]), Err(KeyError::PublicKey));
}

/// ZIP-215 accepts keys of small order; RFC 8032's strict check would not, and nodes would disagree.
#[test]
fn small_order_keys_follow_zip_215() {
    let identity = [&[1][..], &[0; 31]].concat();
    let signature = [identity.as_slice(), &[0; 32]].concat();
    assert_eq!(verify_ed25519(&identity, b"anything", &signature), Ok(()));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let key = SecretKey::from_bytes(&[7; 32]).unwrap().public();
        prop_assert!(key.verify(b"message", &bytes).is_err());
        let _ = PublicKey::from_bytes(&bytes);
        let _ = ConsensusKey::from_keypair(&bytes);
        prop_assert!(verify_ed25519(&[7; 32], b"message", &bytes).is_err());
    }
}
