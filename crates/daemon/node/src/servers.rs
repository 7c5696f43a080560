//! The servers of one node: their sockets, and starting them.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::config::NodeConfig;
use crate::error::NodeError;
use crate::front::{self, Front, Speaks};
use crate::metrics::{self, Surface};
use crate::server_state::ServerState;
use crate::{grpc, rest, rpc};

/// Scrapers and health checks are few.
const METRICS_CONNECTIONS_MAX: usize = 50;

/// Sockets are taken first: a port in use shows before anything is written.
pub struct Listeners {
    rpc: Option<TcpListener>,
    grpc: Option<TcpListener>,
    rest: Option<TcpListener>,
    metrics: Option<TcpListener>,
}

/// Where each server listens, if it does.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    pub rpc: Option<SocketAddr>,
    pub grpc: Option<SocketAddr>,
    pub rest: Option<SocketAddr>,
    pub metrics: Option<SocketAddr>,
}

pub async fn bind(service: &'static str, address: SocketAddr) -> Result<TcpListener, NodeError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => NodeError::PortInUse { service, address },
        _ => NodeError::Listen { service, address, source },
    })
}

async fn bind_some(service: &'static str, address: Option<SocketAddr>) -> Result<Option<TcpListener>, NodeError> {
    match address {
        Some(address) => bind(service, address).await.map(Some),
        None => Ok(None),
    }
}

impl Listeners {
    pub async fn bind(config: &NodeConfig) -> Result<Self, NodeError> {
        Ok(Self {
            rpc: bind_some("rpc", config.rpc.address).await?,
            grpc: bind_some("grpc", config.grpc.address).await?,
            rest: bind_some("rest", config.rest.address).await?,
            metrics: bind_some("metrics", config.metrics.address).await?,
        })
    }

    pub fn addresses(&self) -> Addresses {
        let address = |listener: &Option<TcpListener>| listener.as_ref().and_then(|one| one.local_addr().ok());
        Addresses {
            rpc: address(&self.rpc),
            grpc: address(&self.grpc),
            rest: address(&self.rest),
            metrics: address(&self.metrics),
        }
    }

    /// All that have a socket, and the counting of blocks.
    pub fn serve(self, state: &Arc<ServerState>) -> Vec<JoinHandle<()>> {
        let mut tasks = vec![tokio::spawn(metrics::follow(state.clone()))];
        let mut start = |listener: Option<TcpListener>, router: fn(Arc<ServerState>) -> Router, front: Front| {
            if let Some(listener) = listener {
                let router = router(state.clone());
                tasks.push(tokio::spawn(front::serve(listener, router, front, state.stopping.clone())));
            }
        };
        let front = |name, speaks, connections_max, connections_per_ip_max, cors_origins: &[String]| Front {
            surface: Surface::new(name, state.figures.clone()),
            speaks,
            connections_max,
            connections_per_ip_max,
            cors_origins: cors_origins.to_vec(),
        };
        let (rpc, grpc, rest) = (&state.config.rpc, &state.config.grpc, &state.config.rest);
        let both = Speaks::Http1And2 { calls_max: grpc.calls_per_connection_max };
        let max = METRICS_CONNECTIONS_MAX;
        let one = Speaks::Http1;
        let of_rpc = front("rpc", one, rpc.connections_max, rpc.connections_per_ip_max, &rpc.cors_origins);
        start(self.rpc, rpc::router, of_rpc);
        let of_grpc = front("grpc", both, grpc.connections_max, grpc.connections_per_ip_max, &grpc.cors_origins);
        start(self.grpc, grpc::router, of_grpc);
        let of_rest = front("rest", one, rest.connections_max, rest.connections_per_ip_max, &rest.cors_origins);
        start(self.rest, rest::router, of_rest);
        start(self.metrics, metrics::router, front("metrics", one, max, max, &[]));
        tasks
    }
}
