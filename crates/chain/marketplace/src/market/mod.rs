//! The market: orders of groups, bids of providers, leases.
//!
//! ```text
//! order: open -> active (a bid is taken) -> closed ; open -> closed
//! bid:   open -> active -> closed ; open -> lost (another one was taken) ; open -> closed
//! lease: active -> reclaiming ; active | reclaiming -> closed | insufficient funds
//! ```
//! A group gets a new order when it is created or started, and when its owner leaves a provider. An order stays open
//! until it is filled, or until the height at which its owner lets it expire. Everything that ends is archived with its
//! last version.
//!
//! Invariants: a group has at most one order that is open or active; an active lease, its bid, its order and an open
//! payment exist together or not at all; the deposit of a bid is in escrow exactly while the bid is open or active;
//! each index holds what a scan of the records would give.
//!
//! Not known here: money (that is `escrow`), and what a group is allowed to ask for (that is `deployment`).

pub mod api;
mod closing;
pub mod errors;
mod events;
mod expiry;
mod genesis;
mod invariants;
mod matching;
mod messages;
mod queries;
mod state;
#[cfg(test)]
pub mod testing;
mod unannounced;

use akash_kernel::{Ctx, Invariant, Module, Registry, StoreName, TxError};
use akash_store::Record;
use serde_json::Value;

#[cfg(test)]
pub use state::default_params;

pub const STORE: StoreName = "market";

/// The parameter `order_max_bids` is at most this, so that no loop over the bids of an order is longer.
pub const MAX_OPEN_BIDS: usize = 500;

/// The module `market`.
pub struct Market;

impl Module for Market {
    fn name(&self) -> &'static str {
        "market"
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
        unannounced::forget(ctx)
    }

    fn index(&self, ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
        state::index(ctx, record)
    }

    fn invariants(&self) -> Vec<Invariant> {
        invariants::all()
    }
}
