//! The way in for every server: connections taken, bounded and counted, whatever is spoken on them.
//!
//! Life of a connection: [`serve`] takes it when the surface has a place left and its address has not used up its own
//! ([`places`]), wraps it into [`stream::Guarded`], and lets hyper speak HTTP on it. The place is given back with the
//! socket, so an upgraded websocket keeps it as long as it lives.
//!
//! Invariants:
//! * A client that sends no head, reads too slowly or is silent loses its connection; nobody else waits for it.
//! * Head, connections, calls per connection are bounded here; bodies where they are read.
//!
//! It does not know what is asked.

mod cors;
mod listener;
mod places;
mod stream;

pub use cors::cors;
pub use listener::{Front, Speaks, serve};
