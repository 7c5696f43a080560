//! A text under a passphrase: argon2id, then ChaCha20-Poly1305.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce, Tag};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Passphrase;
use super::kdf::{Cost, derive};

/// The second choice of RFC 9106.
const COST: Cost = Cost { memory_kib: 64 << 10, passes: 3, lanes: 4 };
const KDF: &str = "argon2id";
const CIPHER: &str = "chacha20poly1305";
pub(super) const TAG_BYTES: usize = 16;

/// What a key file holds instead of its secret. It says itself how it was made, so that later ones may cost more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sealed {
    kdf: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    cipher: String,
    nonce: String,
    text: String,
}

impl Sealed {
    /// Seals `plain` together with `associated`, which stays readable but cannot be exchanged.
    pub fn new(plain: &[u8], associated: &[u8], passphrase: &Passphrase) -> Self {
        let (mut salt, mut nonce) = ([0; 16], [0; 12]);
        rand::rngs::OsRng.fill_bytes(&mut salt);
        rand::rngs::OsRng.fill_bytes(&mut nonce);
        let key = derive(passphrase, &salt, COST).expect("our own cost is within the bounds");
        Self {
            kdf: KDF.to_owned(),
            memory_kib: COST.memory_kib,
            passes: COST.passes,
            lanes: COST.lanes,
            salt: STANDARD.encode(salt),
            cipher: CIPHER.to_owned(),
            nonce: STANDARD.encode(nonce),
            text: STANDARD.encode(encrypt(&key, nonce, plain, associated)),
        }
    }

    /// What was sealed; `None` with another passphrase, or if anything was changed.
    pub fn open(&self, associated: &[u8], passphrase: &Passphrase) -> Option<Zeroizing<Vec<u8>>> {
        if self.kdf != KDF || self.cipher != CIPHER {
            return None;
        }
        let nonce: [u8; 12] = STANDARD.decode(&self.nonce).ok()?.try_into().ok()?;
        let cost = Cost { memory_kib: self.memory_kib, passes: self.passes, lanes: self.lanes };
        let key = derive(passphrase, &STANDARD.decode(&self.salt).ok()?, cost)?;
        decrypt(&key, nonce, &STANDARD.decode(&self.text).ok()?, associated)
    }
}

/// Cipher text and tag.
pub(super) fn encrypt(key: &[u8; 32], nonce: [u8; 12], plain: &[u8], associated: &[u8]) -> Vec<u8> {
    let cipher = ChaCha20Poly1305::new(Key::from_slice(key));
    let mut text = plain.to_vec();
    let tag = cipher.encrypt_in_place_detached(Nonce::from_slice(&nonce), associated, &mut text);
    text.extend(tag.expect("a key is shorter than 256 GiB"));
    text
}

/// The plain text, if cipher text, tag and `associated` belong to the key.
pub(super) fn decrypt(key: &[u8; 32], nonce: [u8; 12], sealed: &[u8], associated: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (text, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_BYTES)?)?;
    let cipher = ChaCha20Poly1305::new(Key::from_slice(key));
    let mut plain = Zeroizing::new(text.to_vec());
    let nonce = Nonce::from_slice(&nonce);
    cipher.decrypt_in_place_detached(nonce, associated, &mut plain, Tag::from_slice(tag)).ok()?;
    Some(plain)
}
