//! The transaction queue against a chain that misbehaves.

use std::sync::Arc;
use std::time::Duration;

use akash_types::address::Address;
use akash_types::coin::{Coin, DecCoin};
use akash_types::id::OrderId;
use tokio::task::JoinHandle;

use super::net::{Net, SDL, eventually};
use crate::chain::follow::Heard;
use crate::chain::trust::Trust;
use crate::tx::{Intent, IntentState, Queue, QueueConfig};

/// A queue of its own on the net's chain, with the net's key and home.
fn open(net: &Net) -> Queue {
    let config = QueueConfig { gas_price: "0.025uakt".parse().unwrap() };
    let trust = Arc::new(Trust::open(net.home()).unwrap());
    Queue::open(net.home(), Arc::new(net.chain.clone()), trust, net.key.clone(), config).unwrap()
}

fn run(queue: &Queue) -> JoinHandle<()> {
    tokio::spawn(queue.clone().run(Heard::default().height()))
}

fn bid(net: &Net, order: &OrderId) -> Intent {
    let resources = akash_sdl::read(SDL).unwrap().groups()[0].resources[0].clone();
    let offer = akash_proto::akash::market::v1beta5::ResourceOffer {
        resources: resources.resource,
        count: resources.count,
        prices: None,
    };
    let price: DecCoin = DecCoin::new("uact", "1.5".parse().unwrap()).unwrap();
    let deposit: Coin = "500000uact".parse().unwrap();
    Intent::create_bid(&order.bid(net.address()), &price, &deposit, vec![offer])
}

fn bids(net: &Net) -> usize {
    net.chain.executed().iter().filter(|done| done.starts_with("create-bid")).count()
}

#[tokio::test]
async fn messages_are_batched_and_each_is_sent_once() {
    let net = Net::new();
    let queue = open(&net);
    let intents: Vec<Intent> = (1..=40).map(|dseq| bid(&net, &net.order(dseq, SDL))).collect();
    for intent in intents.iter().chain(&intents) {
        queue.push(intent.clone()).unwrap();
    }
    let task = run(&queue);
    eventually("all bids", || bids(&net) == 40).await;
    eventually("the queue", || intents.iter().all(|intent| queue.state_of(&intent.key) == IntentState::Done)).await;
    task.abort();
}

#[tokio::test]
async fn one_refused_message_does_not_hold_up_the_others() {
    let net = Net::new();
    let queue = open(&net);
    let bad = Address::from_bytes(&[9; 20]).unwrap();
    net.chain.refuse(&bad);
    let good = [bid(&net, &net.order(1, SDL)), bid(&net, &net.order(2, SDL))];
    let refused = bid(&net, &net.order_of(&bad, 3, SDL));
    for intent in [&good[0], &refused, &good[1]] {
        queue.push(intent.clone()).unwrap();
    }
    let task = run(&queue);
    eventually("the others", || good.iter().all(|intent| queue.state_of(&intent.key) == IntentState::Done)).await;
    eventually("the refusal", || matches!(queue.state_of(&refused.key), IntentState::Refused(v) if v.code == 5)).await;
    task.abort();
}

#[tokio::test]
async fn bytes_that_the_mempool_lost_are_sent_again() {
    let net = Net::new();
    let queue = open(&net);
    net.chain.set_forgetful(true);
    let intent = bid(&net, &net.order(1, SDL));
    queue.push(intent.clone()).unwrap();
    let task = run(&queue);
    net.blocks(20).await;
    assert_eq!(bids(&net), 0);
    net.chain.set_forgetful(false);
    eventually("the bid", || queue.state_of(&intent.key) == IntentState::Done).await;
    assert_eq!(bids(&net), 1);
    task.abort();
}

#[tokio::test]
async fn a_sequence_taken_by_somebody_else_leads_to_a_new_transaction() {
    let net = Net::new();
    let queue = open(&net);
    net.chain.set_forgetful(true);
    let intent = bid(&net, &net.order(1, SDL));
    queue.push(intent.clone()).unwrap();
    let task = run(&queue);
    eventually("a transaction in flight", || net.home().join("tx/in-flight.json").exists()).await;
    net.chain.bump_sequence();
    net.chain.set_forgetful(false);
    eventually("the bid", || queue.state_of(&intent.key) == IntentState::Done).await;
    assert_eq!(bids(&net), 1);
    task.abort();
}

#[tokio::test]
async fn killed_at_any_moment_nothing_is_lost_or_doubled() {
    let net = Net::new();
    let orders: Vec<OrderId> = (1..=30).map(|dseq| net.order(dseq, SDL)).collect();
    let intents: Vec<Intent> = orders.iter().map(|order| bid(&net, order)).collect();
    for (round, chunk) in intents.chunks(3).enumerate() {
        let queue = open(&net);
        for intent in chunk {
            queue.push(intent.clone()).unwrap();
        }
        let task = run(&queue);
        tokio::time::sleep(Duration::from_millis(round as u64 * 4)).await;
        task.abort(); // between any two awaits
        let _ = task.await;
    }
    let queue = open(&net);
    let task = run(&queue);
    eventually("all bids", || bids(&net) == 30).await;
    net.blocks(30).await;
    assert_eq!(bids(&net), 30);
    eventually("an empty queue", || !net.home().join("tx").read_dir().unwrap().any(|_| true)).await;
    task.abort();
}

#[tokio::test]
async fn a_message_that_became_pointless_is_dropped_unsent() {
    let net = Net::new();
    let queue = open(&net);
    let order = net.order(1, SDL);
    let intent = bid(&net, &order);
    queue.push(intent.clone()).unwrap();
    net.chain.close_order(&order);
    let task = run(&queue);
    eventually("the verdict", || queue.state_of(&intent.key) == IntentState::Moot).await;
    assert_eq!((bids(&net), net.chain.mempool()), (0, 0));
    task.abort();
}
