//! Making accounts whose coins become free in time.
//!
//! A message makes a new account of such a kind and sends it its coins. The module keeps nothing itself: the accounts
//! are auth's ([`crate::auth`]), which also knows what is locked, and bank obeys it.

mod messages;

use akash_kernel::{Ctx, Module, Registry, StoreName, TxError};
use serde_json::{Value, json};

/// The module `vesting`.
pub struct Vesting;

impl Module for Vesting {
    fn name(&self) -> &'static str {
        "vesting"
    }

    fn stores(&self) -> &'static [StoreName] {
        &[]
    }

    fn register(&self, registry: &mut Registry) {
        messages::register(registry);
    }

    fn init_genesis(&self, _ctx: &mut Ctx, _genesis: &Value) -> Result<(), TxError> {
        Ok(())
    }

    fn export_genesis(&self, _ctx: &mut Ctx) -> Result<Value, TxError> {
        Ok(json!({}))
    }
}
