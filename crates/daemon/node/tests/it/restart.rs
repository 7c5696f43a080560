//! A node that was stopped or killed continues the same history.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use akash_node::Node;
use akash_types::address::Address;
use tendermint_rpc::Client as _;

use crate::four_validators::free_address;
use crate::support::{Network, client, config, reach};

const HOME: &str = "AKASH_TEST_NODE_HOME";
/// How often the node is killed; more for a long run.
const KILLS: &str = "AKASH_TEST_KILLS";

/// Not a test of its own: others run it in a process that they kill.
#[test]
#[ignore = "helper process of other tests"]
fn child_node() {
    let Some(home) = std::env::var_os(HOME) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let node = Node::start(config(Path::new(&home))).await.unwrap();
        std::fs::write(Path::new(&home).join("rpc"), node.rpc_address().unwrap().to_string()).unwrap();
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

/// A block's hash commits to all blocks before it.
async fn hash(node: &Node, height: u64) -> tendermint::Hash {
    client(node).block(u32::try_from(height).unwrap()).await.unwrap().block_id.hash
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_node_continues_with_its_transactions() {
    let network = Network::new();
    let node = network.start().await;
    let receiver = Address::from_bytes(&[9; 20]).unwrap();
    let sent = client(&node).broadcast_tx_commit(network.transfer(&receiver, 5, 0)).await.unwrap();
    let height = sent.height.value();
    let before = hash(&node, height).await;
    node.stop().await.unwrap();

    let node = network.start().await;
    reach(&node, height + 3).await;
    assert_eq!(hash(&node, height).await, before);
    assert_eq!(client(&node).tx(sent.hash, false).await.unwrap().height, sent.height);
    let next = client(&node).broadcast_tx_commit(network.transfer(&receiver, 5, 1)).await.unwrap();
    assert!(next.tx_result.code.is_ok(), "{:?}", next.tx_result);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_node_continues_the_same_history() {
    let network = Network::new();
    let mut known = None;
    let kills = std::env::var(KILLS).ok().and_then(|text| text.parse().ok()).unwrap_or(4u64);
    for round in 0..kills {
        let mut child = spawn(network.folder.path());
        // Not a fixed moment: wherever the kill falls, the history must hold.
        tokio::time::sleep(Duration::from_millis(400 + 137 * round % 700)).await;
        child.kill().unwrap();
        child.wait().unwrap();

        let node = network.start().await;
        let height = client(&node).status().await.unwrap().sync_info.latest_block_height.value();
        if let Some((known_height, known_hash)) = known {
            assert!(height >= known_height, "height {height} after {known_height}");
            assert_eq!(hash(&node, known_height).await, known_hash);
        }
        reach(&node, height + 2).await;
        known = Some((height + 2, hash(&node, height + 2).await));
        node.stop().await.unwrap();
    }
}

/// Its votes then stand where nothing derives them any more, and nobody carries it over the height.
#[tokio::test(flavor = "multi_thread")]
async fn sole_validator_goes_on_without_its_engine_log() {
    let network = Network::new();
    for round in 0..4 {
        let mut child = spawn(network.folder.path());
        tokio::time::sleep(Duration::from_millis(700 + 111 * round)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        std::fs::write(network.folder.path().join("data/consensus.wal"), []).unwrap();
    }
    let node = network.start().await;
    let height = client(&node).status().await.unwrap().sync_info.latest_block_height.value();
    reach(&node, height + 2).await;
    node.stop().await.unwrap();
}

/// The disk of before, with the votes of after: what is missing can only come from somebody who has it.
#[tokio::test(flavor = "multi_thread")]
async fn sole_validator_behind_its_own_votes_waits_for_the_blocks() {
    let network = Network::new();
    let copy = tempfile::tempdir().unwrap();
    let node = network.start().await;
    reach(&node, 2).await;
    node.stop().await.unwrap();
    for folder in ["config", "data"] {
        let copied = Command::new("cp").arg("-r").arg(network.folder.path().join(folder)).arg(copy.path()).status();
        assert!(copied.unwrap().success());
    }
    let node = network.start().await;
    let height = client(&node).status().await.unwrap().sync_info.latest_block_height.value();
    reach(&node, height + 4).await;
    node.stop().await.unwrap();
    let votes = "data/priv_validator_state.json";
    std::fs::copy(network.folder.path().join(votes), copy.path().join(votes)).unwrap();
    let other = tempfile::tempdir().unwrap();
    akash_node::create_keys(other.path(), "other").unwrap();
    let node_key = "config/node_key.json";
    std::fs::copy(other.path().join(node_key), copy.path().join(node_key)).unwrap();

    let mut settings = config(copy.path());
    settings.p2p.address = free_address();
    let peer = format!("/ip4/127.0.0.1/tcp/{}", settings.p2p.address.port());
    let behind = Node::start(settings).await.unwrap();
    let before = client(&behind).status().await.unwrap().sync_info;
    assert!(before.catching_up);
    let mut settings = config(network.folder.path());
    settings.p2p.persistent_peers = vec![peer];
    let ahead = Node::start(settings).await.unwrap();
    reach(&behind, before.latest_block_height.value() + 3).await;
    ahead.stop().await.unwrap();
    behind.stop().await.unwrap();
}
