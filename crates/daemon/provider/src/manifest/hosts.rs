//! Host names: the generated one of a service, the names nobody may take, and who has which.

use std::collections::BTreeMap;

use akash_types::id::LeaseId;
use sha2::{Digest, Sha256};

/// Bytes of the digest in a generated name: enough that nobody finds a second lease with the same one.
const NAME_BYTES: usize = 16;
const BASE32_HEX: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// Why a host name cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostRefused {
    #[error("hostname {0} is blocked by this provider")]
    Blocked(String),
    #[error("hostname {0} is in use by another lease")]
    InUse(String),
}

/// The name that only this service of this lease has; the same after every restart.
pub fn generated(lease: &LeaseId, service: &str, domain: &str) -> String {
    let digest = Sha256::digest(format!("{lease}/{service}"));
    format!("{}.{domain}", base32_hex(&digest[..NAME_BYTES]))
}

/// Checks the names that a lease asks for against the block list and against what other leases have.
pub fn check<'a>(
    lease: &LeaseId,
    wanted: impl IntoIterator<Item = &'a str>,
    blocked: &[String],
    taken: &BTreeMap<String, LeaseId>,
) -> Result<(), HostRefused> {
    for host in wanted {
        if blocked.iter().any(|entry| is_blocked(host, entry)) {
            return Err(HostRefused::Blocked(host.to_owned()));
        }
        if taken.get(host).is_some_and(|holder| holder != lease) {
            return Err(HostRefused::InUse(host.to_owned()));
        }
    }
    Ok(())
}

/// An entry with a leading dot stands for the domain and everything below it.
fn is_blocked(host: &str, entry: &str) -> bool {
    match entry.strip_prefix('.') {
        Some(domain) => host == domain || host.ends_with(entry),
        None => host == entry,
    }
}

/// Lower case and without padding.
fn base32_hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut buffer, mut bits) = (0u32, 0);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(digit(buffer >> bits));
        }
    }
    if bits > 0 {
        text.push(digit(buffer << (5 - bits)));
    }
    text
}

fn digit(value: u32) -> char {
    BASE32_HEX[(value & 31) as usize].into()
}

#[cfg(test)]
mod tests {
    use akash_types::address::Address;

    use super::*;

    fn lease(dseq: u64) -> LeaseId {
        let owner = Address::from_bytes(&[1; 20]).unwrap();
        format!("{owner}/{dseq}/1/1/{owner}").parse().unwrap()
    }

    #[test]
    fn base32_is_rfc_4648() {
        let table = [("", ""), ("f", "co"), ("fo", "cpng"), ("foo", "cpnmu"), ("foobar", "cpnmuoj1e8")];
        for (input, expected) in table {
            assert_eq!(base32_hex(input.as_bytes()), expected);
        }
    }

    #[test]
    fn generated_names_are_labels_of_their_own() {
        let name = generated(&lease(1), "web", "localhost");
        assert_eq!(name, generated(&lease(1), "web", "localhost"));
        assert_ne!(name, generated(&lease(2), "web", "localhost"));
        assert_ne!(name, generated(&lease(1), "db", "localhost"));
        assert_eq!(name.len(), 26 + ".localhost".len());
    }

    #[test]
    fn blocked_and_taken_names_are_refused() {
        let blocked = [".example.com".to_owned(), "console.net".to_owned()];
        let taken = BTreeMap::from([("mine.org".to_owned(), lease(1)), ("theirs.org".to_owned(), lease(2))]);
        let table = [
            ("example.com", Err(HostRefused::Blocked("example.com".into()))),
            ("a.example.com", Err(HostRefused::Blocked("a.example.com".into()))),
            ("notexample.com", Ok(())),
            ("console.net", Err(HostRefused::Blocked("console.net".into()))),
            ("a.console.net", Ok(())),
            ("mine.org", Ok(())),
            ("theirs.org", Err(HostRefused::InUse("theirs.org".into()))),
        ];
        for (host, expected) in table {
            assert_eq!(check(&lease(1), [host], &blocked, &taken), expected, "{host}");
        }
    }
}
