//! Who may change parameters.
//!
//! One address, set in genesis: the account of the governance module unless genesis says otherwise (tests and play
//! networks name an ordinary account). Every `UpdateParams` of every module asks [`api::require`]. It never changes.

pub mod api;

use akash_kernel::{Ctx, Module, Registry, StoreName, TxError};
use serde_json::{Value, json};

/// The store's name; later parameters of the whole chain have room here too.
pub const STORE: StoreName = "authority";

/// The module `authority`.
pub struct Authority;

impl Module for Authority {
    fn name(&self) -> &'static str {
        "authority"
    }

    fn stores(&self) -> &'static [StoreName] {
        &[STORE]
    }

    fn register(&self, _registry: &mut Registry) {}

    /// `{"address": "akash1…"}`, or nothing for the governance account.
    fn init_genesis(&self, ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
        match genesis.get("address").and_then(Value::as_str) {
            Some(text) => api::set(ctx, text),
            None => Ok(()),
        }
    }

    fn export_genesis(&self, ctx: &mut Ctx) -> Result<Value, TxError> {
        Ok(json!({ "address": api::address(ctx)?.to_string() }))
    }
}
