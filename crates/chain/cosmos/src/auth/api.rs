//! What other modules and the ante chain may do with accounts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use akash_kernel::{Ctx, Time, TxError};
use akash_proto::cosmos::auth::v1beta1::{BaseAccount, Params};
use akash_store::Kv;
use akash_types::address::Address;
use akash_types::coin::Coins;

pub use super::account::Account;
use super::state::{ACCOUNTS, NEXT_NUMBER, NUMBERS, PARAMS};
pub use super::unordered::remember as remember_unordered;
use super::vesting::Vesting;

/// Collects fees until they are distributed.
pub const FEE_COLLECTOR: &str = "fee_collector";

/// Every module account with its permissions, ordered by name. None of them may receive ordinary sends.
pub const MODULE_ACCOUNTS: &[(&str, &[&str])] = &[
    ("bme", &["minter", "burner"]),
    ("bonded_tokens_pool", &["burner", "staking"]),
    ("distribution", &[]),
    ("escrow", &[]),
    (FEE_COLLECTOR, &[]),
    ("gov", &["burner"]),
    ("mint", &["minter"]),
    ("not_bonded_tokens_pool", &["burner", "staking"]),
    ("transfer", &["minter", "burner"]),
];

static MODULE_NAMES: LazyLock<BTreeMap<Address, &'static str>> =
    LazyLock::new(|| MODULE_ACCOUNTS.iter().map(|&(name, _)| (Address::module(name), name)).collect());

/// The module whose account this is.
#[must_use]
pub fn module_name(address: &Address) -> Option<&'static str> {
    MODULE_NAMES.get(address).copied()
}

/// What a module may do with coins, or nothing when it has no account.
#[must_use]
pub fn module_permissions(name: &str) -> Option<&'static [&'static str]> {
    MODULE_ACCOUNTS.iter().find(|(known, _)| *known == name).map(|&(_, permissions)| permissions)
}

pub fn params(ctx: &mut Ctx) -> Result<Params, TxError> {
    Ok(PARAMS.get(ctx)?.unwrap_or_else(default_params))
}

/// The parameters of a new chain.
#[must_use]
pub fn default_params() -> Params {
    Params {
        max_memo_characters: 256,
        tx_sig_limit: 7,
        tx_size_cost_per_byte: 10,
        sig_verify_cost_ed25519: 590,
        sig_verify_cost_secp256k1: 1000,
    }
}

/// The account's base part.
pub fn account(ctx: &mut Ctx, address: &Address) -> Result<Option<BaseAccount>, TxError> {
    Ok(full_account(ctx, address)?.map(Account::into_base))
}

/// The account with its kind.
pub fn full_account(ctx: &mut Ctx, address: &Address) -> Result<Option<Account>, TxError> {
    ACCOUNTS.get(ctx, address)?.map(|any| Account::from_any(&any)).transpose()
}

pub fn has_account(ctx: &mut Ctx, address: &Address) -> Result<bool, TxError> {
    ACCOUNTS.has(ctx, address)
}

/// Writes an account that was read before; the number must not have changed.
pub fn set_account(ctx: &mut Ctx, address: &Address, account: &Account) -> Result<(), TxError> {
    ACCOUNTS.put(ctx, address, &account.to_any())
}

/// Makes the account with the next number if there is none.
pub fn ensure_account(ctx: &mut Ctx, address: &Address) -> Result<(), TxError> {
    if has_account(ctx, address)? {
        return Ok(());
    }

    let number = next_number(ctx)?;
    let account = match module_name(address) {
        Some(name) => Account::module(name, module_permissions(name).unwrap_or_default(), number),
        None => Account::new(address, number),
    };

    insert(ctx, address, number, &account)
}

/// Makes an account of which a part is locked. The caller has seen that there is none.
pub fn create_vesting(ctx: &mut Ctx, address: &Address, account: Vesting) -> Result<(), TxError> {
    let number = next_number(ctx)?;
    let mut account = Account::Vesting(account);
    *account.base_mut() = Account::new(address, number).into_base();
    insert(ctx, address, number, &account)
}

/// What an account may not spend at a time.
pub fn locked<K: Kv>(kv: &mut K, address: &Address, now: Time) -> Result<Coins, K::Error>
where
    K::Error: From<TxError>,
{
    if module_name(address).is_some() {
        return Ok(Coins::new());
    }
    match ACCOUNTS.get(kv, address)? {
        Some(any) if Vesting::is_type(&any.type_url) => match Account::from_any(&any)? {
            Account::Vesting(account) => Ok(account.locked(now)?),
            Account::Base(_) | Account::Module(_) => Ok(Coins::new()),
        },
        _ => Ok(Coins::new()),
    }
}

pub(super) fn next_number(ctx: &mut Ctx) -> Result<u64, TxError> {
    let number = NEXT_NUMBER.get(ctx)?.unwrap_or(0);
    let next = number.checked_add(1).ok_or_else(|| TxError::Fault("account numbers are used up".to_owned()))?;
    NEXT_NUMBER.put(ctx, &next)?;
    Ok(number)
}

pub(super) fn insert(ctx: &mut Ctx, address: &Address, number: u64, account: &Account) -> Result<(), TxError> {
    set_account(ctx, address, account)?;
    NUMBERS.insert(ctx, &(number, address.clone()))
}
