//! Findings that our own state is broken. They stop the node; no transaction can cause one.

use akash_kernel::TxError;

use crate::escrow::settlement::Overflow;

/// A record that we wrote cannot be read back.
pub fn broken(what: &str) -> TxError {
    TxError::Fault(format!("stored {what} is not readable"))
}

/// Something that an invariant says exists does not.
pub fn missing(what: impl std::fmt::Display) -> TxError {
    TxError::Fault(format!("{what} is missing"))
}

impl From<Overflow> for TxError {
    fn from(overflow: Overflow) -> Self {
        TxError::Fault(overflow.to_string())
    }
}
