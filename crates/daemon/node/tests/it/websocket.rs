//! Subscriptions through the unmodified websocket client of `tendermint-rpc`.

use akash_types::address::Address;
use futures::StreamExt as _;
use tendermint_rpc::event::EventData;
use tendermint_rpc::query::{EventType, Query};
use tendermint_rpc::{Client as _, SubscriptionClient as _, WebSocketClient};

use crate::support::{Network, client};

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
