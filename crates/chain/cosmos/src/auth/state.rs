//! What auth stores.

use akash_kernel::{Ctx, TxError};
use akash_proto::cosmos::auth::v1beta1::Params;
use akash_store::{Index, Item, Map, Record};
use akash_types::address::Address;
use prost_types::Any;

use super::STORE;
use super::account::Account;

/// Accounts by address, each as an `Any` of its kind, as queries give it out.
pub const ACCOUNTS: Map<Address, Any> = Map::new(STORE, 1);
/// (number, address) of every account.
pub const NUMBERS: Index<(u64, Address)> = Index::new(STORE, 2);
/// The number of the next new account.
pub const NEXT_NUMBER: Item<u64> = Item::new(STORE, 3);
pub const PARAMS: Item<Params> = Item::new(STORE, 4);
/// Timeout (seconds and nanoseconds) and signer of the unordered transactions that could still be repeated.
pub const UNORDERED: Map<((i64, u32), Address), ()> = Map::new(STORE, 5);

/// Writes the index rows of a record.
pub fn index(ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
    let Some((address, any)) = ACCOUNTS.decode(record)? else { return Ok(()) };
    let number = Account::from_any(&any)?.into_base().account_number;
    NUMBERS.insert(ctx, &(number, address))
}
