//! Transactions without a network: who must sign one, signing it alone or with others, and checking its signatures.
//!
//! Life of one: [`sign`] puts a signature in its place, directly or as amino JSON. A multisig account's members make a
//! [`Part`] each with [`sign_part`], and [`combine`] joins them. [`check_signatures`] says of each signer whether it
//! signed, in whatever mode; [`check_document`] does so for data that a wallet signed (ADR-36).
//!
//! What only a chain knows (account number, chain id, whether the fee is enough) is given or left out; nothing is
//! guessed. The body's bytes stay as they were given.

mod check;
mod document;
mod multisig;
mod sign;
mod signers;
#[cfg(test)]
mod tests;

use akash_types::address::Address;
use akash_types::key::MultisigError;
use akash_types::tx::{DecodeError, SignBytesError};
use thiserror::Error;

pub use check::{Checked, check_signatures};
pub use document::{check_document, is_document};
pub use multisig::{Part, combine, sign_part};
pub use sign::{Mode, sign};
pub use signers::{signer_path, signers};

/// Why a transaction cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OfflineError {
    #[error("the transaction has no {0}")]
    Missing(&'static str),
    #[error("{0} is not a message of this network")]
    UnknownMessage(String),
    #[error("{0} does not say who signs it")]
    NoSigner(String),
    #[error("{found} does not sign this transaction, {wanted} does")]
    OtherSigner { found: String, wanted: String },
    #[error("the transaction has {0} signers, and a direct signature would have to know the others' keys")]
    SeveralSigners(usize),
    #[error("{0} must sign first, for signatures stand in the order of the signers")]
    NotYet(String),
    #[error("{0} is not one of the members of the multisig key")]
    NoMember(Address),
    #[error("the member {0} signed twice")]
    Twice(Address),
    #[error("the signature of {member} is not valid: {reason}")]
    Part { member: Address, reason: String },
    #[error("the text is no document of ADR-36: {0}")]
    Document(&'static str),
    #[error(transparent)]
    SignBytes(#[from] SignBytesError),
    #[error(transparent)]
    Multisig(#[from] MultisigError),
    #[error("the transaction cannot be read: {0}")]
    Decode(#[from] DecodeError),
}
