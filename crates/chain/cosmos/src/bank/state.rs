//! What bank stores. Amounts are decimal digits, as on the wire, and never zero.

use akash_kernel::{Ctx, TxError};
use akash_proto::cosmos::bank::v1beta1::{Metadata, Params, SendEnabled};
use akash_store::{Index, Item, Map, Record};
use akash_types::address::Address;
use akash_types::num::Int;

use super::STORE;

/// Amounts by (holder, denomination).
pub const BALANCES: Map<(Address, String), String> = Map::new(STORE, 1);
/// Amounts by denomination.
pub const SUPPLY: Map<String, String> = Map::new(STORE, 2);
pub const METADATA: Map<String, Metadata> = Map::new(STORE, 3);
/// Denominations that differ from the default, or say the same explicitly.
pub const SEND_ENABLED: Map<String, SendEnabled> = Map::new(STORE, 4);
pub const PARAMS: Item<Params> = Item::new(STORE, 5);

/// (denomination, holder) of every balance.
pub const HOLDERS: Index<(String, Address)> = Index::new(STORE, 6);

/// Writes the index rows of a record.
pub fn index(ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
    match BALANCES.decode(record)? {
        Some(((address, denom), _)) => HOLDERS.insert(ctx, &(denom, address)),
        None => Ok(()),
    }
}

/// What of a balance is not locked; nothing when more is locked than there is.
pub fn unlocked(held: Int, locked: Int) -> Option<Int> {
    held.checked_sub(locked).filter(|free| !free.is_negative())
}

/// The parameters of a new chain.
pub fn default_params() -> Params {
    Params { default_send_enabled: true, ..Params::default() }
}

/// Reads a stored amount.
///
/// # Errors
/// A fault when it is not a number: we wrote it ourselves.
pub fn amount(digits: Option<String>) -> Result<Int, TxError> {
    match digits {
        None => Ok(Int::ZERO),
        Some(digits) => digits.parse().map_err(|_| TxError::Fault(format!("stored amount {digits:?} is no number"))),
    }
}
