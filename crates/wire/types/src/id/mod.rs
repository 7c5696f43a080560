//! The identifiers of the marketplace: deployment, group, order, bid and lease.
//!
//! Each contains the one before it. Their text is `owner/dseq[/gseq/oseq/provider[/bseq if not 0]]`, the same in
//! escrow ids, logs and on the command line. Sequences below a deployment count from 1; a value made from outside
//! (text or protobuf) never has a zero there, and never an owner that is no address.

mod deployment;
mod market;
#[cfg(test)]
mod tests;
mod wire;

pub use deployment::{DeploymentId, GroupId};
pub use market::{BidId, LeaseId, OrderId};

use crate::address::{Address, AddressError};

/// Why something is no identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("invalid owner address: {0}")]
    Owner(AddressError),
    #[error("invalid provider address: {0}")]
    Provider(AddressError),
    #[error("{0} must not be 0")]
    Zero(&'static str),
    #[error("{part} is no number: {text:?}")]
    Number { part: &'static str, text: String },
    #[error("identifier has {got} parts, expected {expected}")]
    Parts { got: usize, expected: &'static str },
    #[error("identifier is missing")]
    Missing,
}

/// Splits a text into its parts, of which there must be `min` to `max`.
fn parts<'a>(text: &'a str, min: usize, max: usize, expected: &'static str) -> Result<Vec<&'a str>, IdError> {
    let parts: Vec<_> = text.splitn(max + 1, '/').collect();
    if (min..=max).contains(&parts.len()) {
        return Ok(parts);
    }
    Err(IdError::Parts { got: parts.len(), expected })
}

/// Reads a sequence number: digits only, not 0.
fn sequence<T: std::str::FromStr + Default + PartialEq>(part: &'static str, text: &str) -> Result<T, IdError> {
    let number = || IdError::Number { part, text: text.chars().take(32).collect() };
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(number());
    }
    not_zero(part, text.parse().map_err(|_| number())?)
}

fn not_zero<T: Default + PartialEq>(part: &'static str, value: T) -> Result<T, IdError> {
    if value == T::default() { Err(IdError::Zero(part)) } else { Ok(value) }
}

fn owner(text: &str) -> Result<Address, IdError> {
    Address::parse(text).map_err(IdError::Owner)
}

fn provider(text: &str) -> Result<Address, IdError> {
    Address::parse(text).map_err(IdError::Provider)
}
