//! Every block's transaction events, in order and without gaps. The websocket only says that there is something new;
//! the blocks themselves are read one after the other, so a lost connection loses nothing.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tracing::{debug, warn};

use crate::{Client, ClientError};

const SUBSCRIBE: &str = "tm.event='NewBlockHeader'";
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Without a header for so long the connection counts as dead and the status is asked.
const SILENCE: Duration = Duration::from_secs(20);
/// Between two questions for the newest height where there is no websocket.
const POLL: Duration = Duration::from_secs(1);

/// An event of a transaction, as block results give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// For typed events the full name of the message.
    pub kind: String,
    /// For typed events the JSON of each field.
    pub attributes: Vec<(String, String)>,
}

impl Event {
    /// The first attribute of this name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// The transaction events of one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockEvents {
    pub height: u64,
    pub events: Vec<Event>,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Reads blocks from a height on, for ever.
#[derive(Debug)]
pub struct Follower {
    client: Client,
    next: u64,
    newest: u64,
    socket: Option<Socket>,
    pause: Duration,
}

impl Follower {
    /// Begins with the block at `next`.
    #[must_use]
    pub fn new(client: Client, next: u64) -> Self {
        Self { client, next: next.max(1), newest: 0, socket: None, pause: FIRST_PAUSE }
    }

    /// The height of the block that [`Follower::next`] gives next.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.next
    }

    /// Waits for the next block; on failures it pauses, each time longer, and tries again. May be dropped at any time.
    pub async fn next(&mut self) -> BlockEvents {
        loop {
            match self.try_next().await {
                Ok(block) => {
                    self.pause = FIRST_PAUSE;
                    return block;
                }
                Err(error) => {
                    debug!(%error, height = self.next, "blocks cannot be read, trying again");
                    self.socket = None;
                    sleep(self.pause).await;
                    self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn try_next(&mut self) -> Result<BlockEvents, ClientError> {
        while self.newest < self.next {
            self.newest = match self.socket.as_mut() {
                Some(socket) => match timeout(SILENCE, header_height(socket)).await {
                    Ok(Some(height)) => height,
                    Ok(None) => return Err(self.lost("the connection was closed")),
                    Err(_) => return Err(self.lost("no block for a long time")),
                },
                None => {
                    // Subscribe first, then ask: a block between the two is not missed.
                    self.socket = self.subscribe().await;
                    let newest = self.client.rpc().status().await?.height;
                    if self.socket.is_none() && newest < self.next {
                        sleep(POLL).await;
                    }
                    newest
                }
            };
        }
        let events = match self.client.rpc().block_events(self.next).await {
            Ok(events) => events,
            Err(ClientError::Call { text, .. }) if is_pruned(&text) => {
                warn!(height = self.next, "the node no longer has this block, going on with the newest");
                self.next = self.newest;
                self.client.rpc().block_events(self.next).await?
            }
            Err(error) => return Err(error),
        };
        let block = BlockEvents { height: self.next, events };
        self.next += 1;
        Ok(block)
    }

    fn lost(&self, reason: &str) -> ClientError {
        ClientError::Unreachable { endpoint: self.client.rpc().url().to_owned(), reason: reason.to_owned() }
    }

    /// A websocket with a subscription; `None` when there is none to be had, then the status is asked instead.
    async fn subscribe(&self) -> Option<Socket> {
        let url = format!("ws{}/websocket", self.client.rpc().url().trim_start_matches("http"));
        let (mut socket, _) = timeout(crate::CONNECT_LIMIT, connect_async(url)).await.ok()?.ok()?;
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": "subscribe", "params": {"query": SUBSCRIBE}});
        timeout(crate::CONNECT_LIMIT, socket.send(Message::text(request.to_string()))).await.ok()?.ok()?;
        Some(socket)
    }
}

/// The wire's text for a block that was pruned; a result that is only not written yet has another.
fn is_pruned(text: &str) -> bool {
    text.contains("is not available, lowest height is")
}

/// The height of the next header that arrives; `None` when the connection ends.
async fn header_height(socket: &mut Socket) -> Option<u64> {
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
        if value.get("error").is_some() {
            return None;
        }
        let height = value.pointer("/result/data/value/header/height").and_then(Value::as_str);
        if let Some(height) = height.and_then(|text| text.parse().ok()) {
            return Some(height);
        }
    }
    None
}
