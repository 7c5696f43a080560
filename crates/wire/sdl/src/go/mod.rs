//! The corners of Go's standard library whose exact behaviour shows in an SDL's hash or verdict.
//!
//! Go is the authority for this format, so number texts, sorting algorithms and durations are those of Go, not
//! those of Rust. Each file here is a small port with the Go name in its documentation; none of them knows
//! anything about SDL.

pub mod duration;
pub mod number;
pub mod quote;
pub mod sort;
pub mod url;
pub mod version;
