//! The consensus engine: Malachite embedded in this process, speaking CometBFT's forms.
//!
//! Life: `start::start` opens the write-ahead log and the network and spawns the engine's actors; `adapter` answers
//! their questions one after another on a thread of its own: which height begins, what to propose, whether a received
//! block is good, what to do with a decision. `watch` notices an engine that stands still, for a failed append to the
//! write-ahead log stops it without a word to the application.
//!
//! Invariants: vote state is durable before a vote leaves (`last_sign`, flushed by `p2p::network`); a candidate is
//! durable before anyone votes on it (the engine's log keeps only its id); a decided block is durable before it is
//! executed.
//!
//! One validator or many is the same code. `catch_up` comes first: nobody votes before it has what its peers have.

pub mod adapter;
mod catch_up;
pub mod codec;
pub mod commit;
pub mod context;
pub mod last_sign;
pub mod network;
mod pace;
pub mod proposals;
mod serve;
pub mod signer;
mod start;
mod view;
mod watch;
pub mod wire;

pub use start::{Engine, EngineError, Pacing, Settings, start};
pub use view::View;
pub use watch::check_room;
