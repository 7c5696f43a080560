//! From broadcast to lookup.

use akash_types::address::Address;
use serde_json::json;
use tendermint_rpc::query::Query;
use tendermint_rpc::{Client as _, Order};

use crate::support::{Network, call, client, http};

fn receiver() -> Address {
    Address::from_bytes(&[9; 20]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn committed_transfer_is_found_by_hash_and_by_event() {
    let network = Network::new();
    let node = network.start().await;
    let client = client(&node);

    let reply = client.broadcast_tx_commit(network.transfer(&receiver(), 5, 0)).await.unwrap();
    assert!(reply.check_tx.code.is_ok(), "{:?}", reply.check_tx);
    assert!(reply.tx_result.code.is_ok(), "{:?}", reply.tx_result);

    let found = client.tx(reply.hash, true).await.unwrap();
    assert_eq!(found.height, reply.height);
    assert!(found.proof.is_some());
    let results = client.block_results(reply.height).await.unwrap();
    assert_eq!(results.txs_results.unwrap().len(), 1);

    let query = Query::eq("transfer.recipient", receiver().to_string()).and_eq("tx.height", reply.height.value());
    let search = client.tx_search(query, false, 1, 10, Order::Ascending).await.unwrap();
    assert_eq!(search.txs.iter().map(|tx| tx.hash).collect::<Vec<_>>(), [reply.hash]);
    let by_hash = client.tx_search(Query::eq("tx.hash", reply.hash.to_string()), false, 1, 10, Order::Descending).await;
    assert_eq!(by_hash.unwrap().total_count, 1);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn several_transfers_of_one_account_wait_in_order() {
    let network = Network::new();
    let node = network.start().await;
    let client = client(&node);
    for sequence in 0..10 {
        let reply = client.broadcast_tx_sync(network.transfer(&receiver(), 1, sequence)).await.unwrap();
        assert!(reply.code.is_ok(), "sequence {sequence}: {}", reply.log);
    }
    let last = client.broadcast_tx_commit(network.transfer(&receiver(), 1, 10)).await.unwrap();
    assert!(last.tx_result.code.is_ok(), "{:?}", last.tx_result);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_the_texts_that_clients_look_for() {
    let network = Network::new();
    let node = network.start().await;
    let tx = network.transfer(&receiver(), 1, 0);
    let encode = |tx: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, tx);

    let first = call(&node, "broadcast_tx_sync", json!({"tx": encode(&tx)})).await;
    assert_eq!(first["result"]["code"], 0, "{first}");
    let again = call(&node, "broadcast_tx_sync", json!({"tx": encode(&tx)})).await;
    assert_eq!(again["error"]["data"], "tx already exists in cache");

    let wrong = network.transfer(&receiver(), 1, 7);
    let reply = call(&node, "broadcast_tx_sync", json!({"tx": encode(&wrong)})).await;
    assert_eq!(reply["result"]["code"], 32, "{reply}");
    assert!(reply["result"]["log"].as_str().unwrap().contains("account sequence mismatch"), "{reply}");

    let unknown = http(&node, "GET", &format!("/tx?hash=0x{}", "AB".repeat(32)), "").await;
    assert_eq!(unknown.0, 500);
    assert_eq!(unknown.1["error"]["data"], format!("tx ({}) not found", "AB".repeat(32)));
    node.stop().await.unwrap();
}
