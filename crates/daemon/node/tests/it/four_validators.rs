//! Four validators agree, and one of them can go and come back.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_kernel::Time;
use akash_node::{Node, NodeConfig};
use akash_types::coin::Coins;
use tendermint_rpc::Client as _;

use crate::support::{CHAIN_ID, client, config, key, reach};

const VALIDATORS: usize = 4;

pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

pub fn configs(folder: &Path) -> Vec<NodeConfig> {
    let homes: Vec<_> = (0..VALIDATORS).map(|number| folder.join(number.to_string())).collect();
    let validators = homes.iter().map(|home| akash_node::create_keys(home, "validator").unwrap()).collect();
    let genesis = play_genesis(PlayGenesis {
        chain_id: CHAIN_ID.to_string(),
        time: Time { seconds: 1_704_067_200, nanos: 0 },
        accounts: vec![(key().address(), Coins::parse("1000000000uakt").unwrap())],
        validators,
        authority: None,
    })
    .unwrap();
    let addresses: Vec<_> = homes.iter().map(|_| free_address()).collect();
    let configs = homes.iter().zip(&addresses).map(|(home, p2p)| {
        akash_node::init(home, &genesis).unwrap();
        let others = addresses.iter().filter(|address| *address != p2p);
        let mut config = config(home);
        config.p2p.address = *p2p;
        config.p2p.persistent_peers = others.map(|peer| format!("/ip4/127.0.0.1/tcp/{}", peer.port())).collect();
        config.consensus.timeout_commit = Duration::from_millis(100);
        config
    });
    configs.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn four_validators_share_one_history() {
    let folder = tempfile::tempdir().unwrap();
    let configs = configs(folder.path());
    let mut nodes = Vec::new();
    for config in &configs {
        nodes.push(Node::start(config.clone()).await.unwrap());
    }
    reach(&nodes[0], 10).await;

    let gone = nodes.pop().unwrap();
    gone.stop().await.unwrap();
    let height = client(&nodes[0]).status().await.unwrap().sync_info.latest_block_height.value();
    reach(&nodes[0], height + 5).await;

    nodes.push(Node::start(configs[VALIDATORS - 1].clone()).await.unwrap());
    let height = u32::try_from(height + 10).unwrap();
    let mut seen = Vec::new();
    for node in &nodes {
        reach(node, u64::from(height)).await;
        seen.push(client(node).block(height).await.unwrap().block_id);
    }
    assert!(seen.iter().all(|id| *id == seen[0]), "{seen:?}");
    let mut proposers = std::collections::BTreeSet::new();
    for height in 1..=8u32 {
        proposers.insert(client(&nodes[0]).block(height).await.unwrap().block.header.proposer_address.to_string());
    }
    assert!(proposers.len() >= 3, "{proposers:?}");
    for node in nodes {
        node.stop().await.unwrap();
    }
}
