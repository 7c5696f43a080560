//! Subscriptions through the unmodified websocket client of `tendermint-rpc`.

use akash_types::address::Address;
use futures::StreamExt as _;
use tendermint_rpc::event::EventData;
use tendermint_rpc::query::{EventType, Query};
use tendermint_rpc::{Client as _, Order, Paging, SubscriptionClient as _, WebSocketClient};

use crate::support::{Network, client, reach};

async fn connect(node: &akash_node::Node) -> (WebSocketClient, tokio::task::JoinHandle<()>) {
    let url = format!("ws://{}/websocket", node.rpc_address().unwrap());
    let (client, driver) = WebSocketClient::new(url.as_str()).await.unwrap();
    let driver = tokio::spawn(async move { driver.run().await.unwrap_or(()) });
    (client, driver)
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_arrive_in_order() {
    let network = Network::new();
    let node = network.start().await;
    let (websocket, driver) = connect(&node).await;
    let mut blocks = websocket.subscribe(EventType::NewBlock.into()).await.unwrap();
    let mut last = None;
    for _ in 0..5 {
        let event = blocks.next().await.unwrap().unwrap();
        let EventData::NewBlock { block: Some(block), .. } = event.data else { panic!("{:?}", event.data) };
        let height = block.header.height.value();
        assert!(last.is_none_or(|last| height == last + 1));
        last = Some(height);
        // What is announced can be read.
        client(&node).block_results(block.header.height).await.unwrap();
    }
    websocket.close().unwrap();
    driver.await.unwrap();
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_arrive_by_query() {
    let network = Network::new();
    let node = network.start().await;
    let (websocket, driver) = connect(&node).await;
    let receiver = Address::from_bytes(&[9; 20]).unwrap();
    let query = Query::from(EventType::Tx).and_eq("transfer.recipient", receiver.to_string());
    let mut transfers = websocket.subscribe(query).await.unwrap();
    let sent = client(&node).broadcast_tx_commit(network.transfer(&receiver, 5, 0)).await.unwrap();
    let event = transfers.next().await.unwrap().unwrap();
    let EventData::Tx { tx_result } = event.data else { panic!("{:?}", event.data) };
    assert_eq!(u64::try_from(tx_result.height).unwrap(), sent.height.value());
    assert_eq!(websocket.status().await.unwrap().node_info.moniker.to_string(), "akash");
    websocket.close().unwrap();
    driver.await.unwrap();
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_answer_by_websocket_too() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 3).await;
    let (websocket, driver) = connect(&node).await;
    websocket.health().await.unwrap();
    assert!(websocket.status().await.unwrap().sync_info.latest_block_height.value() >= 3);
    let block = websocket.block(2u32).await.unwrap();
    assert_eq!(websocket.header(2u32).await.unwrap().header, block.block.header);
    assert_eq!(websocket.block_by_hash(block.block_id.hash).await.unwrap().block, Some(block.block));
    assert_eq!(websocket.commit(2u32).await.unwrap().signed_header.header.height.value(), 2);
    assert_eq!(websocket.block_results(2u32).await.unwrap().height.value(), 2);
    assert_eq!(websocket.validators(2u32, Paging::All).await.unwrap().validators.len(), 1);
    websocket.abci_info().await.unwrap();
    websocket.net_info().await.unwrap();
    websocket.consensus_params(2u32).await.unwrap();
    websocket.genesis::<serde_json::Value>().await.unwrap();
    let query = Query::from(EventType::NewBlock);
    let blocks = websocket.block_search(query.and_lte("block.height", 3u64), 1, 10, Order::Ascending).await.unwrap();
    assert_eq!(blocks.total_count, 3);
    let receiver = Address::from_bytes(&[9; 20]).unwrap();
    let sent = websocket.broadcast_tx_commit(network.transfer(&receiver, 5, 0)).await.unwrap();
    let found = websocket.tx_search(Query::eq("tx.height", sent.height.value()), true, 1, 10, Order::Ascending);
    let found = found.await.unwrap();
    assert_eq!(found.txs[0].hash, sent.hash);
    found.txs[0].proof.as_ref().unwrap();
    websocket.close().unwrap();
    driver.await.unwrap();
    node.stop().await.unwrap();
}
