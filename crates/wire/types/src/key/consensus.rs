use std::fmt;

use ed25519_consensus::{Signature, SigningKey, VerificationKey};
use rand::RngCore;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::KeyError;

/// The ed25519 key of a validator or a node.
#[derive(Clone)]
pub struct ConsensusKey(SigningKey);

impl ConsensusKey {
    /// A new key from the operating system's randomness.
    #[must_use]
    pub fn generate() -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rand::rngs::OsRng.fill_bytes(&mut *seed);
        Self::from_seed(*seed)
    }

    /// The key of a 32-byte seed.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from(seed))
    }

    /// Reads seed‖public key, 64 bytes, the form of CometBFT's key files; both must belong together.
    pub fn from_keypair(bytes: &[u8]) -> Result<Self, KeyError> {
        let (seed, public) = bytes.split_first_chunk::<32>().ok_or(KeyError::SecretKey)?;
        let key = Self::from_seed(*seed);
        if key.public().as_bytes() == public { Ok(key) } else { Err(KeyError::SecretKey) }
    }

    /// Seed‖public key, the form of CometBFT's key files.
    #[must_use]
    pub fn to_keypair(&self) -> Zeroizing<[u8; 64]> {
        let mut bytes = Zeroizing::new([0; 64]);
        bytes[..32].copy_from_slice(self.0.as_bytes());
        bytes[32..].copy_from_slice(self.public().as_bytes());
        bytes
    }

    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    #[must_use]
    pub fn public(&self) -> ConsensusPublicKey {
        ConsensusPublicKey(self.0.verification_key().to_bytes())
    }
}

impl Drop for ConsensusKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for ConsensusKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConsensusKey(of {:?})", self.public())
    }
}

/// The public half of a [`ConsensusKey`]. That the bytes are a point is known only after a verification.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConsensusPublicKey([u8; 32]);

impl ConsensusPublicKey {
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 20 bytes of the SHA-256 of the key.
    #[must_use]
    pub fn address(&self) -> [u8; 20] {
        let digest: [u8; 32] = Sha256::digest(self.0).into();
        *digest.first_chunk().expect("20 of 32")
    }

    /// Whether `signature` is this key's, by the rules of ZIP-215.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), KeyError> {
        verify_ed25519(&self.0, message, signature)
    }
}

impl fmt::Debug for ConsensusPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", hex::encode(self.0))
    }
}

/// Verifies an ed25519 signature by the rules of ZIP-215, on which all nodes agree.
pub fn verify_ed25519(public: &[u8], message: &[u8], signature: &[u8]) -> Result<(), KeyError> {
    let public = VerificationKey::try_from(public).map_err(|_| KeyError::PublicKey)?;
    let signature = Signature::try_from(signature).map_err(|_| KeyError::Signature)?;
    public.verify(&signature, message).map_err(|_| KeyError::Signature)
}
