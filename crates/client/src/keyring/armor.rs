//! One key as text under a passphrase, in the form that the network's other programs export and import:
//! OpenPGP ASCII armor `TENDERMINT PRIVATE KEY`, argon2id, ChaCha20-Poly1305 with a zero nonce.
//!
//! The nonce may be zero because the salt, and so the key, is new for every export. Exports of versions older than
//! 0.50 of the base (kdf bcrypt) are refused by name.

use akash_types::key::SecretKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::RngCore;
use thiserror::Error;
use zeroize::Zeroizing;

use super::Passphrase;
use super::kdf::{Cost, derive};
use super::seal::{decrypt, encrypt};

const BEGIN: &str = "-----BEGIN TENDERMINT PRIVATE KEY-----";
/// The last line, by which a reader of a stream knows where to stop.
pub const END: &str = "-----END TENDERMINT PRIVATE KEY-----";
/// Longest text that is looked at.
const MAX_TEXT_BYTES: usize = 16 << 10;
const COST: Cost = Cost { memory_kib: 64 << 10, passes: 1, lanes: 4 };
const NONCE: [u8; 12] = [0; 12];
const LINE: usize = 64;
/// Amino's prefix of a secp256k1 secret key, with the length byte.
const AMINO_PREFIX: [u8; 5] = [0xe1, 0xb0, 0xf7, 0x9b, 0x20];

/// Why a text gives no key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArmorError {
    #[error("this is no armored private key: {0}")]
    Malformed(&'static str),
    #[error("the key is protected by {0}, which is not read here; only argon2 is")]
    Kdf(String),
    #[error("the key is of type {0}; only secp256k1 is read")]
    KeyType(String),
    #[error("the passphrase is wrong, or the text was changed")]
    Passphrase,
}

/// The key as text.
#[must_use]
pub fn export(secret: &SecretKey, passphrase: &Passphrase) -> String {
    let mut salt = [0; 16];
    rand::rngs::OsRng.fill_bytes(&mut salt);
    let key = derive(passphrase, &salt, COST).expect("our own cost is within the bounds");
    let plain = Zeroizing::new([&AMINO_PREFIX[..], &*secret.to_bytes()].concat());
    let body = encrypt(&key, NONCE, &plain, &[]);

    let text = STANDARD.encode(&body);
    let mut out = format!("{BEGIN}\nkdf: argon2\nsalt: {}\ntype: secp256k1\n\n", hex::encode_upper(salt));
    for line in text.as_bytes().chunks(LINE) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str(&format!("={}\n{END}\n", STANDARD.encode(checksum(&body))));
    out
}

/// The key of a text that [`export`] or another program of the network made.
///
/// # Errors
/// When the text is damaged or of another kind, or the passphrase is wrong.
pub fn import(text: &str, passphrase: &Passphrase) -> Result<SecretKey, ArmorError> {
    let armored = parse(text)?;
    let key = derive(passphrase, &armored.salt, COST).ok_or(ArmorError::Malformed("its salt is too short"))?;
    let plain = decrypt(&key, NONCE, &armored.body, &[]).ok_or(ArmorError::Passphrase)?;
    let bytes = plain.strip_prefix(&AMINO_PREFIX).ok_or(ArmorError::Malformed("it holds another kind of key"))?;
    SecretKey::from_bytes(bytes).map_err(|_| ArmorError::Malformed("it holds no key"))
}

struct Armored {
    salt: Vec<u8>,
    body: Vec<u8>,
}

fn parse(text: &str) -> Result<Armored, ArmorError> {
    use ArmorError::Malformed;
    if text.len() > MAX_TEXT_BYTES {
        return Err(Malformed("it is too long"));
    }
    let mut lines = text.lines().map(str::trim).skip_while(|line| *line != BEGIN).skip(1);
    let (mut salt, mut kdf, mut key_type) = (None, None, None);
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        match line.split_once(": ").ok_or(Malformed("a header has no colon"))? {
            ("salt", value) => salt = Some(hex::decode(value).map_err(|_| Malformed("its salt is no hex"))?),
            ("kdf", value) => kdf = Some(value),
            ("type", value) => key_type = Some(value),
            _ => {}
        }
    }
    match (kdf, key_type) {
        (Some("argon2"), Some("secp256k1")) => {}
        (Some("argon2"), other) => return Err(ArmorError::KeyType(shown(other))),
        (None, None) => return Err(Malformed("it does not begin with `-----BEGIN TENDERMINT PRIVATE KEY-----`")),
        (other, _) => return Err(ArmorError::Kdf(shown(other))),
    }
    let (mut body, mut sum, mut ended) = (String::new(), None, false);
    for line in lines {
        match line.strip_prefix('=') {
            _ if line == END => {
                ended = true;
                break;
            }
            Some(value) => sum = Some(value),
            None => body.push_str(line),
        }
    }
    if !ended {
        return Err(Malformed("its last line is missing"));
    }
    let body = STANDARD.decode(body).map_err(|_| Malformed("its body is no base64"))?;
    if sum.is_some_and(|sum| sum != STANDARD.encode(checksum(&body))) {
        return Err(Malformed("its checksum is wrong"));
    }
    Ok(Armored { salt: salt.ok_or(Malformed("it has no salt"))?, body })
}

fn shown(value: Option<&str>) -> String {
    value.unwrap_or("nothing").chars().take(32).collect()
}

/// CRC-24 of OpenPGP (RFC 4880, section 6.1).
fn checksum(bytes: &[u8]) -> [u8; 3] {
    let mut crc: u32 = 0x00b7_04ce;
    for byte in bytes {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
    }
    let [_, high, middle, low] = crc.to_be_bytes();
    [high, middle, low]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_is_that_of_openpgp() {
        // The check value of CRC-24/OPENPGP.
        assert_eq!(checksum(b"123456789"), [0x21, 0xcf, 0x02]);
        assert_eq!(checksum(b""), [0xb7, 0x04, 0xce]);
        // What the base's own program writes below these bytes.
        assert_eq!(STANDARD.encode(checksum(&[0xab; 129])), "CK9v");
    }

    #[test]
    fn texts_that_are_no_key_are_refused_by_their_fault() {
        let passphrase = Passphrase::new(Zeroizing::new("x".to_owned()));
        let refuse = |text: &str| import(text, &passphrase).unwrap_err().to_string();
        assert!(refuse("").contains("does not begin"), "{}", refuse(""));
        let old = format!("{BEGIN}\nkdf: bcrypt\nsalt: 00\ntype: secp256k1\n\nAAAA\n{END}\n");
        assert!(refuse(&old).contains("bcrypt"));
        let open = format!("{BEGIN}\nkdf: argon2\nsalt: 00\ntype: secp256k1\n\nAAAA\n");
        assert!(refuse(&open).contains("last line"));
        assert!(refuse(&format!("{open}=AAAA\n{END}")).contains("checksum"));
        assert!(refuse(&format!("{open}{END}")).contains("salt"));
        assert!(refuse(&"x".repeat(MAX_TEXT_BYTES + 1)).contains("too long"));
    }
}
