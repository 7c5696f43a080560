//! Finding transactions and blocks, in order and in pages.

use akash_types::address::Address;
use serde_json::{Value, json};

use crate::support::{Network, call, client, http, reach};
use tendermint_rpc::Client as _;

async fn found(node: &akash_node::Node, method: &str, params: Value) -> Value {
    let reply = call(node, method, params).await;
    assert!(reply["error"].is_null(), "{reply}");
    reply["result"].clone()
}

fn heights(result: &Value) -> Vec<u64> {
    let height = |tx: &Value| tx["height"].as_str().unwrap().parse().unwrap();
    result["txs"].as_array().unwrap().iter().map(height).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_are_found_by_every_kind_of_condition() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let receiver = Address::from_bytes(&[9; 20]).unwrap();
    let mut sent = Vec::new();
    for sequence in 0..5 {
        let tx = network.transfer(&receiver, 10 + sequence, sequence);
        sent.push(client(&node).broadcast_tx_commit(tx).await.unwrap());
    }
    let first = sent[0].height.value();
    let last = sent[4].height.value();
    let count = async |query: &str| {
        let found = found(&node, "tx_search", json!({"query": query})).await;
        found["total_count"].as_str().unwrap().parse::<usize>().unwrap()
    };
    assert_eq!(count(&format!("transfer.recipient='{receiver}'")).await, 5);
    assert_eq!(count(&format!("transfer.recipient='{receiver}' AND transfer.amount='12uakt'")).await, 1);
    assert_eq!(count(&format!("transfer.recipient='{receiver}' AND tx.height > {first}")).await, 4);
    assert_eq!(count(&format!("tx.height = {first}")).await, 1);
    assert_eq!(count("tx.height >= 1").await, 5);
    assert_eq!(count("tm.event='Tx'").await, 5);
    assert_eq!(count("tm.event='NewBlock'").await, 0);
    assert_eq!(count("transfer.amount CONTAINS '3ua'").await, 1);
    assert_eq!(count("transfer.amount EXISTS").await, 5);
    assert_eq!(count("transfer EXISTS").await, 5);
    assert_eq!(count("transfe EXISTS").await, 0);
    assert_eq!(count("message.msg_index > 5").await, 0);
    assert_eq!(count("transfer.amount = 10").await, 0);
    assert_eq!(count(&format!("tx.hash='{}' AND transfer.amount='no'", sent[2].hash)).await, 1);
    assert_eq!(count(&format!("tx.height < {first}")).await, 0);

    let descending = json!({"query": "tx.height > 0", "order_by": "desc", "per_page": "2", "page": "2"});
    let page = found(&node, "tx_search", descending).await;
    let all = heights(&found(&node, "tx_search", json!({"query": "tx.height > 0"})).await);
    assert_eq!(all.first().copied().zip(all.last().copied()), Some((first, last)));
    assert_eq!(heights(&page), [all[2], all[1]]);
    let proved = found(&node, "tx_search", json!({"query": "tx.height > 0", "prove": true})).await;
    assert!(proved["txs"][0]["proof"]["root_hash"].is_string());

    for (params, text) in [
        (json!({"query": "tx.height > 0", "page": "9"}), "page should be within [1, 1] range, given 9"),
        (
            json!({"query": "tx.height > 0", "order_by": "up"}),
            "expected order_by to be either `asc` or `desc` or empty",
        ),
        (json!({"query": "x".repeat(513)}), "maximum query length exceeded"),
    ] {
        assert_eq!(call(&node, "tx_search", params).await["error"]["data"], text);
    }
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_are_found_newest_first() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 8).await;
    let result = found(&node, "block_search", json!({"query": "block.height > 2 AND block.height <= 7"})).await;
    assert_eq!(result["total_count"], "5");
    let height = |block: &Value| block["block"]["header"]["height"].as_str().unwrap().parse::<u64>().unwrap();
    let blocks = |result: &Value| result["blocks"].as_array().unwrap().iter().map(height).collect::<Vec<_>>();
    assert_eq!(blocks(&result), [7, 6, 5, 4, 3]);
    let second = json!({"query": "block.height <= 7", "order_by": "asc", "page": "2", "per_page": "3"});
    assert_eq!(blocks(&found(&node, "block_search", second).await), [4, 5, 6]);
    let uri = "/block_search?query=%22block.height%3D3%22&per_page=5";
    let (_, reply) = http(&node, "GET", uri, "").await;
    assert_eq!(blocks(&reply["result"]), [3]);

    // Whatever a block announces by itself finds that block.
    let results = found(&node, "block_results", json!({"height": "5"})).await;
    for event in results["finalize_block_events"].as_array().unwrap_or(&Vec::new()) {
        let (kind, attribute) = (event["type"].as_str().unwrap(), &event["attributes"][0]);
        let Some(value) = attribute["value"].as_str().filter(|value| !value.contains('\'')) else { continue };
        let query = format!("{kind}.{} = '{value}' AND block.height = 5", attribute["key"].as_str().unwrap());
        let result = found(&node, "block_search", json!({"query": query})).await;
        assert_eq!(blocks(&result), [5], "{query}");
    }
    node.stop().await.unwrap();
}
