//! The block store: blocks, commits, results and validator sets by height; transactions and events to find them by.
//!
//! Life of a height: `save_decided` (block and commit, durable, before execution) → `save_results` (before the
//! application commits, so that a crash in between only repeats the execution) → `improve_commit` when later votes
//! enlarged the commit. All records live in the node's one database, in keyspaces of their own; nothing here is part
//! of the application's state, and the index can be rebuilt from blocks and results.
//!
//! Does not know: the engine, the application, JSON.

mod index;
mod keep;
mod scan;
mod store;

pub use index::{EventCursor, TxPosition};
pub use scan::Wanted;
pub use store::{BlockStore, BlockStoreError};
