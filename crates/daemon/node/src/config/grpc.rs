use std::net::SocketAddr;
use std::time::Duration;

use super::{loopback, section};

section! {
    /// Queries and broadcast over gRPC and gRPC-web.
    pub struct Grpc in "grpc" {
        /// Address that it listens on; "off" serves none.
        address: Option<SocketAddr> = Some(loopback(9_090)),
        /// Origins of web pages that may call by gRPC-web; "*" stands for all of them.
        cors_origins: Vec<String> = Vec::new(),
        /// Connections at a time; more wait.
        connections_max: usize = 1_000,
        /// Connections at a time from one address; more are closed. A reverse proxy counts as one address.
        connections_per_ip_max: usize = 200,
        /// Calls at a time on one connection; more wait.
        calls_per_connection_max: u32 = 64,
        /// Longest message of a request, in bytes.
        message_bytes_max: usize = 10_485_760,
        /// Longest time for one call; a client may ask for less.
        call_timeout: Duration = Duration::from_secs(60),
    }
}
