use proptest::prelude::*;

use super::{
    CERTIFICATE, CertError, Certificate, PUBLIC_KEY, Serial, Validity, check_client, check_dates, check_on_chain,
    generate, inspect_pem, parse_pem, pem,
};
use crate::address::Address;

const VALID: Validity = Validity { not_before: 1_700_000_000, not_after: 1_800_000_000 };

fn owner() -> Address {
    Address::from_bytes(&[7; 20]).unwrap()
}

fn made() -> Certificate {
    generate(&owner(), &[], VALID).unwrap()
}

fn on_chain(owner: &Address, cert: &str, pubkey: &str) -> Result<Serial, String> {
    check_on_chain(owner, cert.as_bytes(), pubkey.as_bytes()).map_err(|e| e.to_string())
}

#[test]
fn the_chain_accepts_what_we_make() {
    let certificate = made();
    assert_eq!(on_chain(&owner(), &certificate.cert_pem, &certificate.pubkey_pem), Ok(certificate.serial.clone()));
    assert!(certificate.pubkey_pem.starts_with("-----BEGIN EC PUBLIC KEY-----\n"));
    assert_eq!(certificate.serial.as_bytes().len(), 8);
    assert_ne!(certificate.serial, made().serial);
}

#[test]
fn the_chain_refuses_what_belongs_to_others() {
    let (one, two) = (made(), made());
    let other = Address::from_bytes(&[8; 20]).unwrap();
    assert_eq!(
        on_chain(&other, &one.cert_pem, &one.pubkey_pem).unwrap_err(),
        "invalid certificate value: common name is not the owner"
    );
    assert_eq!(
        on_chain(&owner(), &one.cert_pem, &two.pubkey_pem).unwrap_err(),
        "invalid certificate value: invalid certificate signature"
    );
    let relabelled = one.cert_pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE");
    assert_eq!(
        on_chain(&owner(), &relabelled, &one.pubkey_pem).unwrap_err(),
        "invalid certificate value: invalid pem block type"
    );
}

#[test]
fn a_certificate_says_what_it_is_for() {
    let client = inspect_pem(made().cert_pem.as_bytes()).unwrap();
    assert_eq!(client.common_name, owner().to_string());
    assert_eq!(client.issuer_common_name, owner().to_string());
    assert!(client.is_p256_sha256 && client.for_clients && !client.for_servers);
    assert_eq!((client.not_before, client.not_after), (1_700_000_000, 1_800_000_000));

    let names = ["provider.localhost".to_owned(), "127.0.0.1".to_owned()];
    let server = generate(&owner(), &names, VALID).unwrap();
    let server = inspect_pem(server.cert_pem.as_bytes()).unwrap();
    assert!(server.for_clients && server.for_servers);
    assert_eq!(server.names, names);
}

#[test]
fn clients_are_checked_at_a_time() {
    let certificate = made();
    let der = certificate.cert_der();
    let (named, info) = check_client(&der, 1_750_000_000).unwrap();
    assert_eq!((named, info.serial), (owner(), certificate.serial.clone()));
    assert_eq!(check_dates(&der, 1_700_000_000), Ok(()));
    assert_eq!(check_dates(&der, 1_699_999_999), Err(CertError::NotYetValid { not_before: 1_700_000_000 }));
    assert_eq!(check_client(&der, 1_800_000_001).unwrap_err(), CertError::Expired { not_after: 1_800_000_000 });
    assert_eq!(certificate.not_after(), 1_800_000_000);
}

#[test]
fn texts_are_taken_back_if_they_belong_together() {
    let (one, two) = (made(), made());
    let back = Certificate::from_pem(&one.cert_pem, &one.pubkey_pem, &one.key_pem).unwrap();
    assert_eq!((back.serial.clone(), back.not_after()), (one.serial.clone(), one.not_after()));
    assert_eq!(back.key_der(), one.key_der());
    assert!(Certificate::from_pem(&one.cert_pem, &two.pubkey_pem, &one.key_pem).is_err());
    assert!(Certificate::from_pem(&one.cert_pem, &one.pubkey_pem, &two.key_pem).is_err());
    assert!(Certificate::from_pem(&one.cert_pem, &one.pubkey_pem, "").is_err());
    assert_eq!(format!("{one:?}"), format!("Certificate({})", one.serial));
}

#[test]
fn impossible_validities_are_refused() {
    for (not_before, not_after) in [(2, 1), (0, u64::MAX)] {
        assert!(matches!(generate(&owner(), &[], Validity { not_before, not_after }), Err(CertError::Generate(_))));
    }
}

#[test]
fn serial_numbers_are_decimal_and_bounded() {
    let serial = |text: &str| text.parse::<Serial>();
    assert_eq!(serial("128").unwrap().as_bytes(), [128]);
    assert_eq!(serial("0").unwrap().as_bytes(), [0_u8; 0]);
    assert_eq!(serial("0").unwrap().to_string(), "0");
    assert_eq!(Serial::from_bytes(&[0, 0, 1, 0]).unwrap().to_string(), "256");
    for text in ["", "-1", "0x1", "1 ", &"9".repeat(97), &"9".repeat(1_000_000)] {
        assert_eq!(serial(text), Err(CertError::Serial));
    }
    assert!(Serial::from_bytes(&[1; 40]).is_ok() && Serial::from_bytes(&[1; 41]).is_err());
    assert!(serial("9").unwrap() < serial("10").unwrap());
}

proptest! {
    #[test]
    fn serial_numbers_round_trip(bytes in proptest::collection::vec(any::<u8>(), 0..=40)) {
        let serial = Serial::from_bytes(&bytes).unwrap();
        prop_assert_eq!(serial.to_string().parse::<Serial>(), Ok(serial));
    }

    /// A changed certificate is refused: the signature covers all but the outer algorithm and itself, and these have
    /// one form each. (Two changes that once passed: the number of unused bits of the signature, and the tag within
    /// the outer algorithm. The other value of s is a valid signature, too, which no change of one byte gives.)
    #[test]
    fn one_changed_byte_is_noticed(at in any::<prop::sample::Index>(), by in 1_u8..) {
        static MADE: std::sync::LazyLock<Certificate> = std::sync::LazyLock::new(made);
        let mut der = MADE.cert_der();
        let at = at.index(der.len());
        der[at] = der[at].wrapping_add(by);
        prop_assert!(on_chain(&owner(), &pem::write(CERTIFICATE, &der), &MADE.pubkey_pem).is_err());
        prop_assert!(check_client(&der, 1_750_000_000).is_err());
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = check_client(&bytes, 0);
        let _ = check_on_chain(&owner(), &bytes, &bytes);
        let key = pem::write(PUBLIC_KEY, &bytes);
        prop_assert!(check_on_chain(&owner(), key.as_bytes(), key.as_bytes()).is_err());
        let _ = parse_pem(&bytes, CERTIFICATE);
    }
}
