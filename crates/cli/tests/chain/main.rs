//! The commands around a chain, against a node that runs: homes, queries, transactions. One node serves many tests.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod guide;
mod homes;
mod market;
mod network;
mod queries;
#[path = "../support/mod.rs"]
mod support;
mod transactions;

use network::Network;

#[test]
fn one_node_and_everything_that_is_asked_of_it() {
    let mut network = Network::start();
    queries::check(&network);
    transactions::check(&network);
    market::check(&network);
    homes::stopped_node_is_kept(&mut network);
}
