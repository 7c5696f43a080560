//! Why something did not happen: the transaction is wrong, or we are.

use akash_store::StoreError;

/// A verdict about a transaction. Codespace, code and text are wire format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Reject {
    /// Whose numbering `code` belongs to: a module's name, or `sdk`.
    pub codespace: &'static str,
    /// Never 0, which means success.
    pub code: u32,
    /// The whole log, registered text included.
    pub text: String,
}

impl Reject {
    /// Puts newer text in front: `newer: older`.
    #[must_use]
    pub fn context(mut self, text: impl AsRef<str>) -> Self {
        self.text = format!("{}: {}", text.as_ref(), self.text);
        self
    }
}

/// The failure of a handler.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TxError {
    /// The transaction fails; the chain goes on.
    #[error(transparent)]
    Reject(#[from] Reject),
    /// Our own state is broken; the node stops before it commits anything.
    #[error("{0}")]
    Fault(String),
}

impl TxError {
    /// Puts newer text in front of either kind.
    #[must_use]
    pub fn context(self, text: impl AsRef<str>) -> Self {
        match self {
            Self::Reject(reject) => Self::Reject(reject.context(text)),
            Self::Fault(fault) => Self::Fault(format!("{}: {fault}", text.as_ref())),
        }
    }

    /// The verdict, if it is one.
    #[must_use]
    pub fn reject(&self) -> Option<&Reject> {
        match self {
            Self::Reject(reject) => Some(reject),
            Self::Fault(_) => None,
        }
    }
}

/// Whatever fails below the modules is our fault; what a transaction can make too large is refused by the context.
impl From<StoreError> for TxError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.to_string())
    }
}
