//! Every codec both ways: what is encoded is decoded to the same, and what is decoded is encoded to the same.
//!
//! 256 cases each, or as many as `PROPTEST_CASES` says; CONTRIBUTING.md has the nightly command.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

#[path = "properties/generate.rs"]
mod generate;
#[path = "properties/keys.rs"]
mod keys;
#[path = "properties/messages.rs"]
mod messages;
#[path = "properties/texts.rs"]
mod texts;
#[path = "properties/transactions.rs"]
mod transactions;
