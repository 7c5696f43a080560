//! Empty on purpose: the manifest is the content.
//!
//! Cargo resolves features over the packages that a command selects, and leaves out what only tests need when it runs
//! an executable. Naming those crates here, in a member that nothing depends on, gives `cargo run --bin akash` and
//! `cargo test --workspace` one and the same resolution.
