//! What auth stores.

use akash_kernel::{Ctx, TxError};
use akash_proto::cosmos::auth::v1beta1::{BaseAccount, ModuleAccount, Params};
use akash_store::{Index, Item, Map, Record};
use akash_types::address::Address;
use prost::{Message, Name};
use prost_types::Any;

use super::STORE;

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

/// An account of either kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Account {
    Base(BaseAccount),
    Module(ModuleAccount),
}

impl Account {
    /// A new account without a key.
    #[must_use]
    pub fn new(address: &Address, account_number: u64) -> Self {
        Self::Base(base(address, account_number))
    }

    /// The account of a module.
    #[must_use]
    pub fn module(name: &str, permissions: &[&str], account_number: u64) -> Self {
        let permissions = permissions.iter().map(|&permission| permission.to_owned()).collect();
        let base_account = Some(base(&Address::module(name), account_number));
        Self::Module(ModuleAccount { base_account, name: name.to_owned(), permissions })
    }

    #[must_use]
    pub fn to_any(&self) -> Any {
        match self {
            Self::Base(account) => pack(account),
            Self::Module(account) => pack(account),
        }
    }

    /// # Errors
    /// A fault when the stored bytes are no account: we wrote them ourselves.
    pub fn from_any(any: &Any) -> Result<Self, TxError> {
        let account = if any.type_url == BaseAccount::type_url() {
            BaseAccount::decode(any.value.as_slice()).map(Self::Base)
        } else if any.type_url == ModuleAccount::type_url() {
            ModuleAccount::decode(any.value.as_slice()).map(Self::Module)
        } else {
            return Err(TxError::Fault(format!("unknown kind of account {}", any.type_url)));
        };
        account.map_err(|error| TxError::Fault(format!("undecodable account: {error}")))
    }

    /// The part that both kinds have.
    #[must_use]
    pub fn into_base(self) -> BaseAccount {
        match self {
            Self::Base(account) => account,
            Self::Module(account) => account.base_account.unwrap_or_default(),
        }
    }

    #[must_use]
    pub fn base(&self) -> Option<&BaseAccount> {
        match self {
            Self::Base(account) => Some(account),
            Self::Module(account) => account.base_account.as_ref(),
        }
    }

    pub fn base_mut(&mut self) -> &mut BaseAccount {
        match self {
            Self::Base(account) => account,
            Self::Module(account) => account.base_account.get_or_insert_default(),
        }
    }
}

fn base(address: &Address, account_number: u64) -> BaseAccount {
    BaseAccount { address: address.to_string(), pub_key: None, account_number, sequence: 0 }
}

fn pack<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}
