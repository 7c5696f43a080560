//! The node: one validator's or follower's share of the chain, and the servers in front of it.
//!
//! Life: [`init`] makes a home once. [`Node::start`] locks it, opens the database, completes a block whose execution
//! was cut off, starts the consensus engine and then the servers; [`Node::stop`] ends them in the opposite order.
//! Killed at any moment, the next start continues the same history.
//!
//! Parts: `engine` (consensus, signing), `chain` (blocks around the application), `blocks` (block store and index),
//! `mempool`, `services` (methods by path), `rpc` (26657), `grpc` (9090), `rest` (1317) and `metrics` (26660), all
//! behind `front` (connections and their bounds), `disk` (the state's bytes).
//!
//! Invariants:
//! * The state machine sees only header time; nothing here decides what a transaction does.
//! * Servers read one immutable snapshot of the last committed height and never block the engine.
//! * A second process on the same home, or a second vote at one place, is refused.
//!
//! What it does not know: modules and their messages, providers, workloads.

mod blocks;
mod chain;
mod clock;
pub mod config;
pub mod disk;
mod engine;
mod error;
mod files;
mod front;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod grpc;
mod health;
mod init;
mod keys;
pub mod maintenance;
mod mempool;
mod metrics;
mod node;
mod p2p;
mod rest;
mod rpc;
mod server_state;
mod servers;
mod services;
#[cfg(test)]
#[path = "tests/sim/mod.rs"]
mod sim;
mod stop;
mod upgrade;
mod work;

pub use config::NodeConfig;
pub use error::NodeError;
pub use init::{Names, create_keys, genesis, init, is_initialised, names, replace_genesis, write_settings};
pub use node::Node;

/// Silences what the engine's libraries report of a node without peers; for `tracing_subscriber::EnvFilter`.
pub const LOG_FILTER: &str = "warn,akash=info,akash_node=info,arc_malachitebft_network=off,\
    arc_malachitebft_engine=warn,arc_malachitebft_discovery=off,libp2p=off";
