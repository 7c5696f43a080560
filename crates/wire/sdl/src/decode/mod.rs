//! From YAML nodes to a [`Document`], with the typing rules of `go-yaml` v3.
//!
//! Every fault is noted with its place and decoding goes on, so that one run shows them all. A fault leaves the
//! field's zero value behind; nothing is built from a document that has faults.
//!
//! Rules that hold everywhere: `null` leaves the zero value; `null` items of a list are dropped; a string field
//! keeps the source text; duplicate keys are faults; unknown keys are ignored (and remembered as warnings) unless
//! the reference walks that mapping by hand.
//!
//! The number of visited nodes is bounded, because aliases let a short text name many.

mod compute;
mod decoder;
mod expose;
mod gpu;
mod placement;
mod quantity;
mod service;
mod storage;
mod top;

pub use decoder::Decoder;
pub use top::document;
