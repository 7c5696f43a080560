//! A module's part of the genesis file: the proto JSON of its `GenesisState`, and under the key `ext` what is ours.

use akash_kernel::{TxError, sdk_error};
use akash_types::json;
use prost::{Message, Name};
use serde_json::Value;

const EXT: &str = "ext";

/// Reads `app_state.<module>`; an absent part is an empty one.
pub fn read<M: Message + Name + Default>(module: &str, value: &Value) -> Result<M, TxError> {
    if value.is_null() {
        return Ok(M::default());
    }
    json::decode_message(value).map_err(|error| sdk_error::json_unmarshal(format!("genesis of {module}: {error}")))
}

/// The other way.
pub fn write<M: Message + Name>(state: &M) -> Result<Value, TxError> {
    Ok(json::encode_message(state))
}

/// Reads `app_state.<module>` and, apart from it, `app_state.<module>.ext`.
pub fn read_extended<M, E>(module: &str, value: &Value) -> Result<(M, E), TxError>
where
    M: Message + Name + Default,
    E: Message + Name + Default,
{
    let mut value = value.clone();
    let ext = value.as_object_mut().and_then(|members| members.remove(EXT)).unwrap_or(Value::Null);
    Ok((read(module, &value)?, read(&format!("{module}.{EXT}"), &ext)?))
}

/// The other way.
pub fn write_extended<M: Message + Name, E: Message + Name>(state: &M, ext: &E) -> Result<Value, TxError> {
    let mut value = write(state)?;
    if let Some(members) = value.as_object_mut() {
        members.insert(EXT.to_owned(), write(ext)?);
    }
    Ok(value)
}
