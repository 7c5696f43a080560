use std::fs;
use std::os::unix::fs::PermissionsExt;

use akash_types::key::{HdPath, Mnemonic, MultisigKey, SecretKey, SignerKey};
use zeroize::Zeroizing;

use super::folder::OWNER_ONLY;
use super::{Keyring, Kind, Passphrase, Source, armor};

const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const ADDRESS: &str = "akash19rl4cm2hmr8afy4kldpxz3fka4jguq0a3mq6x0";

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned()))
}

#[test]
fn key_is_kept_and_readable_by_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Keyring::open(folder.path());
    let made = keyring.create("tenant").unwrap();
    assert_eq!(keyring.require("tenant").unwrap().address, made.address);
    let mode = fs::metadata(keyring.path("tenant")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, OWNER_ONLY);
    assert!(keyring.create("tenant").unwrap_err().to_string().contains("the name is taken"));
    assert!(keyring.get("other").unwrap().is_none());
}

#[test]
fn name_cannot_leave_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Keyring::open(folder.path());
    for name in ["", "../x", "a/b", "a.b", &"x".repeat(65)] {
        assert!(keyring.create(name).is_err(), "{name}");
        assert!(keyring.delete(name).is_err(), "{name}");
    }
}

#[test]
fn file_of_the_first_version_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Keyring::open(folder.path());
    let text = format!(r#"{{"name": "old", "address": "{ADDRESS}", "mnemonic": "{WORDS}"}}"#);
    fs::write(keyring.path("old"), text).unwrap();
    assert_eq!(keyring.require("old").unwrap().address.to_string(), ADDRESS);
    let listed = keyring.list().unwrap();
    assert_eq!((listed[0].name.as_str(), listed[0].sealed), ("old", false));
}

#[test]
fn other_paths_and_bare_secrets_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Keyring::open(folder.path());
    let words = Zeroizing::new(format!("  {WORDS}\n"));
    let second = Source::Mnemonic { words, path: HdPath::akash(0, 1).unwrap() };
    keyring.add("second", &second).unwrap();
    let bare = SecretKey::generate();
    keyring.add("bare", &Source::Secret(bare.clone())).unwrap();

    let found = keyring.require("second").unwrap().address.to_string();
    assert_eq!(found, "akash1jrkmdcwgq94uaamx6zax2luewlhf7u4k3rtk0c");
    assert_eq!(keyring.require("bare").unwrap().address, bare.address());
    keyring.rename("second", "two").unwrap();
    assert_eq!(keyring.require("two").unwrap().address.to_string(), found);
    assert!(keyring.rename("two", "bare").unwrap_err().to_string().contains("taken"));
    fs::write(folder.path().join("akash1x.cert.json"), "no key").unwrap();
    let names: Vec<String> = keyring.list().unwrap().into_iter().map(|key| key.name).collect();
    assert_eq!(names, ["bare", "two"]);
    keyring.delete("bare").unwrap();
    assert!(keyring.delete("bare").is_err());
}

#[test]
fn sealed_key_needs_its_passphrase_and_hides_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let plain = Keyring::open(folder.path());
    let right = plain.clone().protected(passphrase("right"));
    right.import("one", WORDS).unwrap();
    let text = fs::read_to_string(plain.path("one")).unwrap();
    assert!(!text.contains("abandon") && text.contains(ADDRESS), "{text}");

    assert_eq!(right.require("one").unwrap().address.to_string(), ADDRESS);
    assert!(plain.require("one").unwrap_err().to_string().contains("encrypted"));
    let wrong = plain.clone().protected(passphrase("wrong"));
    assert!(wrong.require("one").unwrap_err().to_string().contains("passphrase is wrong"));
    assert!(wrong.create("two").unwrap_err().to_string().contains("not that of the key one"));
    assert_eq!(plain.list().unwrap()[0].address.to_string(), ADDRESS);
    plain.rename("one", "uno").unwrap();
    assert_eq!(right.require("uno").unwrap().name, "uno");

    // A sealed secret moved under another address does not open.
    let other = Mnemonic::generate().secret_key(&HdPath::default(), "").unwrap().address().to_string();
    fs::write(plain.path("uno"), text.replace(ADDRESS, &other)).unwrap();
    assert!(right.require("uno").is_err());
}

#[test]
fn armored_key_comes_back_with_its_passphrase_alone() {
    let secret = SecretKey::from_mnemonic(WORDS, &HdPath::default()).unwrap();
    let text = armor::export(&secret, &passphrase("right"));
    assert!(text.starts_with("-----BEGIN TENDERMINT PRIVATE KEY-----\nkdf: argon2\nsalt: "), "{text}");
    assert_eq!(armor::import(&text, &passphrase("right")).unwrap().address(), secret.address());
    assert_eq!(armor::import(&text, &passphrase("wrong")).unwrap_err(), armor::ArmorError::Passphrase);
}

#[test]
fn keys_without_secrets_are_kept_and_do_not_sign() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Keyring::open(folder.path());
    let other = SignerKey::Secp256k1(SecretKey::generate().public());
    let multi = SignerKey::Multisig(MultisigKey::new(1, vec![other.clone()]).unwrap());
    keyring.add_public("other", &other).unwrap();
    keyring.add_public("all", &multi).unwrap();
    assert!(keyring.add_public("all", &other).unwrap_err().to_string().contains("taken"));
    let listed = keyring.list().unwrap();
    let shown: Vec<_> = listed.iter().map(|key| (key.name.as_str(), key.kind, &key.public_key)).collect();
    assert_eq!(shown, [("all", Kind::Multi, &multi), ("other", Kind::Offline, &other)]);
    assert!(keyring.require("all").unwrap_err().to_string().contains("--multisig"));
    assert!(keyring.require("other").unwrap_err().to_string().contains("only its public key"));
    let text = fs::read_to_string(keyring.path("other")).unwrap();
    fs::write(keyring.path("other"), text.replace(&other.address().to_string(), ADDRESS)).unwrap();
    assert!(keyring.find("other").unwrap_err().to_string().contains("another address"));
}
