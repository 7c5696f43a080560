//! Authorizations: one account lets another run a kind of message in its name.
//!
//! Life cycle: `MsgGrant` stores a grant under (granter, grantee, type of message), and a later one replaces it.
//! `MsgExec` runs messages by the right of grants; each kind of authorization decides whether a message may run and
//! what is left of the right. A grant ends by `MsgRevoke`, by being used up, or when its expiration comes: from then on
//! it gives no right, and the beginning of a block removes a bounded number of those.
//!
//! Invariants: every grant stands in both indexes, and nothing else does; nobody grants to itself.
//!
//! Not known here: which kinds of authorization there are. Modules register theirs ([`akash_kernel::Registry`]); this
//! one brings `GenericAuthorization` and bank's `SendAuthorization`.

pub mod api;
mod errors;
mod exec;
mod genesis;
mod kinds;
mod messages;
mod queries;
mod state;

use akash_kernel::{Ctx, Invariant, Module, Registry, StoreName, TxError};
use akash_store::Record;
use serde_json::Value;

/// The store's name, which is also its name in the application hash.
pub const STORE: StoreName = "authz";

/// The module `authz`.
pub struct Authz;

impl Module for Authz {
    fn name(&self) -> &'static str {
        "authz"
    }

    fn stores(&self) -> &'static [StoreName] {
        &[STORE]
    }

    fn register(&self, registry: &mut Registry) {
        kinds::register(registry);
        messages::register(registry);
        queries::register(registry);
    }

    fn init_genesis(&self, ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
        genesis::init(ctx, genesis)
    }

    fn export_genesis(&self, ctx: &mut Ctx) -> Result<Value, TxError> {
        genesis::export(ctx)
    }

    fn begin_block(&self, ctx: &mut Ctx) -> Result<(), TxError> {
        state::prune(ctx)
    }

    fn index(&self, ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
        state::index(ctx, record)
    }

    fn invariants(&self) -> Vec<Invariant> {
        vec![Invariant { name: "authz: grants and indexes agree", check: genesis::check_indexes }]
    }
}
