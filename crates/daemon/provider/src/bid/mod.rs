//! From an open order to a bid: filter, price, reserve, bid.
//!
//! [`machine`] is one order's way as a pure step machine; [`demand`], [`matching`], [`abilities`] and [`price`] are the
//! pure decisions on the way; [`engine`] performs the actions and reads the chain.
//!
//! Invariants: one machine per order, however often the order is heard of. Every input of a machine comes from a
//! decision of ours or from reading the chain at a height we trust; events only make the reading happen sooner.
//!
//! It does not know what runs for a lease; a won order hands its reservation over and is forgotten.

pub mod abilities;
pub mod demand;
pub mod engine;
pub mod glob;
pub mod machine;
pub mod matching;
pub mod price;
