//! The websocket: all methods, and subscriptions to events of each block.
//!
//! One task serves one connection. Events wait in the buffer of the published blocks; a client that falls further
//! behind loses its subscriptions with an error frame for each, and one that takes no bytes loses the connection.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, interval, sleep_until, timeout};

use super::envelope::{self, Failure, Id};
use super::json;
use super::methods::Method;
use super::params::Args;
use super::query::{EventMap, QUERY_BYTES_MAX, Query, TOO_LONG, add_events};
use crate::chain::published::CommittedBlock;
use crate::server_state::ServerState;

const PING_EVERY: Duration = Duration::from_secs(27);
const SILENT_MAX: Duration = Duration::from_secs(30);
const WRITE_WITHIN: Duration = Duration::from_secs(10);
const TOO_SLOW: &str = "subscription was canceled (reason: internal subscription event buffer is out of capacity)";
const STOPPED: &str = "subscription was canceled (reason: CometBFT exited)";

struct Subscription {
    id: Id,
    /// As the client wrote it.
    text: String,
    query: Query,
}

struct Connection {
    socket: WebSocket,
    state: Arc<ServerState>,
    /// By normalised query.
    subscriptions: BTreeMap<String, Subscription>,
}

/// The client is gone or takes nothing more.
struct Gone;

pub async fn serve(socket: WebSocket, state: Arc<ServerState>) {
    let mut connection = Connection { socket, state, subscriptions: BTreeMap::new() };
    let _ = connection.run().await;
    connection.end_all();
}

impl Connection {
    async fn run(&mut self) -> Result<(), Gone> {
        let mut blocks = self.state.published.subscribe();
        let mut stopping = self.state.stopping.clone();
        let mut ping = interval(PING_EVERY);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                message = self.socket.recv() => {
                    heard = Instant::now();
                    match message {
                        Some(Ok(Message::Text(text))) => self.answer(text.as_str()).await?,
                        Some(Ok(Message::Binary(bytes))) => self.answer(&String::from_utf8_lossy(&bytes)).await?,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Gone),
                    }
                }
                block = blocks.recv() => match block {
                    Ok(block) => self.announce(&block).await?,
                    Err(RecvError::Lagged(_)) => self.cancel_all(TOO_SLOW).await?,
                    Err(RecvError::Closed) => return Err(Gone),
                },
                _ = ping.tick() => self.send(Message::Ping(Default::default())).await?,
                () = sleep_until(heard + SILENT_MAX) => return Err(Gone),
                () = stopping.wait() => {
                    self.cancel_all(STOPPED).await?;
                    return Err(Gone);
                }
            }
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(WRITE_WITHIN, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    async fn reply(&mut self, id: &Id, outcome: Result<Value, Failure>) -> Result<(), Gone> {
        self.send(Message::Text(envelope::answer(id, outcome).to_string().into())).await
    }

    async fn answer(&mut self, text: &str) -> Result<(), Gone> {
        let request = serde_json::from_str(text)
            .map_err(|error| Failure::parse(format!("error unmarshaling request: {error}")))
            .and_then(envelope::read);
        let request = match request {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(failure) => return self.reply(&Id::Unknown, Err(failure)).await,
        };
        let outcome = self.call(&request).await;
        self.reply(&request.id, outcome).await
    }

    async fn call(&mut self, request: &envelope::Request) -> Result<Value, Failure> {
        let method = Method::find(&request.method).ok_or_else(Failure::method_not_found)?;
        let args = Args::from_json(method.spec, &request.params)
            .map_err(|text| Failure::internal(format!("error converting json params to arguments: {text}")))?;
        let outcome = match method.name {
            "subscribe" => self.subscribe(request.id.clone(), args.text("query")),
            "unsubscribe" => self.unsubscribe(args.text("query")),
            "unsubscribe_all" => self.unsubscribe_all(),
            _ => match method.call(&self.state, args).await {
                Some(outcome) => outcome,
                None => Err(format!("{} panicked", method.name)),
            },
        };
        outcome.map_err(Failure::internal)
    }

    fn subscribe(&mut self, id: Id, text: &str) -> Result<Value, String> {
        let clients = self.state.subscribers.load(Ordering::Relaxed);
        let clients_max = self.state.config.rpc.subscription_clients_max;
        // PARITY: one of them is the original's own indexer.
        if clients + 1 >= clients_max {
            return Err(format!("max_subscription_clients {clients_max} reached"));
        }
        let queries_max = self.state.config.rpc.subscriptions_per_client_max;
        if self.subscriptions.len() >= queries_max {
            return Err(format!("max_subscriptions_per_client {queries_max} reached"));
        }
        if text.len() > QUERY_BYTES_MAX {
            return Err(TOO_LONG.to_string());
        }
        let query = Query::parse(text).map_err(|error| format!("failed to parse query: {error}"))?;
        let key = query.normalised();
        if self.subscriptions.contains_key(&key) {
            return Err("already subscribed".to_string());
        }
        if self.subscriptions.is_empty() {
            self.state.subscribers.fetch_add(1, Ordering::Relaxed);
        }
        self.subscriptions.insert(key, Subscription { id, text: text.to_string(), query });
        Ok(json!({}))
    }

    fn unsubscribe(&mut self, text: &str) -> Result<Value, String> {
        let query = Query::parse(text).map_err(|error| format!("failed to parse query: {error}"))?;
        self.subscriptions.remove(&query.normalised()).ok_or("subscription not found")?;
        if self.subscriptions.is_empty() {
            self.state.subscribers.fetch_sub(1, Ordering::Relaxed);
        }
        Ok(json!({}))
    }

    fn unsubscribe_all(&mut self) -> Result<Value, String> {
        if self.subscriptions.is_empty() {
            return Err("subscription not found".to_string());
        }
        self.end_all();
        Ok(json!({}))
    }

    fn end_all(&mut self) {
        if !std::mem::take(&mut self.subscriptions).is_empty() {
            self.state.subscribers.fetch_sub(1, Ordering::Relaxed);
        }
    }

    async fn cancel_all(&mut self, reason: &str) -> Result<(), Gone> {
        let ids: Vec<_> = self.subscriptions.values().map(|subscription| subscription.id.clone()).collect();
        self.end_all();
        for id in ids {
            self.reply(&id, Err(Failure::server(reason))).await?;
        }
        Ok(())
    }

    async fn announce(&mut self, block: &CommittedBlock) -> Result<(), Gone> {
        if self.subscriptions.is_empty() {
            return Ok(());
        }
        let mut frames = Vec::new();
        for event in events_of(block) {
            for subscription in self.subscriptions.values() {
                if subscription.query.matches(&event.map) {
                    frames.push(frame(subscription, &event, block));
                }
            }
        }
        for text in frames {
            self.send(Message::Text(text.into())).await?;
        }
        Ok(())
    }
}

fn frame(subscription: &Subscription, event: &ChainEvent, block: &CommittedBlock) -> String {
    let (kind, value) = event.payload.encode(block);
    let result = json!({
        "query": subscription.text,
        "data": {"type": kind, "value": value},
        "events": event.map,
    });
    envelope::answer(&subscription.id, Ok(result)).to_string()
}

enum Payload {
    NewBlock,
    NewBlockHeader,
    NewBlockEvents,
    NewEvidence(usize),
    Tx(usize),
    ValidatorSetUpdates,
}

struct ChainEvent {
    map: EventMap,
    payload: Payload,
}

/// In the order in which they happen after a commit.
fn events_of(block: &CommittedBlock) -> Vec<ChainEvent> {
    let named = |name: &str| EventMap::from([("tm.event".to_string(), vec![name.to_string()])]);
    let with_block_events = |name: &str| {
        let mut map = named(name);
        add_events(&mut map, &block.results.events);
        map
    };
    let mut events = vec![
        ChainEvent { map: with_block_events("NewBlock"), payload: Payload::NewBlock },
        ChainEvent { map: named("NewBlockHeader"), payload: Payload::NewBlockHeader },
        ChainEvent { map: with_block_events("NewBlockEvents"), payload: Payload::NewBlockEvents },
    ];
    for index in 0..block.block.evidence.iter().count() {
        events.push(ChainEvent { map: named("NewEvidence"), payload: Payload::NewEvidence(index) });
    }
    for (index, (result, hash)) in block.results.tx_results.iter().zip(&block.tx_hashes).enumerate() {
        let mut map = named("Tx");
        add_events(&mut map, &result.events);
        map.entry("tx.hash".to_string()).or_default().push(json::hex(hash));
        map.entry("tx.height".to_string()).or_default().push(block.height.to_string());
        events.push(ChainEvent { map, payload: Payload::Tx(index) });
    }
    if !block.results.validator_updates.is_empty() {
        events.push(ChainEvent { map: named("ValidatorSetUpdates"), payload: Payload::ValidatorSetUpdates });
    }
    events
}

impl Payload {
    fn encode(&self, block: &CommittedBlock) -> (&'static str, Value) {
        match self {
            Payload::NewBlock => ("tendermint/event/NewBlock", new_block(block)),
            Payload::NewBlockHeader => {
                ("tendermint/event/NewBlockHeader", json!({"header": json::header(&block.block.header)}))
            }
            Payload::NewBlockEvents => (
                "tendermint/event/NewBlockEvents",
                json!({
                    "height": block.height.to_string(),
                    "events": json::events(&block.results.events),
                    "num_txs": block.tx_hashes.len().to_string(),
                }),
            ),
            Payload::NewEvidence(index) => (
                "tendermint/event/NewEvidence",
                json!({
                    "height": block.height.to_string(),
                    "evidence": block.block.evidence.iter().nth(*index).map(json::evidence),
                }),
            ),
            Payload::Tx(index) => ("tendermint/event/Tx", json!({"TxResult": tx(block, *index)})),
            Payload::ValidatorSetUpdates => (
                "tendermint/event/ValidatorSetUpdates",
                json!({"validator_updates": json::changed_validators(&block.results.validator_updates)}),
            ),
        }
    }
}

fn new_block(block: &CommittedBlock) -> Value {
    let results = &block.results;
    let mut outcome = json!({
        "validator_updates": json::validator_updates(&results.validator_updates),
        "app_hash": json::base64(&block.app_hash),
    });
    if !results.events.is_empty() {
        outcome["events"] = json::events(&results.events);
    }
    if !results.tx_results.is_empty() {
        outcome["tx_results"] = results.tx_results.iter().map(json::tx_result).collect();
    }
    json!({
        "block": json::block(&block.block),
        "block_id": json::block_ref(&block.id),
        "result_finalize_block": outcome,
    })
}

/// The index of the first transaction is left out, as every zero here.
fn tx(block: &CommittedBlock, index: usize) -> Value {
    let mut out = json!({
        "height": block.height.to_string(),
        "tx": block.block.data.get(index).map(json::base64),
        "result": block.results.tx_results.get(index).map(json::short_tx_result),
    });
    if index > 0 {
        out["index"] = json!(index);
    }
    out
}
