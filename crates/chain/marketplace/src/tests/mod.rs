//! Tests of all modules together, on real accounts and coins over the in-memory store.

mod audits;
mod defects;
mod expiry;
mod forecast;
mod gas;
mod genesis;
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
mod take;
mod testnet;
