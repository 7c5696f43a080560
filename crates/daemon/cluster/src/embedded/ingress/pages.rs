//! What a client reads when the ingress itself has to answer.

use super::body::{ProxyBody, full};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

pub fn page(status: StatusCode, text: &str) -> Response<ProxyBody> {
    let mut response = Response::new(full(format!("{status}\n\n{text}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

pub fn no_host() -> Response<ProxyBody> {
    page(StatusCode::BAD_REQUEST, "The request names no host, and this server finds services by host name.")
}

pub fn no_route(host: &str) -> Response<ProxyBody> {
    let host: String = host.chars().filter(|c| c.is_ascii_graphic()).take(253).collect();
    page(StatusCode::NOT_FOUND, &format!("No deployment here has the host name {host}."))
}

pub fn not_started() -> Response<ProxyBody> {
    page(StatusCode::SERVICE_UNAVAILABLE, "The deployment exists, and none of its containers runs at the moment.")
}

pub fn no_answer() -> Response<ProxyBody> {
    page(StatusCode::BAD_GATEWAY, "The deployment's containers do not accept connections on the exposed port.")
}

pub fn broken_answer() -> Response<ProxyBody> {
    page(StatusCode::BAD_GATEWAY, "The deployment's container did not give a valid answer.")
}

pub fn too_slow() -> Response<ProxyBody> {
    page(StatusCode::GATEWAY_TIMEOUT, "The deployment's container did not answer in time.")
}

pub fn too_large(limit_bytes: u64) -> Response<ProxyBody> {
    page(StatusCode::PAYLOAD_TOO_LARGE, &format!("The deployment accepts at most {limit_bytes} bytes in a request."))
}

pub fn not_a_proxy() -> Response<ProxyBody> {
    page(StatusCode::METHOD_NOT_ALLOWED, "This server does not connect to other servers.")
}
