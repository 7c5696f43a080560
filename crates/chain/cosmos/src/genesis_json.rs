//! A module's part of the genesis file: the proto JSON of its `GenesisState`.

use akash_kernel::{Reject, TxError};
use akash_types::json;
use prost::{Message, Name};
use serde_json::Value;

/// Reads `app_state.<module>`; an absent part is an empty one.
pub fn read<M: Message + Name + Default>(module: &str, value: &Value) -> Result<M, TxError> {
    if value.is_null() {
        return Ok(M::default());
    }
    json::decode_message(value).map_err(|error| {
        let text = format!("genesis of {module}: {error}");
        Reject { codespace: "undefined", code: 1, text }.into()
    })
}

/// The other way.
pub fn write<M: Message + Name>(state: &M) -> Value {
    json::encode_message(state)
}
