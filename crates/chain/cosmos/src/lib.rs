//! The chain's general modules: accounts, coins, and who may change parameters.
//!
//! Each module is one folder. Others call it only through its `api`; its `state` is its own. The behaviour that clients
//! see (texts, codes, events, queries) is that of the Cosmos SDK 0.53; the layout of the state and the gas are ours.
//!
//! * [`auth`]: accounts, numbers, sequences, public keys.
//! * [`bank`]: balances, supply, transfers, denominations. Money moves only here.
//! * [`authz`]: who may act in whose name.
//! * [`vesting`]: accounts of which a part is locked.
//! * [`feegrant`]: who pays whose fees.
//! * [`upgrade`]: by which name and at which height the program changes.
//! * [`authority`]: the account that may change parameters.
//!
//! What none of them knows: transactions and blocks. Signatures, fees and sequences are checked by `akash-app`, which
//! reads and writes accounts through [`auth::api`].

pub mod auth;
pub mod authority;
pub mod authz;
pub mod bank;
pub mod feegrant;
mod genesis_json;
mod read;
mod rows;
pub mod upgrade;
pub mod vesting;

use akash_kernel::Module;

/// The modules of this crate in genesis order.
#[must_use]
pub fn modules() -> Vec<Box<dyn Module>> {
    vec![
        Box::new(authority::Authority),
        Box::new(auth::Auth),
        Box::new(authz::Authz),
        Box::new(bank::Bank),
        Box::new(vesting::Vesting),
        Box::new(feegrant::Feegrant),
        Box::new(upgrade::Upgrade),
    ]
}
