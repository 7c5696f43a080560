//! A node that was stopped or killed continues the same history.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use akash_node::Node;
use akash_types::address::Address;
use tendermint_rpc::Client as _;

use crate::support::{Network, client, config, reach};

const HOME: &str = "AKASH_TEST_NODE_HOME";

/// Not a test of its own: others run it in a process that they kill.
#[test]
#[ignore = "helper process of other tests"]
fn child_node() {
    let Some(home) = std::env::var_os(HOME) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let node = Node::start(config(Path::new(&home))).await.unwrap();
        std::fs::write(Path::new(&home).join("rpc"), node.rpc_address().to_string()).unwrap();
        panic!("{}", node.wait().await);
    });
}

fn spawn(home: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["restart::child_node", "--exact", "--ignored", "--nocapture"])
        .env(HOME, home)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

async fn hashes(node: &Node, to: u64) -> Vec<tendermint::Hash> {
    let mut hashes = Vec::new();
    for height in 1..=to {
        let height = u32::try_from(height).unwrap();
        hashes.push(client(node).block(height).await.unwrap().block_id.hash);
    }
    hashes
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_node_continues_with_its_transactions() {
    let network = Network::new();
    let node = network.start().await;
    let receiver = Address::from_bytes(&[9; 20]).unwrap();
    let sent = client(&node).broadcast_tx_commit(network.transfer(&receiver, 5, 0)).await.unwrap();
    let height = sent.height.value();
    let before = hashes(&node, height).await;
    node.stop().await.unwrap();

    let node = network.start().await;
    reach(&node, height + 3).await;
    assert_eq!(hashes(&node, height).await, before);
    assert_eq!(client(&node).tx(sent.hash, false).await.unwrap().height, sent.height);
    let next = client(&node).broadcast_tx_commit(network.transfer(&receiver, 5, 1)).await.unwrap();
    assert!(next.tx_result.code.is_ok(), "{:?}", next.tx_result);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_node_continues_the_same_history() {
    let network = Network::new();
    let mut known = Vec::new();
    for round in 0..4u64 {
        let mut child = spawn(network.folder.path());
        // Not a fixed moment: wherever the kill falls, the history must hold.
        tokio::time::sleep(Duration::from_millis(900 + 137 * round)).await;
        child.kill().unwrap();
        child.wait().unwrap();

        let node = network.start().await;
        let height = client(&node).status().await.unwrap().sync_info.latest_block_height.value();
        assert!(height >= known.len() as u64, "height {height} after {}", known.len());
        reach(&node, height + 2).await;
        let now = hashes(&node, height).await;
        assert_eq!(now[..known.len()], known[..]);
        known = now;
        node.stop().await.unwrap();
    }
    assert!(!known.is_empty());
}
