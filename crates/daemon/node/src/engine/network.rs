//! The settings of the engine's network: who this node is, where it listens, and how large anything may be.

use std::net::SocketAddr;
use std::time::Duration;

use ed25519_consensus::SigningKey;
use malachite::NetworkIdentity;
use malachite::app::types::Keypair;
use malachite_codec::Codec as _;
use malachite_network::{
    ChannelNames, Config, DiscoveryConfig, GossipSubConfig, Multiaddr, ProtocolNames, PubSubMaxSizePerTopic,
    PubSubProtocol, TransportProtocol,
};
use malachite_signing::Signer as _;

use super::codec::NodeCodec;
use super::context::Address;
use super::signer::BlockSigner;
use super::start::EngineError;

/// Nodes of a test network share one address.
const CONNECTIONS_PER_ADDRESS: usize = 100;
const IDLE_CONNECTION: Duration = Duration::from_secs(15 * 60);
/// Largest answer to a peer that catches up: one block of the largest size, or several smaller ones.
pub const ANSWER_BYTES_MAX: usize = 110 << 20;
/// Requests for blocks say two heights.
const REQUEST_BYTES_MAX: usize = 1 << 10;
pub const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Requests of ours that may be under way.
pub const PARALLEL_REQUESTS: usize = 5;
/// Largest message to all: a part of a block, or transactions.
const MESSAGE_BYTES_MAX: usize = 4 << 20;
/// Votes and proposals are far smaller, certificates of many validators are not.
const CONSENSUS_BYTES_MAX: usize = 64 << 10;
const LIVENESS_BYTES_MAX: usize = 2 << 20;
/// A part is 64 KiB with a few numbers around it.
const PART_BYTES_MAX: usize = 66 << 10;

/// Who this node is on the network, and whom it stays connected with.
pub struct Network {
    pub moniker: String,
    pub listen: SocketAddr,
    pub persistent_peers: Vec<String>,
    pub node_key: SigningKey,
    /// Finding further peers through those that are known.
    pub discovery: bool,
}

impl Network {
    pub fn listen_address(&self) -> String {
        let protocol = if self.listen.is_ipv4() { "ip4" } else { "ip6" };
        format!("/{protocol}/{}/tcp/{}", self.listen.ip(), self.listen.port())
    }

    fn peers(&self) -> Result<Vec<Multiaddr>, EngineError> {
        let parse = |peer: &String| {
            let bad = |error| EngineError::Peer { peer: peer.clone(), reason: format!("{error}") };
            peer.parse::<Multiaddr>().map_err(bad)
        };
        self.persistent_peers.iter().map(parse).collect()
    }

    pub fn config(&self) -> Result<Config, EngineError> {
        let listen = self.listen_address();
        let listen_addr = listen.parse().map_err(|error| EngineError::Start(format!("{listen}: {error}")))?;
        let discovery = DiscoveryConfig {
            enabled: self.discovery,
            max_connections_per_ip: CONNECTIONS_PER_ADDRESS,
            ip_throttle_duration: Duration::from_millis(1),
            ..DiscoveryConfig::default()
        };
        Ok(Config {
            listen_addr,
            persistent_peers: self.peers()?,
            persistent_peers_only: false,
            discovery,
            idle_connection_timeout: IDLE_CONNECTION,
            transport: TransportProtocol::Tcp,
            gossipsub: GossipSubConfig::default(),
            pubsub_protocol: PubSubProtocol::GossipSub,
            channel_names: ChannelNames::default(),
            rpc_max_size: ANSWER_BYTES_MAX,
            pubsub_max_size: MESSAGE_BYTES_MAX,
            pubsub_max_size_per_topic: PubSubMaxSizePerTopic {
                consensus: Some(CONSENSUS_BYTES_MAX),
                proposal_parts: Some(PART_BYTES_MAX),
                liveness: Some(LIVENESS_BYTES_MAX),
            },
            sync_request_timeout: ANSWER_WITHIN,
            sync_max_request_size: REQUEST_BYTES_MAX,
            sync_parallel_requests: PARALLEL_REQUESTS,
            enable_consensus: true,
            enable_sync: true,
            protocol_names: ProtocolNames::default(),
        })
    }

    /// The network key names the node; that it belongs to a validator is proved by the consensus key.
    pub async fn identity(&self, me: Address, signer: &BlockSigner) -> Result<NetworkIdentity, EngineError> {
        let failed = |error: &dyn std::fmt::Display| EngineError::Start(error.to_string());
        let key = Keypair::ed25519_from_bytes(self.node_key.to_bytes()).map_err(|error| failed(&error))?;
        let peer_id = key.public().to_peer_id().to_bytes();
        let public_key = signer.public_key().to_vec();
        let proof = signer.sign_validator_proof(public_key, peer_id).await.map_err(|error| failed(&error))?;
        let proof = NodeCodec.encode(&proof).map_err(|error| failed(&error))?;
        Ok(NetworkIdentity::new_validator(self.moniker.clone(), key, me.to_string(), proof))
    }
}
