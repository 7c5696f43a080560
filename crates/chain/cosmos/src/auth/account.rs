//! The kinds of account and what they have in common.

use akash_kernel::TxError;
use akash_proto::cosmos::auth::v1beta1::{BaseAccount, ModuleAccount};
use akash_types::address::Address;
use prost::{Message, Name};
use prost_types::Any;

use super::vesting::Vesting;

/// An account of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Account {
    Base(BaseAccount),
    Module(ModuleAccount),
    /// A part of its coins is locked for a time.
    Vesting(Vesting),
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
            Self::Vesting(account) => account.to_any(),
        }
    }

    /// # Errors
    /// A fault when the stored bytes are no account: we wrote them ourselves.
    pub fn from_any(any: &Any) -> Result<Self, TxError> {
        let wrong = |error: prost::DecodeError| TxError::Fault(format!("undecodable account: {error}"));
        if any.type_url == BaseAccount::type_url() {
            Ok(Self::Base(BaseAccount::decode(any.value.as_slice()).map_err(wrong)?))
        } else if any.type_url == ModuleAccount::type_url() {
            Ok(Self::Module(ModuleAccount::decode(any.value.as_slice()).map_err(wrong)?))
        } else if let Some(vesting) = Vesting::from_any(any) {
            Ok(Self::Vesting(vesting.map_err(wrong)?))
        } else {
            Err(TxError::Fault(format!("unknown kind of account {}", any.type_url)))
        }
    }

    /// The part that all kinds have.
    #[must_use]
    pub fn into_base(self) -> BaseAccount {
        match self {
            Self::Base(account) => account,
            Self::Module(account) => account.base_account.unwrap_or_default(),
            Self::Vesting(account) => account.base_vesting().base_account.clone().unwrap_or_default(),
        }
    }

    #[must_use]
    pub fn base(&self) -> Option<&BaseAccount> {
        match self {
            Self::Base(account) => Some(account),
            Self::Module(account) => account.base_account.as_ref(),
            Self::Vesting(account) => account.base_vesting().base_account.as_ref(),
        }
    }

    pub fn base_mut(&mut self) -> &mut BaseAccount {
        match self {
            Self::Base(account) => account,
            Self::Module(account) => account.base_account.get_or_insert_default(),
            Self::Vesting(account) => account.base_vesting_mut().base_account.get_or_insert_default(),
        }
    }
}

fn base(address: &Address, account_number: u64) -> BaseAccount {
    BaseAccount { address: address.to_string(), pub_key: None, account_number, sequence: 0 }
}

fn pack<M: Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}
