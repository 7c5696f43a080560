//! HTTP from the world to a lease's containers, by host name.
//!
//! **Purpose.** Accept, find the route, dial a replica from inside of its lease's network, stream both ways.
//!
//! **Invariants.** Everything a client or a tenant can stretch has a bound: connections, header size and time, body
//! size, the pause between two pieces. A request is repeated with another replica only before anything was sent to
//! the first. Hop-by-hop headers end here, and `X-Forwarded-*` are ours, whatever the client says. A tenant can stop
//! its own process: then its clients see 502 or 504, and nobody else notices.
//!
//! **What it does not know.** TLS, whether a lease is paid. Connections to replicas are not kept for a next request.

mod body;
mod headers;
mod pages;
mod proxy;
mod routes;

pub use routes::Routes;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// From all clients together. More wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 2048;
/// From the first byte to the last of a request's head; also how long an idle connection is kept.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_HEAD_BYTES: usize = 64 << 10;
const MAX_STREAMS: u32 = 64;
/// After a failure to accept, e.g. no free descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Until the future is dropped.
pub async fn serve(listener: TcpListener, routes: Arc<Routes>) {
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(permit) = connections.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let routes = routes.clone();
                tokio::spawn(async move {
                    serve_client(stream, routes).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the ingress cannot accept");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve_client(stream: TcpStream, routes: Arc<Routes>) {
    let Ok(client) = stream.peer_addr() else { return };
    let _ = stream.set_nodelay(true); // only a matter of speed
    let service = service_fn(move |request| {
        let routes = routes.clone();
        async move { Ok::<_, std::convert::Infallible>(proxy::handle(&routes, client.ip(), request).await) }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(MAX_HEAD_BYTES);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(MAX_STREAMS);
    builder.http2().max_header_list_size(MAX_HEAD_BYTES as u32);
    if let Err(error) = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await {
        tracing::debug!(%client, %error, "an ingress connection ended");
    }
}
