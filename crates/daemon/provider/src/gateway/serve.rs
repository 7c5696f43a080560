//! The listener: bounded connections, a TLS handshake with a time limit, then HTTP/1.1 with upgrades.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::identity::Presented;
use super::routes::{self, Door};
use super::tls::{self, TlsError};
use crate::core::Core;

const MAX_CONNECTIONS: usize = 1024;
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Also how long an idle connection is kept.
const HEADERS: Duration = Duration::from_secs(30);
const MAX_HEADERS: usize = 64;
const READ_BUFFER_BYTES: usize = 64 * 1024;
/// After the listener itself failed: no descriptors left, usually.
const PAUSE: Duration = Duration::from_millis(200);

/// A gateway that listens; it serves once it runs.
pub struct Gateway {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    door: Arc<Door>,
}

#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("cannot listen on {address}: {error}")]
    Listen { address: SocketAddr, error: std::io::Error },
}

impl Gateway {
    pub async fn bind(core: Arc<Core>) -> Result<Self, GatewayError> {
        let config = tls::server_config(&core.config.certificate)?;
        let address = core.config.gateway;
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|error| GatewayError::Listen { address, error })?;
        let door = Arc::new(Door::new(core));
        Ok(Self { listener, acceptor: TlsAcceptor::from(Arc::new(config)), door })
    }

    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until cancelled; then every connection is dropped.
    pub async fn run(self, stop: CancellationToken) {
        let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(PAUSE).await;
                    continue;
                }
            };
            let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else { continue }; // full: closed at once
            let (acceptor, door, stop) = (self.acceptor.clone(), Arc::clone(&self.door), stop.clone());
            connections.spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = serve(stream, acceptor, door) => {}
                }
                drop(slot);
            });
        }
        connections.close();
        connections.wait().await;
    }
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, door: Arc<Door>) {
    let _ = stream.set_nodelay(true); // a slower connection is still a connection
    let stream = match timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::debug!(%error, "a handshake failed");
            return;
        }
        Err(_) => return,
    };
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let presented = certificate.and_then(|certificate| Presented::read(certificate, Core::now()).ok());
    let service = TowerToHyperService::new(routes::router(door, presented));
    let mut http = Builder::new(TokioExecutor::new()).http1_only();
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_headers(MAX_HEADERS)
        .max_buf_size(READ_BUFFER_BYTES);
    if let Err(error) = http.serve_connection_with_upgrades(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection ended");
    }
}
