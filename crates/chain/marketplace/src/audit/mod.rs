//! Audits: what auditors vouch for. An order may ask that its provider's attributes are signed.
//!
//! Life cycle: an auditor signs attributes of a provider, adding to what it signed before, and takes some or all of
//! them back. Anybody may be an auditor; whose word counts is the choice of each deployment.
//!
//! Invariants: a record has at least one attribute, sorted by key, no key twice; the index holds what a scan of the
//! records would give.
//!
//! Not known here: whether the provider exists or says the same of itself.

pub mod api;
mod errors;
mod events;
mod genesis;
mod messages;
mod queries;
mod record;
mod state;

use akash_kernel::{Ctx, Invariant, Module, Registry, StoreName, TxError};
use akash_store::Record;
use serde_json::Value;

pub const STORE: StoreName = "audit";

/// The module `audit`.
pub struct Audit;

impl Module for Audit {
    fn name(&self) -> &'static str {
        "audit"
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

    fn index(&self, ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
        state::index(ctx, record)
    }

    fn invariants(&self) -> Vec<Invariant> {
        vec![
            Invariant { name: "records are sorted and not empty", check: state::check_records },
            Invariant { name: "indexes equal scans", check: state::check_index },
        ]
    }
}
