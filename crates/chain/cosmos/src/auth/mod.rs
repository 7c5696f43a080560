//! Accounts: who may sign, and with which number, sequence and key.
//!
//! Life cycle: an account appears when it first receives coins, with the next free number and no key. Its first
//! transaction stores the key; each transaction raises the sequence. Accounts are never removed. Module accounts are
//! made in genesis; nobody has a key to them. An unordered transaction uses no sequence; its timeout is remembered with
//! its signers until it has passed.
//!
//! Invariants: account numbers are unique and below the counter; an account's stored key always hashes to its address.
//!
//! Not known here: coins, fees, and how a signature is checked (`akash-app` does both).

mod account;
pub mod api;
mod genesis;
mod messages;
mod queries;
mod state;
mod unordered;
mod vesting;

use akash_kernel::{Ctx, Invariant, Module, Registry, StoreName, TxError};
use akash_store::Record;
use serde_json::Value;

pub use account::Account;
pub use vesting::Vesting as VestingAccount;

/// The store's name, which is also its name in the application hash.
pub const STORE: StoreName = "acc";

/// The module `auth`.
pub struct Auth;

impl Module for Auth {
    fn name(&self) -> &'static str {
        "auth"
    }

    fn stores(&self) -> &'static [StoreName] {
        &[STORE]
    }

    fn register(&self, registry: &mut Registry) {
        messages::register(registry);
        queries::register(registry);
    }

    fn init_genesis(&self, ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
        genesis::init(ctx, genesis)
    }

    fn export_genesis(&self, ctx: &mut Ctx) -> Result<Value, TxError> {
        genesis::export(ctx)
    }

    fn pre_block(&self, ctx: &mut Ctx) -> Result<(), TxError> {
        unordered::prune(ctx)
    }

    fn index(&self, ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
        state::index(ctx, record)
    }

    fn invariants(&self) -> Vec<Invariant> {
        vec![Invariant { name: "auth: account numbers are below the counter", check: genesis::check_numbers }]
    }
}
