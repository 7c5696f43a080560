//! The provider daemon: it bids on orders, runs what tenants send for the leases it wins, and tells them how it fares.
//!
//! ```text
//!            hints                     intents
//!  chain ──▶ follow ──▶ bid engine ──────▶ tx queue ──▶ chain
//!    ▲          │            │ reservations    ▲
//!    │ facts    └──────▶ lease reconciler ─────┘
//!    └───────────────────────│──▶ cluster
//!  tenant ──▶ gateway ──▶ manifests
//! ```
//!
//! Life cycle: [`register()`] puts the provider on chain, [`Provider::start`] runs it, [`Provider::stop`] leaves
//! everything running that runs.
//!
//! Invariants:
//! * Facts have three values, and only a "no" that the chain confirmed at a height we trust stops a workload or
//!   closes a lease. Node down, cluster down: everything stays as it is.
//! * Events are hints. Every so often everything is compared, and that alone would be enough.
//! * Decisions are pure: the order machine, the plan of leases, the fate of a transaction, prices and matching.
//! * A `kill -9` at any moment loses no transaction and doubles none, and forgets no manifest.
//!
//! What it does not know: how workloads are run (it sees the port `Cluster` alone), and how the chain works inside (it
//! speaks the wire through `akash-client`).

mod bid;
mod chain;
mod config;
mod core;
mod disk;
mod fact;
mod gateway;
mod inventory;
mod journal;
mod lease;
mod manifest;
mod provider;
mod register;
mod tx;

#[cfg(test)]
mod tests;

pub use bid::price::{BadPriceTable, PriceTable};
pub use config::{GatewayCertificate, ProviderConfig, Settings};
pub use provider::{Provider, StartError};
pub use register::register;
