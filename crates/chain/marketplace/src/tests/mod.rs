//! Tests of all modules together, on real accounts and coins over the in-memory store.

mod audits;
mod defects;
mod gas;
mod genesis;
mod life;
mod queries;
mod random;
mod refusals;
mod refusals_market;
mod testnet;
