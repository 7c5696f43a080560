//! What came of a transaction.

use akash_kernel::{Event, Reject, TxError};
use akash_types::address::Address;
use akash_types::coin::Coins;

/// The node's own state is broken: it must stop with this text instead of going on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);

impl From<akash_store::StoreError> for Fault {
    fn from(error: akash_store::StoreError) -> Self {
        Self(format!("store: {error}"))
    }
}

/// Code and codespace of a success are 0 and empty; its log is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TxOutcome {
    pub code: u32,
    pub codespace: String,
    pub log: String,
    /// An encoded `TxMsgData`, empty after a failure.
    pub data: Vec<u8>,
    /// What the transaction may use; 0 when it failed before that was known.
    pub gas_wanted: u64,
    /// What it used, which can be more.
    pub gas_used: u64,
    pub events: Vec<Event>,
    /// What a mempool needs to order transactions; absent in a block, and when the bytes are no transaction.
    pub sender: Option<Sender>,
}

/// The first signer, as the transaction states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    pub address: Address,
    pub sequence: u64,
    pub fee: Coins,
}

impl TxOutcome {
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.code == 0
    }

    pub(crate) fn refused(reject: Reject) -> Self {
        Self { code: reject.code, codespace: reject.codespace.to_owned(), log: reject.text, ..Self::default() }
    }
}

/// A transaction that panics is refused with upstream's code for that.
pub(crate) fn panicked(cause: &str) -> Reject {
    Reject { codespace: "undefined", code: 111_222, text: format!("recovered: {cause}: panic") }
}

/// Splits refusals from faults.
pub(crate) fn or_fault<T>(result: Result<T, TxError>) -> Result<Result<T, Reject>, Fault> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(TxError::Reject(reject)) => Ok(Err(reject)),
        Err(TxError::Fault(text)) => Err(Fault(text)),
    }
}
