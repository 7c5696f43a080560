//! Taking connections and speaking HTTP on them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

use super::places::{Place, Places};
use super::stream::Guarded;
use crate::metrics::Surface;
use crate::stop::Stopping;

const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// Longest head of a request.
const HEAD_BYTES_MAX: usize = 64 << 10;
const PING_EVERY: Duration = Duration::from_secs(30);
const PONG_WITHIN: Duration = Duration::from_secs(20);
/// After an accept failed, for example because files ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Which versions of HTTP a surface speaks.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Speaks {
    Http1,
    /// Both on one port; with the calls at a time that one connection may have.
    Http1And2 {
        calls_max: u32,
    },
}

/// How a surface is served.
pub struct Front {
    pub surface: Surface,
    pub speaks: Speaks,
    pub connections_max: usize,
    pub connections_per_ip_max: usize,
    pub cors_origins: Vec<String>,
}

/// Serves until the node stops.
pub async fn serve(listener: TcpListener, router: Router, front: Front, mut stopping: Stopping) {
    let places = Places::new(front.connections_max, front.connections_per_ip_max);
    let name = front.surface.name();
    let router = match super::cors(&front.cors_origins) {
        Some(cors) => router.layer(cors),
        None => router,
    };
    let router = router.layer(from_fn_with_state(front.surface.clone(), count));
    loop {
        let accepted = tokio::select! {
            () = stopping.wait() => return,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok(Some((stream, place))) => {
                let serving = connection(stream, place, router.clone(), front.speaks, stopping.clone());
                let open = front.surface.connected();
                drop(tokio::spawn(async move {
                    serving.await;
                    drop(open);
                }));
            }
            Ok(None) => front.surface.refused(),
            Err(error) => {
                tracing::warn!(%error, surface = name, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Nothing when the client's address has too many connections already: this one is closed.
async fn accept(listener: &TcpListener, places: &Places) -> std::io::Result<Option<(TcpStream, Place)>> {
    let Some(permit) = places.free().await else { return std::future::pending().await };
    let (stream, address): (TcpStream, SocketAddr) = listener.accept().await?;
    // Small answers must not wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    Ok(places.take(permit, address.ip()).map(|place| (stream, place)))
}

async fn connection(stream: TcpStream, place: Place, router: Router, speaks: Speaks, mut stopping: Stopping) {
    let service =
        TowerToHyperService::new(router.map_request(|request: Request<hyper::body::Incoming>| request.map(Body::new)));
    let mut http = Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN).max_buf_size(HEAD_BYTES_MAX);
    let http = match speaks {
        Speaks::Http1 => http.http1_only(),
        Speaks::Http1And2 { calls_max } => {
            http.http2()
                .timer(TokioTimer::new())
                .max_concurrent_streams(calls_max)
                .max_header_list_size(HEAD_BYTES_MAX as u32)
                .keep_alive_interval(PING_EVERY)
                .keep_alive_timeout(PONG_WITHIN);
            http
        }
    };
    let io = TokioIo::new(Guarded::new(stream, place));
    tokio::select! {
        // An error is the client's: it went away, was too slow or spoke no HTTP.
        _ = http.serve_connection_with_upgrades(io, service) => {}
        () = stopping.wait() => {}
    }
}

async fn count(State(surface): State<Surface>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let response = next.run(request).await;
    surface.answered(response.status().as_u16(), begun.elapsed());
    response
}
