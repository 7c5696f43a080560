//! The codespace `authz`. Numbers and texts are wire format.

use akash_kernel::{Reject, TxError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthzError {
    NoAuthorizationFound,
    InvalidExpirationTime,
    UnknownAuthorizationType,
    AuthorizationExpired,
    GranteeIsGranter,
    AuthorizationNumOfSigners,
}

impl AuthzError {
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            Self::NoAuthorizationFound => 2,
            Self::InvalidExpirationTime => 3,
            Self::UnknownAuthorizationType => 4,
            Self::AuthorizationExpired => 6,
            Self::GranteeIsGranter => 7,
            Self::AuthorizationNumOfSigners => 9,
        }
    }

    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoAuthorizationFound => "authorization not found",
            Self::InvalidExpirationTime => "expiration time of authorization should be more than current time",
            Self::UnknownAuthorizationType => "unknown authorization type",
            Self::AuthorizationExpired => "authorization expired",
            Self::GranteeIsGranter => "grantee and granter should be different",
            Self::AuthorizationNumOfSigners => "authorization can be given to msg with only one signer",
        }
    }

    /// With what was found in front.
    pub fn with(self, found: impl AsRef<str>) -> TxError {
        TxError::from(self).context(found)
    }
}

impl From<AuthzError> for TxError {
    fn from(error: AuthzError) -> Self {
        Reject { codespace: "authz", code: error.code(), text: error.text().to_owned() }.into()
    }
}
