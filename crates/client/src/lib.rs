//! What any outsider's tool needs to use the network. Speaks the wire alone and knows nothing of chain or provider
//! code, so it can be tested against other implementations, and ours against others.
//!
//! - [`Client`] asks: typed queries over gRPC ([`query`]), status, blocks and transactions over JSON-RPC ([`rpc`]).
//! - [`Sender`] changes: simulates, signs, broadcasts, confirms by hash; [`terms`] says at what price.
//! - [`Follower`] listens: every block's events in order, without gaps, across lost connections.
//! - [`Keyring`] keeps keys in a folder, [`offline`] signs and checks transactions without a network.
//! - [`gateway`] talks to a provider, [`deploy`] takes an SDL file to a URL.
//!
//! Every call has a time limit. An answer that did not come is [`ClientError::is_unknown`]: it says nothing about the
//! chain, and callers must not act as if it did.

pub mod deploy;
pub mod error;
pub mod events;
pub mod gateway;
pub mod keyring;
pub mod offline;
pub mod query;
pub mod rpc;
pub mod sender;
pub mod terms;

use std::time::Duration;

pub use error::ClientError;
pub use events::{BlockEvents, Event, Follower};
pub use keyring::{Key, Keyring};
pub use rpc::{Broadcast, Rpc, Status, TxResult};
pub use sender::{SendOptions, Sender};
pub use terms::{Fee, Gas, Terms};
use tonic::transport::{Channel, Endpoint};

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const CALL_LIMIT: Duration = Duration::from_secs(15);

/// Where a node listens, as URLs (`http://127.0.0.1:26657`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    pub rpc: String,
    /// Empty when only JSON-RPC can be reached; queries go through it then.
    pub grpc: String,
}

/// A node as seen from outside. Cheap to clone; connects when first asked and again after a loss.
#[derive(Debug, Clone)]
pub struct Client {
    rpc: Rpc,
    grpc: Option<Channel>,
    endpoints: Endpoints,
}

impl Client {
    /// Takes note of the endpoints; nothing is sent yet.
    ///
    /// # Errors
    /// When an endpoint is no URL.
    pub fn new(endpoints: Endpoints) -> Result<Self, ClientError> {
        let malformed = |reason: String| ClientError::Endpoint { endpoint: endpoints.grpc.clone(), reason };
        let connect = |url: &String| -> Result<Channel, ClientError> {
            let endpoint = Endpoint::from_shared(url.clone()).map_err(|error| malformed(error.to_string()))?;
            Ok(endpoint.connect_timeout(CONNECT_LIMIT).timeout(CALL_LIMIT).connect_lazy())
        };
        let grpc = (!endpoints.grpc.is_empty()).then(|| connect(&endpoints.grpc)).transpose()?;
        Ok(Self { rpc: Rpc::new(&endpoints.rpc)?, grpc, endpoints })
    }

    /// A node of which only JSON-RPC is known.
    ///
    /// # Errors
    /// When the endpoint is no URL.
    pub fn over_rpc(url: &str) -> Result<Self, ClientError> {
        Self::new(Endpoints { rpc: url.to_owned(), grpc: String::new() })
    }

    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The JSON-RPC side.
    #[must_use]
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }
}
