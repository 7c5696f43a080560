//! The application from outside: real signed transactions on the in-memory store.

mod authority;
mod blocks;
mod chain;
mod closing;
mod genesis;
mod queries;
mod refusals;
mod signing;
mod transfers;
mod upgrades;
mod vectors;
