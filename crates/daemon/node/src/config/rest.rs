use std::net::SocketAddr;

use super::{loopback, section};

section! {
    /// Queries and broadcast over HTTP and JSON.
    pub struct Rest in "rest" {
        /// Address that it listens on; "off" serves none.
        address: Option<SocketAddr> = Some(loopback(1_317)),
    }
}
