//! Take: the part of what providers earn that goes to the fee collector, and from there to those who secure the chain.
//!
//! A percentage for each denomination, and one for all others. With zero everywhere the module does nothing.
//!
//! Not known here: payments. Escrow asks for the fee of each payout.

pub mod api;
mod genesis;
mod messages;
mod queries;
mod state;

use akash_kernel::{Ctx, Module, Registry, StoreName, TxError};
use serde_json::Value;

pub const STORE: StoreName = "take";

/// The module `take`.
pub struct Take;

impl Module for Take {
    fn name(&self) -> &'static str {
        "take"
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
