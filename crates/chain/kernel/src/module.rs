//! What a module is.

use akash_store::{Record, StoreName};
use serde_json::Value;

use crate::ctx::Ctx;
use crate::error::TxError;
use crate::registry::Registry;

/// A part of the chain with its own state, messages and queries.
pub trait Module: Send + Sync {
    /// The module's name: its key in genesis and its codespace.
    fn name(&self) -> &'static str;

    /// The stores that belong to it alone.
    fn stores(&self) -> &'static [StoreName];

    /// Registers every message and query.
    fn register(&self, registry: &mut Registry);

    /// Makes the first state from the module's part of the genesis file.
    fn init_genesis(&self, ctx: &mut Ctx, state: &Value) -> Result<(), TxError>;

    /// The state as a part of a genesis file.
    fn export_genesis(&self, ctx: &mut Ctx) -> Result<Value, TxError>;

    /// The version of the state that this code reads and writes. It goes up with each [`Module::migrate`].
    fn version(&self) -> u64 {
        1
    }

    /// Brings the state from one version to the next. Runs within an upgrade, once for each version.
    fn migrate(&self, _ctx: &mut Ctx, from: u64) -> Result<(), TxError> {
        Err(TxError::Fault(format!("{} has no way from version {from} of its state", self.name())))
    }

    /// Before anything else in a block.
    fn pre_block(&self, _ctx: &mut Ctx) -> Result<(), TxError> {
        Ok(())
    }

    /// Before the transactions of a block.
    fn begin_block(&self, _ctx: &mut Ctx) -> Result<(), TxError> {
        Ok(())
    }

    /// After the transactions of a block.
    fn end_block(&self, _ctx: &mut Ctx) -> Result<(), TxError> {
        Ok(())
    }

    /// Writes the rows of the module's indexes that follow from one committed record, live or history. It may read
    /// other records, but no index: rows are written in any order, into indexes that were emptied before.
    fn index(&self, _ctx: &mut Ctx, _record: &Record) -> Result<(), TxError> {
        Ok(())
    }

    /// What is true between any two transactions.
    fn invariants(&self) -> Vec<Invariant> {
        Vec::new()
    }
}

/// A statement about the state that always holds.
#[derive(Clone, Copy)]
pub struct Invariant {
    /// The claim in a few words.
    pub name: &'static str,
    /// Gives what contradicts the claim.
    pub check: fn(&mut Ctx) -> Result<Result<(), String>, TxError>,
}
