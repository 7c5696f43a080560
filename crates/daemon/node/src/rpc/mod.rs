//! JSON-RPC on port 26657, as clients of CometBFT 0.38 know it: POST with batches, the URI form, and the websocket.
//!
//! `server` answers HTTP, `envelope` and `params` are the protocol, `methods` the table of what
//! can be called, `json` the exact encodings, `websocket` events, `subscriptions` in the language of `query`.
//!
//! Everything reads one immutable snapshot of the last committed height. A height is announced only when its results
//! and its index are readable. Body, batch, connections, subscriptions and the queue to a slow reader are bounded.
//!
//! Not served: the unsafe methods.

pub(crate) mod envelope;
pub mod json;
mod methods;
pub(crate) mod params;
pub mod query;
mod search;
mod server;
pub(crate) mod subscriptions;
pub(crate) mod websocket;

pub use search::{Order, SearchError, search_txs};
pub use server::router;
