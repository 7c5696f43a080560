//! How much room there is, and who was promised what. Integers only: milli-CPU, bytes, cards.
//!
//! Life cycle: the cluster's inventory is read together with the list of what is deployed, and replaces what was
//! known ([`Inventory::refresh`]). A [`Reservation`] is made for an order before a bid, passes to the lease if the
//! bid wins, and gives its room back when it is dropped: at once, without waiting for the next reading.
//!
//! Invariants: a reservation counts from the moment it is made until the cluster itself counts the workload, never
//! twice. Room is only ever promised from a reading that the cluster gave; without one nothing is promised.
//!
//! It does not know prices, orders' histories or the chain.

mod amounts;
mod ledger;

pub use amounts::Amounts;
pub use ledger::{Inventory, Reservation};
