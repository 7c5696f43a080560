//! What this node says to other nodes beside consensus: transactions and where its chain ends.
//!
//! Life: `network` is the engine's own network actor, listened in on: messages of ours travel on its sync channel,
//! which reaches direct peers alone, so that nothing is passed on before it was judged. `frame` is their form,
//! `limits` what a peer may send, `peers` what is known of each, `gossip` the task that passes transactions on.
//!
//! Invariants: a peer's messages are counted before they are decoded or queued; what is invalid is never passed on;
//! queues are bounded, and a full one drops (everything here is repeated).
//!
//! Does not know: rounds and votes, what a transaction does.

pub(crate) mod frame;
mod gossip;
mod limits;
pub mod network;
mod peers;

pub use frame::STATUS;
pub use gossip::Gossip;
pub use network::{Outgoing, SyncAnswer};
#[cfg(test)]
pub use peers::stranger;
pub use peers::{Peer, Peers};
