//! The chain of blocks around the application.
//!
//! Life of a block: `Tip::build` makes it from the mempool's transactions, or `Tip::check` judges one that was
//! received; when it is decided, `Executor::decide` stores it, executes it, stores the results, lets the application
//! commit and publishes the new height to servers and subscribers — in this order, so that a stop at any moment
//! leaves a prefix that `Executor::open` completes.
//!
//! `form`, `block` and `validators` are pure. Blocks, hashes and validator sets are those of CometBFT 0.38, so that
//! unmodified light clients follow the chain; the header's app hash is the state after the block before.
//!
//! Does not know: rounds, votes and peers (`engine`), clients (`rpc`, `grpc`).

pub mod block;
pub mod evidence;
pub mod executor;
pub mod form;
pub mod published;
mod replay;
pub mod validators;
