//! Identifiers out of messages, with the SDK's errors.

use akash_kernel::{TxError, sdk_error};
use akash_types::address::Address;
use akash_types::id::IdError;

/// Reads an identifier: `id(msg.id.as_ref())`.
pub fn id<W, T: TryFrom<W, Error = IdError>>(wire: W) -> Result<T, TxError> {
    T::try_from(wire).map_err(|error| match error {
        IdError::Owner(_) | IdError::Provider(_) => sdk_error::invalid_address(error.to_string()),
        IdError::Zero(_) => sdk_error::invalid_sequence(error.to_string()),
        _ => sdk_error::invalid_request(error.to_string()),
    })
}

pub fn address(text: &str) -> Result<Address, TxError> {
    Address::parse(text).map_err(|error| sdk_error::invalid_address(error.to_string()))
}
