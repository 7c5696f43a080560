//! The codespace `feegrant`. Numbers and texts are wire format.

use akash_kernel::{Reject, TxError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeegrantError {
    LimitExceeded,
    LimitExpired,
    InvalidDuration,
    NoAllowance,
    NoMessages,
    MessageNotAllowed,
}

impl FeegrantError {
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            Self::LimitExceeded => 2,
            Self::LimitExpired => 3,
            Self::InvalidDuration => 4,
            Self::NoAllowance => 5,
            Self::NoMessages => 6,
            Self::MessageNotAllowed => 7,
        }
    }

    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::LimitExceeded => "fee limit exceeded",
            Self::LimitExpired => "fee allowance expired",
            Self::InvalidDuration => "invalid duration",
            Self::NoAllowance => "no allowance",
            Self::NoMessages => "allowed messages are empty",
            Self::MessageNotAllowed => "message not allowed",
        }
    }

    /// With what was found in front.
    pub fn with(self, found: &str) -> TxError {
        let text = format!("{found}: {}", self.text());
        Reject { codespace: "feegrant", code: self.code(), text }.into()
    }
}
