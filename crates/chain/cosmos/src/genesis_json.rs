//! A module's part of the genesis file: the proto JSON of its `GenesisState`.

use akash_kernel::TxError;
use prost::{Message, Name};
use serde_json::Value;

/// Reads `app_state.<module>`; an absent part is an empty one.
pub fn read<M: Message + Name + Default>(module: &str, value: &Value) -> Result<M, TxError> {
    if value.is_null() {
        return Ok(M::default());
    }
    Err(TxError::Fault(format!("genesis of {module}: {} cannot be read yet", M::full_name())))
}

/// The other way.
pub fn write<M: Message + Name>(_state: &M) -> Result<Value, TxError> {
    Err(TxError::Fault(format!("{} cannot be written yet", M::full_name())))
}
