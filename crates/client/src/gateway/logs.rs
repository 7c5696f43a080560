//! A lease's logs: one websocket frame a line.

use std::time::Duration;

use akash_types::id::LeaseId;
use futures::StreamExt;
use futures::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::answers::refused;
use super::{GatewayClient, GatewayError, lease_path};

const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// A gateway pings every ten seconds, so longer silence means that it is gone.
const SILENCE: Duration = Duration::from_secs(40);
const MAX_LINE_BYTES: usize = 1 << 20;

/// Which lines.
#[derive(Debug, Clone, Default)]
pub struct LogOptions {
    /// All services if `None`.
    pub service: Option<String>,
    pub follow: bool,
    /// How many kept lines to begin with; all if `None`.
    pub tail: Option<u32>,
}

/// A line that a container printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// The replica.
    pub name: String,
    pub message: String,
}

impl GatewayClient {
    /// Lines until there are no more or, when following, until the lease ends or the stream is dropped.
    ///
    /// # Errors
    /// When the gateway does not open the stream.
    pub async fn logs(
        &self,
        lease: &LeaseId,
        options: &LogOptions,
    ) -> Result<impl Stream<Item = Result<LogLine, GatewayError>> + use<>, GatewayError> {
        let mut query = format!("follow={}", options.follow);
        if let Some(tail) = options.tail {
            query.push_str(&format!("&tail={tail}"));
        }
        if let Some(service) = &options.service {
            query.push_str(&format!("&service={}", encoded(service)));
        }
        let url = format!("wss://{}{}/logs?{query}", self.authority, lease_path(lease));
        let config = WebSocketConfig::default().max_message_size(Some(MAX_LINE_BYTES));
        let handshake = client_async_with_config(url, self.open().await?, Some(config));
        let answered = timeout(HANDSHAKE_LIMIT, handshake).await.map_err(|_| self.unreachable("no answer in time"))?;
        let (socket, _) = answered.map_err(|error| self.refused(error))?;
        let gateway = self.clone();
        Ok(stream::unfold(Some(socket), move |socket| next_line(gateway.clone(), socket)))
    }

    fn refused(&self, error: tungstenite::Error) -> GatewayError {
        match error {
            tungstenite::Error::Http(response) => {
                refused(response.status(), response.body().as_deref().unwrap_or_default())
            }
            other => self.unreachable(&other.to_string()),
        }
    }
}

/// Percent-encodes what may not stand in a query.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

type Socket = WebSocketStream<TlsStream<TcpStream>>;
type Step = Option<(Result<LogLine, GatewayError>, Option<Socket>)>;

async fn next_line(gateway: GatewayClient, socket: Option<Socket>) -> Step {
    let mut socket = socket?;
    loop {
        let message = match timeout(SILENCE, socket.next()).await {
            Ok(message) => message?,
            Err(_) => return Some((Err(gateway.unreachable("the stream fell silent")), None)),
        };
        match message {
            Ok(Message::Text(text)) => {
                let line = serde_json::from_str(&text).map_err(|error| GatewayError::Malformed(error.to_string()));
                return Some((line, Some(socket)));
            }
            Ok(Message::Close(Some(frame))) if u16::from(frame.code) >= 4000 => {
                let (status, text) = (u16::from(frame.code), frame.reason.to_string());
                return Some((Err(GatewayError::Refused { status, text }), None));
            }
            Ok(Message::Close(_)) => return None,
            Ok(_) => {}
            Err(error) => return Some((Err(gateway.unreachable(&error.to_string())), None)),
        }
    }
}
