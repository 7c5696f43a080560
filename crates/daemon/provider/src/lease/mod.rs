//! From a lease to what runs, and back.

pub mod money;
pub mod plan;
