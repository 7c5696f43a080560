//! What this node counts of itself, for Prometheus on port 26660.
//!
//! [`Figures`] holds every metric of one node; several nodes in one process do not share any. Names that begin with
//! `cometbft_` mean what CometBFT's mean, so its dashboards and alerts work; `akash_` are our own, `process_` the usual
//! ones. [`follow`] keeps those of the blocks; queues and peers are read when somebody asks.
//!
//! Not counted, because the engine keeps it to itself: durations of rounds and steps, bytes by peer and message.

mod blocks;
mod figures;
mod server;
mod surface;

pub use blocks::follow;
pub use figures::Figures;
pub use server::router;
pub use surface::Surface;
