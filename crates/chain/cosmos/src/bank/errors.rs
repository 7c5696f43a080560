//! The codespace `bank`. Numbers and texts are wire format.

use akash_kernel::{Reject, TxError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankError {
    NoInputs,
    NoOutputs,
    InputOutputMismatch,
    SendDisabled,
    DenomMetadataNotFound,
    InvalidKey,
    DuplicateEntry,
    MultipleSenders,
}

impl BankError {
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            Self::NoInputs => 2,
            Self::NoOutputs => 3,
            Self::InputOutputMismatch => 4,
            Self::SendDisabled => 5,
            Self::DenomMetadataNotFound => 6,
            Self::InvalidKey => 7,
            Self::DuplicateEntry => 8,
            Self::MultipleSenders => 9,
        }
    }

    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoInputs => "no inputs to send transaction",
            Self::NoOutputs => "no outputs to send transaction",
            Self::InputOutputMismatch => "sum inputs != sum outputs",
            Self::SendDisabled => "send transactions are disabled",
            Self::DenomMetadataNotFound => "client denom metadata not found",
            Self::InvalidKey => "invalid key",
            Self::DuplicateEntry => "duplicate entry",
            Self::MultipleSenders => "multiple senders not allowed",
        }
    }
}

impl From<BankError> for TxError {
    fn from(error: BankError) -> Self {
        Reject { codespace: "bank", code: error.code(), text: error.text().to_owned() }.into()
    }
}
