//! Keys: of accounts (secp256k1, from a mnemonic; several of them joined), and of validators (ed25519).
//!
//! Secrets are erased when they are dropped, never printed, and compared by nobody. Signing is deterministic.
//! Account signatures are 64 bytes r‖s over SHA-256, with low s on both sides; validator signatures follow ZIP-215.
//!
//! Where keys are stored and how they are protected there is not known here.

mod account;
mod consensus;
mod mnemonic;
mod multisig;
mod signer;
#[cfg(test)]
mod tests;

pub use account::{PublicKey, SecretKey};
pub use consensus::{ConsensusKey, ConsensusPublicKey, verify_ed25519};
pub use mnemonic::{HdPath, Mnemonic};
pub use multisig::{MultisigError, MultisigKey};
pub use signer::SignerKey;

/// What can be wrong with a key or a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("mnemonic is invalid: {0}")]
    Mnemonic(String),
    #[error("derivation path is invalid: {0:?}")]
    Path(String),
    #[error("no key at this derivation path")]
    NotDerivable,
    #[error("secret key is invalid")]
    SecretKey,
    #[error("public key is invalid")]
    PublicKey,
    #[error("unrecognized public key type: {0}")]
    KeyType(String),
    #[error("multisig key is invalid")]
    Multisig,
    #[error("signature is invalid")]
    Signature,
}
