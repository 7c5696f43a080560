//! REST on port 1317: every `google.api.http` route of the descriptors, as the original's gateway serves it.
//!
//! No route is written out. At start [`routes`] reads each method's annotation; a request is matched ([`template`]),
//! its path, query and body become the method's request message ([`request`]), the same dispatch as gRPC's answers it
//! (`services::call`), and the answer is written in the node's JSON ([`answer`]). What nobody serves gives 501.
//!
//! Beside the routes: `/health`, the OpenAPI document of all that is served at `/openapi.json` ([`openapi`]), and a
//! page to read it at `/` and `/swagger/` that loads nothing from elsewhere.
//!
//! Body, waiting time and calls at a time are bounded. Not known here: what any message means.

mod answer;
mod openapi;
pub(crate) mod request;
pub(crate) mod routes;
mod template;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::time::timeout;

use self::answer::{Failure, height_of};
use self::request::Parts;
use self::routes::{Matched, Routes};
use crate::health;
use crate::server_state::ServerState;

/// Else a few slow clients would hold all connections.
const BODY_WITHIN: Duration = Duration::from_secs(10);
/// A call and its waiting for a worker.
const CALL_WITHIN: Duration = Duration::from_secs(60);
const PAGE: &str = include_str!("page.html");
/// The page may ask this node and run its own script, nothing else.
const PAGE_MAY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'";

#[derive(Clone)]
struct Rest {
    state: Arc<ServerState>,
    routes: Arc<Routes>,
    /// Made when somebody asks for the first time.
    document: Arc<OnceLock<String>>,
}

pub fn router(state: Arc<ServerState>) -> Router {
    let rest = Rest { state: state.clone(), routes: Arc::new(Routes::new()), document: Arc::default() };
    Router::new()
        .route("/", get(page))
        .route("/swagger", get(page))
        .route("/swagger/", get(page))
        .route("/openapi.json", get(document))
        .with_state(rest.clone())
        .merge(Router::new().route("/health", get(health::answer)).with_state(state))
        .fallback(call)
        .with_state(rest)
}

async fn page() -> Response {
    ([(header::CONTENT_SECURITY_POLICY, PAGE_MAY)], Html(PAGE)).into_response()
}

async fn document(State(rest): State<Rest>) -> Response {
    let making = rest.clone();
    let make = move || {
        let view = making.state.snapshot().view;
        let text = || openapi::document(&making.routes, |path| crate::services::serves(&view, path)).to_string();
        making.document.get_or_init(text).clone()
    };
    match rest.state.work.call(make).await {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(_) => Failure::panicked().into_response(),
    }
}

async fn call(State(rest): State<Rest>, request: Request) -> Response {
    match timeout(CALL_WITHIN, answer_call(&rest, request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(failure)) => failure.into_response(),
        Err(_) => Failure::too_late().into_response(),
    }
}

async fn answer_call(rest: &Rest, request: Request) -> Result<Response, Failure> {
    let (head, body) = request.into_parts();
    let method = if head.method == Method::HEAD { Method::GET } else { head.method };
    let view = rest.state.snapshot().view;
    let is_served = |path: &str| crate::services::serves(&view, path);
    let found = rest.routes.find(&method, head.uri.path(), is_served);
    let Matched { route, variables } = found.ok_or_else(Failure::unknown_route)?;
    if !is_served(&route.path) {
        return Err(Failure::not_served(&route.path));
    }
    let height = height_of(&head.headers)?;
    let body_max = rest.state.config.rest.body_bytes_max;
    let body = match timeout(BODY_WITHIN, to_bytes(body, body_max)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return Err(Failure::body_too_large(body_max)),
        Err(_) => return Err(Failure::too_late()),
    };
    let query = head.uri.query().unwrap_or_default().to_owned();
    let state = rest.state.clone();
    let path = route.path.clone();
    let work = move || {
        let message = request::message(&route, &Parts { variables: &variables, query: &query, body: &body })?;
        let answer = crate::services::call(&state, &route.path, &message, height)?;
        answer::encode(&route, &answer)
    };
    crate::services::run(&rest.state.work, &path, work).await.map_err(|_| Failure::panicked())?
}

/// Where a page or a proxy says which height it means.
fn header_text<'a>(headers: &'a HeaderMap, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| headers.get(*name)).map(|value| value.to_str().unwrap_or_default())
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, "application/json")], self.body()).into_response()
    }
}
