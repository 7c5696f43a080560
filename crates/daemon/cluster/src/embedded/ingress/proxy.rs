//! One request, from the route to the last byte.

use super::body::{BodyError, Paced, ProxyBody};
use super::routes::{Route, Routes};
use super::{headers, pages};
use crate::embedded::net;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::HOST;
use hyper::http::uri::PathAndQuery;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, Uri, Version};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::net::{IpAddr, SocketAddrV4};
use std::time::Duration;
use tokio::net::TcpStream;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

pub async fn handle(routes: &Routes, client: IpAddr, request: Request<Incoming>) -> Response<ProxyBody> {
    if request.method() == Method::CONNECT {
        return pages::not_a_proxy();
    }
    let Some(authority) = authority(&request) else { return pages::no_host() };
    let host = host_name(&authority);
    let Some(route) = routes.find(&host) else { return pages::no_route(&host) };
    let limit = route.options.max_body_bytes;
    if limit > 0 && request.body().size_hint().lower() > limit {
        return pages::too_large(limit);
    }
    match dial(&route).await {
        Ok(stream) => forward(&route, stream, client, &authority, request).await,
        Err(page) => page,
    }
}

/// Of HTTP/2 from the request line, of HTTP/1 from the header.
fn authority(request: &Request<Incoming>) -> Option<String> {
    let line = request.uri().authority().map(|a| a.as_str());
    let header = || request.headers().get(HOST).and_then(|value| value.to_str().ok());
    line.or_else(header).map(str::to_owned)
}

fn host_name(authority: &str) -> String {
    let without_port = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    without_port.trim_end_matches('.').to_ascii_lowercase()
}

/// To the first replica that accepts; each request starts with another one.
async fn dial(route: &Route) -> Result<TcpStream, Response<ProxyBody>> {
    let router = route.lease.facts().router.clone().ok_or_else(pages::not_started)?;
    let mut backends = route.lease.backends(&route.service);
    if backends.is_empty() {
        return Err(pages::not_started());
    }
    let first = route.next_turn() % backends.len();
    backends.rotate_left(first);
    let tries = route.options.next_tries.max(1) as usize;
    for address in backends.into_iter().take(tries) {
        match net::connect(&router, SocketAddrV4::new(address, route.port), CONNECT_TIMEOUT).await {
            Ok(stream) => return Ok(stream),
            Err(error) => tracing::debug!(lease = %route.lease.id, %address, %error, "a replica does not accept"),
        }
    }
    Err(pages::no_answer())
}

async fn forward(
    route: &Route,
    stream: TcpStream,
    client: IpAddr,
    authority: &str,
    mut request: Request<Incoming>,
) -> Response<ProxyBody> {
    let _ = stream.set_nodelay(true); // only a matter of speed
    let Ok((mut sender, connection)) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await else {
        return pages::broken_answer();
    };
    tokio::spawn(connection.with_upgrades());
    let upgraded_client = hyper::upgrade::on(&mut request);
    let (outgoing, wants_upgrade) = outgoing(route, client, authority, request);
    let timeout = Duration::from_millis(route.options.read_timeout_ms.max(1).into());
    let mut response = match tokio::time::timeout(timeout, sender.send_request(outgoing)).await {
        Err(_) => return pages::too_slow(),
        Ok(Err(error)) if is_too_large(&error) => return pages::too_large(route.options.max_body_bytes),
        Ok(Err(error)) => {
            tracing::debug!(lease = %route.lease.id, %error, "no answer from a replica");
            return pages::broken_answer();
        }
        Ok(Ok(response)) => response,
    };
    let protocol = headers::strip_hop_by_hop(response.headers_mut());
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let (true, Some(protocol)) = (wants_upgrade, protocol) else { return pages::broken_answer() };
        tokio::spawn(splice(upgraded_client, hyper::upgrade::on(&mut response)));
        headers::set_upgrade(response.headers_mut(), protocol);
    }
    response.map(|body| Paced::new(body, timeout).boxed())
}

/// The request as the replica sees it.
fn outgoing(route: &Route, client: IpAddr, authority: &str, request: Request<Incoming>) -> (Request<ProxyBody>, bool) {
    let (mut head, body) = request.into_parts();
    let upgrade = headers::strip_hop_by_hop(&mut head.headers).filter(|_| head.version == Version::HTTP_11);
    headers::set_forwarded(&mut head.headers, client, authority);
    let wants_upgrade = upgrade.is_some();
    if let Some(protocol) = upgrade {
        headers::set_upgrade(&mut head.headers, protocol);
    }
    let path = head.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    head.uri = Uri::from(path);
    head.version = Version::HTTP_11;
    let pause = Duration::from_millis(route.options.send_timeout_ms.max(1).into());
    let limit = match route.options.max_body_bytes {
        0 => usize::MAX, // as in nginx: no limit
        limit => usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let body = Paced::new(Limited::new(body, limit), pause).boxed();
    (Request::from_parts(head, body), wants_upgrade)
}

fn is_too_large(error: &hyper::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// After a switch of protocols both sides are plain byte streams.
async fn splice(client: OnUpgrade, replica: OnUpgrade) -> Result<(), BodyError> {
    let (client, replica) = tokio::try_join!(client, replica)?;
    tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(replica)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_lose_their_port_case_and_final_dot() {
        for text in ["a.localhost", "A.Localhost:8080", "a.localhost.", "a.localhost.:80"] {
            assert_eq!(host_name(text), "a.localhost", "{text}");
        }
    }
}
