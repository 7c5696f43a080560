//! The provider daemon.
#![expect(dead_code, reason = "being assembled")]
pub mod bid;
mod chain;
mod disk;
mod fact;
mod inventory;
mod lease;
mod tx;
