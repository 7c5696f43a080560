//! Epochs: a timer for everything that happens once a minute, an hour, a day or a week.
//!
//! Each has a name, a length and a start. At the beginning of the first block after its end an epoch ends and the next
//! one begins; a chain that stood still catches up by one epoch a block.
//!
//! Invariants: lengths are positive; an epoch that was counted has begun.
//!
//! Not known here: what others do when an epoch ends. They look at [`api::has_begun`].

pub mod api;
mod events;
mod genesis;
mod queries;
mod state;
mod tick;

use akash_kernel::{Ctx, Module, Registry, StoreName, TxError};
use serde_json::Value;

pub const STORE: StoreName = "epochs";

/// The module `epochs`.
pub struct Epochs;

impl Module for Epochs {
    fn name(&self) -> &'static str {
        "epochs"
    }

    fn stores(&self) -> &'static [StoreName] {
        &[STORE]
    }

    fn register(&self, registry: &mut Registry) {
        queries::register(registry);
    }

    fn init_genesis(&self, ctx: &mut Ctx, state: &Value) -> Result<(), TxError> {
        genesis::init(ctx, state)
    }

    fn export_genesis(&self, ctx: &mut Ctx) -> Result<Value, TxError> {
        genesis::export(ctx)
    }

    fn begin_block(&self, ctx: &mut Ctx) -> Result<(), TxError> {
        tick::begin_block(ctx)
    }
}
