use std::net::SocketAddr;

use super::section;

section! {
    /// The network among nodes.
    pub struct P2p in "p2p" {
        /// Address that other nodes reach this one at.
        address: SocketAddr = SocketAddr::from(([0, 0, 0, 0], 26_656)),
        /// Nodes to stay connected with, as multiaddresses: "/ip4/10.0.0.7/tcp/26656".
        persistent_peers: Vec<String> = Vec::new(),
        /// Whether further nodes are found through those that are known.
        discovery: bool = true,
    }
}
