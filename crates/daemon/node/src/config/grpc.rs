use std::net::SocketAddr;

use super::{loopback, section};

section! {
    /// Queries and broadcast over gRPC.
    pub struct Grpc in "grpc" {
        /// Address that it listens on; "off" serves none.
        address: Option<SocketAddr> = Some(loopback(9_090)),
    }
}
