//! Upgrades of the program by name and height.
//!
//! Life cycle: the authority schedules a plan, and may replace or cancel it. When its height comes, a program that
//! knows the name runs the plan's steps before the block, brings each module's state to its version, and marks the plan
//! as done; one that does not know it stops and says what it needs. A name is used once.
//!
//! Not known here: which upgrades a program has, and how it stops. `akash-app` decides, through [`api`].

pub mod api;
mod messages;
mod queries;

use akash_kernel::{Ctx, Module, Registry, StoreName, TxError};
use serde_json::{Value, json};

/// The store's name, which is also its name in the application hash.
pub const STORE: StoreName = "upgrade";

/// The module `upgrade`.
pub struct Upgrade;

impl Module for Upgrade {
    fn name(&self) -> &'static str {
        "upgrade"
    }

    fn stores(&self) -> &'static [StoreName] {
        &[STORE]
    }

    fn register(&self, registry: &mut Registry) {
        messages::register(registry);
        queries::register(registry);
    }

    /// Nothing stands in a genesis file: a new chain has no plan, and its modules are of the program's versions.
    fn init_genesis(&self, _ctx: &mut Ctx, _genesis: &Value) -> Result<(), TxError> {
        Ok(())
    }

    fn export_genesis(&self, _ctx: &mut Ctx) -> Result<Value, TxError> {
        Ok(json!({}))
    }
}
