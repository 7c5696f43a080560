//! ECDSA public keys of the NIST curves, and signatures over SHA-256 by them.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use sha2::{Digest, Sha256};
use x509_parser::asn1_rs::FromDer;
use x509_parser::oid_registry::{self, Oid};
use x509_parser::x509::SubjectPublicKeyInfo;

use super::der;

/// Bytes of a P-521 field element. Its verifier wants a digest of at least half of that.
const P521_BYTES: usize = 66;

/// A public key that is known to be a point of its curve.
pub(super) enum EcdsaKey {
    P224(p224::ecdsa::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(Box<p521::ecdsa::VerifyingKey>),
}

/// Why bytes are no such key. The texts are the reference's where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum KeyError {
    #[error("invalid public key type")]
    Type,
    #[error("x509: unsupported elliptic curve")]
    Curve,
    #[error("x509: failed to unmarshal elliptic curve point")]
    Point,
    #[error("asn1: structure error")]
    Structure,
}

impl EcdsaKey {
    /// Reads PKIX form (`SubjectPublicKeyInfo`).
    pub(super) fn from_pkix(bytes: &[u8]) -> Result<Self, KeyError> {
        if !der::is_strict(bytes) {
            return Err(KeyError::Structure);
        }
        let (_, info) = SubjectPublicKeyInfo::from_der(bytes).map_err(|_| KeyError::Structure)?;
        if info.algorithm.algorithm != oid_registry::OID_KEY_TYPE_EC_PUBLIC_KEY {
            return Err(KeyError::Type);
        }
        if info.subject_public_key.unused_bits != 0 {
            return Err(KeyError::Structure);
        }
        let curve = info.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok()).ok_or(KeyError::Structure)?;
        Self::from_point(&curve, &info.subject_public_key.data)
    }

    fn from_point(curve: &Oid<'_>, point: &[u8]) -> Result<Self, KeyError> {
        // The reference takes the uncompressed form alone.
        let point = Some(point).filter(|p| p.first() == Some(&4));
        let missing = KeyError::Point;
        if *curve == oid_registry::OID_EC_P256 {
            return p256::ecdsa::VerifyingKey::from_sec1_bytes(point.ok_or(missing)?)
                .map(Self::P256)
                .map_err(|_| KeyError::Point);
        }
        if *curve == oid_registry::OID_NIST_EC_P384 {
            return p384::ecdsa::VerifyingKey::from_sec1_bytes(point.ok_or(missing)?)
                .map(Self::P384)
                .map_err(|_| KeyError::Point);
        }
        if *curve == oid_registry::OID_NIST_EC_P521 {
            return p521::ecdsa::VerifyingKey::from_sec1_bytes(point.ok_or(missing)?)
                .map(|key| Self::P521(Box::new(key)))
                .map_err(|_| KeyError::Point);
        }
        if curve.as_bytes() == P224_OID {
            return p224::ecdsa::VerifyingKey::from_sec1_bytes(point.ok_or(missing)?)
                .map(Self::P224)
                .map_err(|_| KeyError::Point);
        }
        Err(KeyError::Curve)
    }

    /// Whether `signature`, in DER, is this key's over the SHA-256 of `message`.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let digest = Sha256::digest(message);
        match self {
            Self::P224(key) => p224::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok()),
            Self::P256(key) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok()),
            Self::P384(key) => p384::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok()),
            Self::P521(key) => p521::ecdsa::Signature::from_der(signature).is_ok_and(|signature| {
                // A digest shorter than the group's order is a number as it stands; zeros in front change nothing.
                let mut padded = [0; P521_BYTES];
                padded[P521_BYTES - digest.len()..].copy_from_slice(&digest);
                key.verify_prehash(&padded, &signature).is_ok()
            }),
        }
    }
}

/// 1.3.132.0.33, which the registry does not list.
const P224_OID: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x21];
