use std::net::SocketAddr;
use std::time::Duration;

use super::{loopback, section};

section! {
    /// JSON-RPC and websocket, as CometBFT serves them.
    pub struct Rpc in "rpc" {
        /// Address that it listens on; "off" serves none.
        address: Option<SocketAddr> = Some(loopback(26_657)),
        /// Origins of web pages that may call; "*" stands for all of them.
        cors_origins: Vec<String> = Vec::new(),
        /// Connections at a time, websockets among them; more wait.
        connections_max: usize = 900,
        /// Connections at a time from one address; more are closed. A reverse proxy counts as one address.
        connections_per_ip_max: usize = 200,
        /// Longest body of a request and longest websocket message, in bytes.
        body_bytes_max: usize = 1_000_000,
        /// Calls in one batch.
        batch_max: usize = 10,
        /// Websockets that have subscriptions at a time.
        subscription_clients_max: usize = 100,
        /// Subscriptions of one websocket.
        subscriptions_per_client_max: usize = 5,
        /// How long broadcast_tx_commit waits for the block.
        broadcast_commit_timeout: Duration = Duration::from_secs(10),
    }
}
