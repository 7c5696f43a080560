//! A backend in memory, for tests of what stands above the port.
//!
//! Workloads are ready at once, unless the test says otherwise: an image can be made to fail, the whole backend can be
//! made unavailable ("unknown"), and log lines can be put in. It keeps the same conformance suite as real backends.
//! It knows no time: nothing changes but by a call.

mod backend;
#[cfg(test)]
mod tests;

pub use backend::Fake;
