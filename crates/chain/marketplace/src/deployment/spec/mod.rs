//! What a deployment asks for: groups of resource units, and the limits that a request must keep. Pure.
//!
//! Invariant: a spec that passed [`check_groups`] has one price denomination, distinct group names, and in each unit
//! cpu, memory, gpu and storage within the [`limits`] that it was checked against.

mod groups;
pub mod limits;
mod resources;

pub use groups::{check_group, check_groups, normalized, price_denom, total_price};
pub use resources::are_numbers;

#[cfg(test)]
mod tests;
