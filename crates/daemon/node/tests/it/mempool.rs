//! Transactions wait, are passed on, replaced, and refused when there is no room.

use std::time::Duration;

use akash_node::Node;
use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_types::coin::Coins;
use akash_types::tx::{self, Unsigned};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::four_validators::configs;
use crate::support::{CHAIN_ID, Network, call, config, key, reach};

/// After the first block the next one is far away.
const LONG: Duration = Duration::from_secs(300);

fn transfer(sequence: u64, fee: u64) -> Vec<u8> {
    let own = key().address().to_string();
    let amount = vec![Coin { denom: "uakt".to_string(), amount: "1".to_string() }];
    let message = MsgSend { from_address: own.clone(), to_address: own, amount };
    let unsigned = Unsigned {
        messages: vec![tx::encode_any(&message)],
        fee: Coins::parse(&format!("{fee}uakt")).unwrap(),
        gas_limit: 200_000,
        ..Unsigned::default()
    };
    tx::sign_direct(&unsigned, &key(), CHAIN_ID, 0, sequence)
}

async fn offer(node: &Node, tx: &[u8]) -> Value {
    call(node, "broadcast_tx_sync", json!({"tx": BASE64_STANDARD.encode(tx)})).await
}

async fn waiting(node: &Node) -> Vec<String> {
    let answer = call(node, "unconfirmed_txs", json!({})).await;
    answer["result"]["txs"].as_array().unwrap().iter().map(|tx| tx.as_str().unwrap().to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn admitted_transactions_reach_the_mempools_of_all_peers() {
    let folder = tempfile::tempdir().unwrap();
    let mut nodes = Vec::new();
    for mut config in configs(folder.path()) {
        config.consensus.timeout_commit = LONG;
        nodes.push(Node::start(config).await.unwrap());
    }
    for node in &nodes {
        reach(node, 1).await;
    }
    let txs = [transfer(0, 5_000), transfer(1, 5_000)];
    for tx in &txs {
        let answer = offer(&nodes[0], tx).await;
        assert_eq!(answer["result"]["code"], 0, "{answer}");
    }
    let refused = offer(&nodes[0], &transfer(9, 5_000)).await;
    assert_eq!(refused["result"]["code"], 32, "{refused}");
    let expected: Vec<_> = txs.iter().map(|tx| BASE64_STANDARD.encode(tx)).collect();
    for node in &nodes {
        let mut seen = Vec::new();
        for _ in 0..3_000 {
            seen = waiting(node).await;
            if seen.len() == expected.len() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(seen, expected);
    }
    for node in nodes {
        node.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn better_paid_transaction_replaces_and_a_full_mempool_says_so() {
    let network = Network::new();
    let mut config = config(network.folder.path());
    config.consensus.timeout_commit = LONG;
    config.mempool.size = 3;
    let node = Node::start(config).await.unwrap();
    reach(&node, 1).await;
    assert_eq!(offer(&node, &transfer(0, 5_000)).await["result"]["code"], 0);
    assert_eq!(offer(&node, &transfer(1, 5_000)).await["result"]["code"], 0);

    let again = offer(&node, &transfer(0, 5_000)).await;
    assert!(again.to_string().contains("tx already exists in cache"), "{again}");
    let too_little = offer(&node, &transfer(0, 5_499)).await;
    assert_eq!(too_little["result"]["code"], 32, "{too_little}");
    let enough = offer(&node, &transfer(0, 5_500)).await;
    assert_eq!(enough["result"]["code"], 0, "{enough}");
    let expected = [transfer(0, 5_500), transfer(1, 5_000)].map(|tx| BASE64_STANDARD.encode(tx));
    assert_eq!(waiting(&node).await, expected);

    assert_eq!(offer(&node, &transfer(2, 5_000)).await["result"]["code"], 0);
    let full = offer(&node, &transfer(3, 5_000)).await;
    assert_eq!((&full["result"]["code"], &full["result"]["codespace"]), (&json!(20), &json!("sdk")), "{full}");
    let log = full["result"]["log"].as_str().unwrap();
    assert!(log.starts_with("mempool is full: number of txs 3 (max: 3), total txs bytes "), "{log}");
    node.stop().await.unwrap();
}
