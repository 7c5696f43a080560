use std::net::SocketAddr;

use super::{loopback, section};

section! {
    /// Queries and broadcast over HTTP and JSON.
    pub struct Rest in "rest" {
        /// Address that it listens on; "off" serves none.
        address: Option<SocketAddr> = Some(loopback(1_317)),
        /// Origins of web pages that may call; "*" stands for all of them.
        cors_origins: Vec<String> = Vec::new(),
        /// Connections at a time; more wait.
        connections_max: usize = 1_000,
        /// Connections at a time from one address; more are closed. A reverse proxy counts as one address.
        connections_per_ip_max: usize = 200,
        /// Longest body of a request, in bytes.
        body_bytes_max: usize = 2_000_000,
    }
}
