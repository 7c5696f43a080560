//! The marketplace: who offers what, who wants what, what was agreed, and the money set aside for it.
//!
//! Each module is one folder; others call it only through its `api`.
//!
//! ```text
//! deployment  groups and their orders; the end-of-block sweep    ┐ call each other: a group opens and closes orders,
//! market      orders, bids, leases; takes bids, ends leases      ┘ a lease that ends pauses or reopens its group
//! provider    registered providers      cert     certificates for mutual TLS      audit  what auditors signed
//! escrow      accounts, payments, settlement: the only place that counts compute money
//! take        the fee on what providers earn        epochs   a timer
//! ```
//!
//! What spans them: each message that touches an account settles it first. If it ran dry, escrow has paid everybody,
//! and the caller closes the deployment through [`deployment::api::ran_dry`] instead of what it was asked for.
//!
//! What none of them knows: transactions, signatures and fees, and anything that happens off the chain.

mod attributes;
mod deposit;
mod deposits;
mod durations;
mod ended;
mod errors;
mod fault;
mod filter;
mod genesis_json;
mod ids;
mod list;
mod query_errors;
mod rows;

pub mod audit;
pub mod cert;
pub mod deployment;
pub mod epochs;
pub mod escrow;
pub mod market;
pub mod provider;
pub mod take;

#[cfg(test)]
mod tests;

use akash_kernel::Module;

/// The modules of this crate in genesis order.
#[must_use]
pub fn modules() -> Vec<Box<dyn Module>> {
    vec![
        Box::new(audit::Audit),
        Box::new(cert::Cert),
        Box::new(deployment::Deployment),
        Box::new(provider::Provider),
        Box::new(market::Market),
        Box::new(epochs::Epochs),
        Box::new(escrow::Escrow),
        Box::new(take::Take),
    ]
}
