use std::net::SocketAddr;
use std::time::Duration;

use super::{loopback, section};

section! {
    /// Figures of this node for Prometheus.
    pub struct Metrics in "metrics" {
        /// Address that it listens on; "off" serves none.
        address: Option<SocketAddr> = Some(loopback(26_660)),
        /// Age of the last block from which on `/health` says that the node is not well; 0s for never.
        block_age_max: Duration = Duration::from_secs(60),
    }
}
