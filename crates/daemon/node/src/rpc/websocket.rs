//! The websocket: all methods, and subscriptions to events of each block.
//!
//! One task serves one connection. Events wait in the buffer of the published blocks; a client that falls further
//! behind loses its subscriptions with an error frame for each, and one that takes no bytes loses the connection.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, interval, sleep_until, timeout};

use super::envelope::{self, Failure, Id};
use super::json;
use super::methods::Method;
use super::params::Args;
use super::query::{EventMap, add_events};
use super::subscriptions::{Limits, Subscription, Subscriptions};
use crate::chain::published::CommittedBlock;
use crate::server_state::ServerState;

const PING_EVERY: Duration = Duration::from_secs(27);
const SILENT_MAX: Duration = Duration::from_secs(30);
const WRITE_WITHIN: Duration = Duration::from_secs(10);
const TOO_SLOW: &str = "subscription was canceled (reason: internal subscription event buffer is out of capacity)";
const STOPPED: &str = "subscription was canceled (reason: CometBFT exited)";

struct Connection {
    socket: WebSocket,
    state: Arc<ServerState>,
    subscriptions: Subscriptions,
}

/// The client is gone or takes nothing more.
struct Gone;

/// What a client's frame comes to.
pub enum Frame {
    /// A notification, which has no answer.
    Nothing,
    Answered(Id, Result<Value, Failure>),
    /// A method that the node has to be asked for.
    Call(Id, &'static Method, Args),
}

/// Reads a frame; subscriptions are settled at once.
pub fn take_frame(text: &str, subscriptions: &mut Subscriptions) -> Frame {
    let request = serde_json::from_str(text)
        .map_err(|error| Failure::parse(format!("error unmarshaling request: {error}")))
        .and_then(envelope::read);
    let envelope::Request { id, method, params } = match request {
        Ok(Some(request)) => request,
        Ok(None) => return Frame::Nothing,
        Err(failure) => return Frame::Answered(Id::Unknown, Err(failure)),
    };
    let Some(method) = Method::find(&method) else { return Frame::Answered(id, Err(Failure::method_not_found())) };
    let args = match Args::from_json(method.spec, &params) {
        Ok(args) => args,
        Err(text) => {
            let text = format!("error converting json params to arguments: {text}");
            return Frame::Answered(id, Err(Failure::internal(text)));
        }
    };
    let outcome = match method.name {
        "subscribe" => subscriptions.add(id.clone(), args.text("query")),
        "unsubscribe" => subscriptions.remove(args.text("query")),
        "unsubscribe_all" if subscriptions.clear().is_empty() => Err("subscription not found".to_string()),
        "unsubscribe_all" => Ok(()),
        _ => return Frame::Call(id, method, args),
    };
    Frame::Answered(id, outcome.map(|()| json!({})).map_err(Failure::internal))
}

pub async fn serve(socket: WebSocket, state: Arc<ServerState>) {
    let config = &state.config.rpc;
    let (clients_max, per_client_max) = (config.subscription_clients_max, config.subscriptions_per_client_max);
    let subscriptions = Subscriptions::new(state.subscribers.clone(), Limits { clients_max, per_client_max });
    let _ = Connection { socket, state, subscriptions }.run().await;
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
        let (id, method, args) = match take_frame(text, &mut self.subscriptions) {
            Frame::Nothing => return Ok(()),
            Frame::Answered(id, outcome) => return self.reply(&id, outcome).await,
            Frame::Call(id, method, args) => (id, method, args),
        };
        let outcome = method.call(&self.state, args).await;
        let outcome = outcome.unwrap_or_else(|| Err(format!("{} panicked", method.name)));
        self.reply(&id, outcome.map_err(Failure::internal)).await
    }

    async fn cancel_all(&mut self, reason: &str) -> Result<(), Gone> {
        for id in self.subscriptions.clear() {
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
            for subscription in self.subscriptions.iter() {
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
