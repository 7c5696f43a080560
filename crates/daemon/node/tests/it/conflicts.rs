//! What keeps a node from starting says what to do.

use akash_node::{Node, NodeError};

use crate::support::{Network, config};

#[tokio::test(flavor = "multi_thread")]
async fn second_node_on_a_home_is_refused() {
    let network = Network::new();
    let node = network.start().await;
    let second = Node::start(config(network.folder.path())).await.err().unwrap();
    assert!(matches!(second, NodeError::SecondInstance(_)), "{second}");
    assert!(second.to_string().contains("choose another home"));
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn port_in_use_is_named() {
    let network = Network::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config(network.folder.path());
    config.rpc.address = taken.local_addr().ok();
    let error = Node::start(config).await.err().unwrap();
    assert!(matches!(error, NodeError::PortInUse { service: "rpc", .. }), "{error}");
    network.start().await.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_home_must_be_initialised() {
    let folder = tempfile::tempdir().unwrap();
    let error = Node::start(config(folder.path())).await.err().unwrap();
    assert!(matches!(error, NodeError::NotInitialised(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_vote_state_is_noticed() {
    let network = Network::new();
    let node = network.start().await;
    crate::support::reach(&node, 2).await;
    node.stop().await.unwrap();
    std::fs::remove_file(network.folder.path().join("data/priv_validator_state.json")).unwrap();
    let error = Node::start(config(network.folder.path())).await.err().unwrap();
    assert!(matches!(error, NodeError::SignedElsewhere { .. }), "{error}");
}
