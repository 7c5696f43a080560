//! Deployments: what an owner wants to run, in groups, each of which is leased from one provider.
//!
//! ```text
//! deployment: active -> closed
//! group:      open <-> paused ; open | paused -> closed | insufficient funds
//! ```
//! A deployment is created with its groups, their orders and an escrow account. It ends when its owner closes it or
//! when its account runs dry; then all of its groups end too, and nothing of it changes again. At the end of each block
//! [`sweep`] finds the accounts that have run dry.
//!
//! Invariants: an active deployment has an open account, a closed one has not; a closed deployment has no open or
//! paused group; only an open group has a live order; each index holds what a scan of the records would give.
//!
//! Not known here: prices, bids and leases (that is `market`), and how money is counted (that is `escrow`).

pub mod api;
mod closing;
mod errors;
mod events;
mod genesis;
mod invariants;
mod messages;
mod queries;
pub mod spec;
mod state;
mod sweep;

use akash_kernel::{Ctx, Invariant, Module, Registry, StoreName, TxError};
use akash_store::Record;
use serde_json::Value;

pub const STORE: StoreName = "deployment";

/// The module `deployment`.
pub struct Deployment;

impl Module for Deployment {
    fn name(&self) -> &'static str {
        "deployment"
    }

    fn stores(&self) -> &'static [StoreName] {
        &[STORE]
    }

    fn register(&self, registry: &mut Registry) {
        messages::register(registry);
        queries::register(registry);
    }

    fn init_genesis(&self, ctx: &mut Ctx, state: &Value) -> Result<(), TxError> {
        genesis::init(ctx, state)
    }

    fn export_genesis(&self, ctx: &mut Ctx) -> Result<Value, TxError> {
        genesis::export(ctx)
    }

    fn end_block(&self, ctx: &mut Ctx) -> Result<(), TxError> {
        sweep::sweep(ctx)
    }

    fn index(&self, ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
        state::index(ctx, record)
    }

    fn invariants(&self) -> Vec<Invariant> {
        invariants::all()
    }
}
