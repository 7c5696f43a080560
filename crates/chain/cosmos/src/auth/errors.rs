//! Auth has no codespace of its own: its refusals are plain errors or those of the SDK.

use akash_kernel::{Reject, TxError};

/// An error that was never registered: codespace `undefined`, code 1, the bare text.
pub fn plain(text: impl Into<String>) -> TxError {
    Reject { codespace: "undefined", code: 1, text: text.into() }.into()
}
