//! Coins: who holds how much, and every way in which they move.
//!
//! Life cycle: coins appear in genesis or by [`api::mint`], move by [`api::send`] and its relatives, and vanish by
//! [`api::burn`]. A balance or supply of zero is not stored. A receiver without an account gets one.
//!
//! Invariants: the supply of a denomination is the sum of its balances; every stored amount is positive.
//!
//! Not known here: why coins move, fees (the ante chain moves them through [`api`] like anyone else), and schedules by
//! which coins are locked: auth says how much is.

pub mod api;
mod errors;
mod events;
mod genesis;
mod messages;
mod queries;
mod state;

use akash_kernel::{Ctx, Invariant, Module, Registry, StoreName, TxError};
use akash_store::Record;
use serde_json::Value;

pub use errors::BankError;

/// The store's name, which is also its name in the application hash.
pub const STORE: StoreName = "bank";

/// The module `bank`.
pub struct Bank;

impl Module for Bank {
    fn name(&self) -> &'static str {
        "bank"
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

    fn index(&self, ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
        state::index(ctx, record)
    }

    fn invariants(&self) -> Vec<Invariant> {
        vec![
            Invariant { name: "bank: supply equals balances", check: genesis::check_supply },
            Invariant { name: "bank: holders are found by denomination", check: genesis::check_holders },
        ]
    }
}
