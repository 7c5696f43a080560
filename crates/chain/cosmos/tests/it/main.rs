//! The modules of this crate on an in-memory store.

mod accounts;
mod allowances;
mod authorizations;
mod bench;
mod coins;
mod genesis;
mod lists;
mod transfers;
mod upgrades;
mod vesting;
