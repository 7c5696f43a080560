//! Certificates in DER and PEM, as a chain, a server and a client look at them.

#![no_main]

use akash_fuzz::{choice, sized};
use akash_types::address::Address;
use akash_types::cert::{self, CERTIFICATE, Certificate};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;

const NOW: u64 = 1_750_000_000;

fuzz_target!(|data: &[u8]| {
    match choice(data, 3) {
        Some((0, rest)) => der(rest),
        Some((1, rest)) => pem(rest),
        Some((_, rest)) => texts(rest),
        None => {}
    }
});

fn der(bytes: &[u8]) {
    let wrapped = wrap(bytes);
    if wrapped.len() <= cert::MAX_PEM_BYTES {
        assert_eq!(cert::parse_pem(wrapped.as_bytes(), CERTIFICATE).as_deref(), Ok(bytes));
    }
    let Ok(info) = cert::inspect(bytes) else {
        assert!(cert::check_client(bytes, NOW).is_err() && cert::check_dates(bytes, NOW).is_err());
        return;
    };
    assert_eq!(info.serial.to_string().parse().as_ref(), Ok(&info.serial));
    assert_eq!(cert::check_dates(bytes, NOW).is_ok(), (info.not_before..=info.not_after).contains(&(NOW as i64)));
    if let Ok((owner, client)) = cert::check_client(bytes, NOW) {
        assert_eq!(client, info);
        assert!(info.for_clients && info.is_p256_sha256 && info.common_name == info.issuer_common_name);
        assert_eq!(Address::parse(&info.common_name), Ok(owner));
    }
}

fn wrap(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {CERTIFICATE}-----\n{}\n-----END {CERTIFICATE}-----\n", lines.join("\n"))
}

/// The two texts of the chain's message. The owner is the one that the certificate names, so that more is reached.
fn pem(data: &[u8]) {
    let Some((certificate, public_key)) = sized(data) else { return };
    let info = cert::inspect_pem(certificate);
    let owner = info.as_ref().ok().and_then(|info| Address::parse(&info.common_name).ok());
    let owner = owner.unwrap_or_else(|| Address::module("gov"));
    if let Ok(serial) = cert::check_on_chain(&owner, certificate, public_key) {
        let info = info.expect("what the chain takes can be read");
        assert_eq!(serial, info.serial);
        assert_eq!(cert::check_on_chain(&owner, certificate, public_key), Ok(serial));
    }
}

/// What a client keeps in its files.
fn texts(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut texts = text.splitn(3, '\0');
    let (cert, public, key) =
        (texts.next().unwrap_or_default(), texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
    if let Ok(certificate) = Certificate::from_pem(cert, public, key) {
        assert_eq!(cert::inspect(&certificate.cert_der()).map(|info| info.serial), Ok(certificate.serial.clone()));
        let _ = certificate.key_der();
    }
}
