//! Tests of all modules together, on real accounts and coins over the in-memory store.

mod audits;
mod defects;
mod epochs;
mod expiry;
mod forecast;
mod gas;
mod genesis;
mod golden;
mod grace;
mod grants;
mod life;
mod limits;
mod pages;
mod queries;
mod random;
mod refusals;
mod refusals_market;
mod reindex;
mod surface;
mod take;
pub mod testnet;
