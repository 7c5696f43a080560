use std::net::SocketAddr;

use super::{loopback, section};

section! {
    /// Figures of this node for Prometheus.
    pub struct Metrics in "metrics" {
        /// Address that it listens on; "off" serves none.
        address: Option<SocketAddr> = Some(loopback(26_660)),
    }
}
