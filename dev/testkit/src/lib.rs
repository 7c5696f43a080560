//! What the tests of several crates share and no product code may use.
//!
//! Light on purpose: a crate of the pure zone takes this as its dev-dependency and must not get an
//! asynchronous runtime by it.

pub mod vectors;
