//! Providers: who offers to run deployments, where its gateway is, and what it says it has.
//!
//! Life cycle: a provider registers itself, may replace everything that it said, and may leave once it has no lease;
//! its open bids go with it.
//!
//! Invariants: the host URI of a provider is an https origin; its attribute keys are unique and exact.
//!
//! Not known here: whether what a provider says is true, and what it runs.

pub mod api;
mod check;
mod errors;
mod events;
mod genesis;
mod messages;
mod queries;
mod state;

use akash_kernel::{Ctx, Module, Registry, StoreName, TxError};
use serde_json::Value;

pub const STORE: StoreName = "provider";

/// The module `provider`.
pub struct Provider;

impl Module for Provider {
    fn name(&self) -> &'static str {
        "provider"
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
}
