//! Escrow: money set aside for deployments and bids, and the payments that leases take out of it per block.
//!
//! ```text
//! account: open -> closed (its owner's doing) | overdrawn (it ran dry)
//! payment: open -> closed | overdrawn (it was owed more than there was)
//! ```
//! Nothing is paid per block. An account is *settled* when it is touched, and at the latest when its money ends: then
//! [`settlement`] moves what was earned since the last time from the funds to the balances of the payments, exact to 18
//! decimals. Only whole units are ever sent; the fraction stays where it is. When an account ends, payments are paid
//! and what is left of the deposits goes back in the order in which they came.
//!
//! With a grace period (a parameter, none by default) an account that ran dry stays as it was at the last height that
//! it covered, open, its debt growing block by block. A deposit that covers the debt lets everything go on; until then
//! only deposits, withdrawals of what is covered and the end of the deployment are possible.
//!
//! A deposit comes from the signer's balance or from others by their [grants](authorization). What is left of it goes
//! back to whom it came from, and restores the grant.
//!
//! Invariants: the module's bank account holds exactly the sum of all funds and balances, per denomination; the funds
//! of an open account are the sum of its deposits; an account that is not open has no open payment; no account is past
//! its due height and grace period at the end of a block, but those that one block had no room for;
//! each index holds what a scan of the records would give.
//!
//! Not known here: what is paid for. Callers learn that an account ran dry ([`api::Standing`]) and close what hangs on
//! it.

mod account;
pub mod api;
mod authorization;
mod errors;
mod forecast;
mod funding;
mod genesis;
mod invariants;
mod ledger;
mod messages;
mod pace;
mod params;
mod payment;
mod payout;
mod queries;
pub mod settlement;
mod state;

use akash_kernel::{Ctx, Invariant, Module, Registry, StoreName, TxError};
use akash_store::Record;
use serde_json::Value;

/// The store, and the module account that holds the money.
pub const STORE: StoreName = "escrow";

/// Most payments that one account makes at a time, whatever the parameters say.
pub const MAX_OPEN_PAYMENTS: usize = 100;

/// The module `escrow`.
pub struct Escrow;

impl Module for Escrow {
    fn name(&self) -> &'static str {
        "escrow"
    }

    fn stores(&self) -> &'static [StoreName] {
        &[STORE]
    }

    fn register(&self, registry: &mut Registry) {
        messages::register(registry);
        authorization::register(registry);
        params::register(registry);
        queries::register(registry);
        forecast::register(registry);
    }

    fn init_genesis(&self, ctx: &mut Ctx, state: &Value) -> Result<(), TxError> {
        genesis::init(ctx, state)
    }

    fn export_genesis(&self, ctx: &mut Ctx) -> Result<Value, TxError> {
        genesis::export(ctx)
    }

    fn end_block(&self, ctx: &mut Ctx) -> Result<(), TxError> {
        pace::note(ctx)
    }

    fn index(&self, ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
        state::index(ctx, record)
    }

    fn invariants(&self) -> Vec<Invariant> {
        invariants::all()
    }
}
