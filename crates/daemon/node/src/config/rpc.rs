use std::net::SocketAddr;

use super::{loopback, section};

section! {
    /// JSON-RPC and websocket, as CometBFT serves them.
    pub struct Rpc in "rpc" {
        /// Address that it listens on; "off" serves none.
        address: Option<SocketAddr> = Some(loopback(26_657)),
    }
}
