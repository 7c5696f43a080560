//! Why something did not work, told apart by what a caller may conclude from it.

use thiserror::Error;

/// `account sequence mismatch` of the codespace `sdk`.
pub(crate) const WRONG_SEQUENCE: u32 = 32;

/// A transaction that the chain refused: the wire's codes (`codespace`/`code`) and its text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{codespace}/{code}: {log}")]
pub struct Refusal {
    pub codespace: String,
    pub code: u32,
    pub log: String,
}

impl Refusal {
    /// The account's sequence moved on: reading it again and signing anew may help.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        self.codespace == "sdk" && self.code == WRONG_SEQUENCE
    }

    /// The very same bytes are in the mempool already.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.codespace == "sdk" && self.code == 19
    }

    /// The account cannot pay: fee, deposit or amount.
    #[must_use]
    pub fn is_funds(&self) -> bool {
        self.codespace == "sdk" && (self.code == 5 || self.code == 9)
            || self.codespace == "market" && self.code == 28
            || self.codespace == "deployment" && self.code == 20
    }

    /// What was to be made is there already: an earlier transaction with it came through.
    #[must_use]
    pub fn is_repeated(&self) -> bool {
        matches!((&*self.codespace, self.code), ("deployment", 3) | ("cert", 3))
    }
}

#[derive(Debug, Error)]
pub enum ClientError {
    #[error("{endpoint} is not a usable URL: {reason}")]
    Endpoint { endpoint: String, reason: String },
    /// No answer. Whether what was asked for happened is unknown.
    #[error("no answer from {endpoint}: {reason}")]
    Unreachable { endpoint: String, reason: String },
    /// An answer that this program cannot read.
    #[error("{endpoint} gave an answer that cannot be read: {reason}")]
    Malformed { endpoint: String, reason: String },
    /// The node refused a query or a call.
    #[error("{what}: {text}")]
    Call { what: String, code: i32, text: String },
    #[error("the transaction was refused: {0}")]
    Refused(#[from] Refusal),
    /// Broadcast, but not seen in a block in time. It may still come.
    #[error("transaction {hash} was sent, but is in no block after {seconds} s")]
    Unconfirmed { hash: String, seconds: u64 },
    #[error("account {address} does not exist: it has never received anything")]
    NoAccount { address: String },
    #[error("{0}")]
    Terms(String),
    #[error("cannot use the key {name}: {reason}")]
    Key { name: String, reason: String },
    /// The passphrase is missing or wrong.
    #[error("cannot open the key {name}: {reason}")]
    Passphrase { name: String, reason: String },
}

impl ClientError {
    /// Whether the answer did not come, so that nothing may be concluded from it.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Malformed { .. } | Self::Unconfirmed { .. })
    }
}
