//! Fee allowances: one account pays the fees of another one's transactions.
//!
//! Life cycle: `MsgGrantAllowance` stores an allowance under (grantee, granter); there is at most one for each pair,
//! and it is not replaced but revoked first. The ante chain uses it ([`api::use_allowance`]). It ends when its limit is
//! spent, by `MsgRevokeAllowance`, or when its expiration comes: from then on it pays nothing, and the end of a block
//! removes a bounded number of those, as anybody can with `MsgPruneAllowances`.
//!
//! Invariants: every allowance stands in the indexes, and nothing else does.
//!
//! Not known here: what a fee is for; coins move in the ante chain.

mod allowance;
pub mod api;
mod errors;
mod genesis;
mod messages;
mod queries;
mod state;

use akash_kernel::{Ctx, Invariant, Module, Registry, StoreName, TxError};
use akash_store::Record;
use serde_json::Value;

/// The store's name, which is also its name in the application hash.
pub const STORE: StoreName = "feegrant";

/// The module `feegrant`.
pub struct Feegrant;

impl Module for Feegrant {
    fn name(&self) -> &'static str {
        "feegrant"
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

    fn end_block(&self, ctx: &mut Ctx) -> Result<(), TxError> {
        state::prune(ctx, state::PRUNED_PER_BLOCK)
    }

    fn index(&self, ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
        state::index(ctx, record)
    }

    fn invariants(&self) -> Vec<Invariant> {
        vec![Invariant { name: "feegrant: allowances and indexes agree", check: genesis::check_indexes }]
    }
}
