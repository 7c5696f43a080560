//! Certificates by which tenants, providers and gateways know each other: mutual TLS, with this module as the root.
//!
//! Life cycle: an account publishes a self-signed certificate whose common name is its address, and may revoke it; a
//! revoked certificate is archived. There are no events: clients ask.
//!
//! Invariants: the serial of a certificate is unique for its owner, revoked ones included; the stored public key is the
//! one inside the certificate.
//!
//! Not known here: validity dates and extensions. Whoever accepts a connection looks at those.

mod errors;
mod genesis;
mod messages;
mod queries;
mod state;

use akash_kernel::{Ctx, Invariant, Module, Registry, StoreName, TxError};
use akash_store::Record;
use serde_json::Value;

pub const STORE: StoreName = "cert";

/// The module `cert`.
pub struct Cert;

impl Module for Cert {
    fn name(&self) -> &'static str {
        "cert"
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
        vec![Invariant { name: "indexes equal scans", check: state::check_index }]
    }
}
