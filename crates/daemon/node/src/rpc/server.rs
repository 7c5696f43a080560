//! HTTP: what is asked, in which form, and how the answer is dressed.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method as HttpMethod, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::Value;
use tokio::time::timeout;

use super::envelope::{self, Failure, Id};
use super::methods::{METHODS, Method};
use super::params::{Args, pairs};
use super::websocket;
use crate::server_state::ServerState;

/// Else a few slow clients would hold all connections.
const BODY_WITHIN: Duration = Duration::from_secs(10);

pub fn router(state: Arc<ServerState>) -> Router {
    Router::new().route("/websocket", any(upgrade)).fallback(any(answer_http)).with_state(state)
}

async fn upgrade(State(state): State<Arc<ServerState>>, socket: WebSocketUpgrade) -> Response {
    socket.max_message_size(state.config.rpc.body_bytes_max).on_upgrade(move |socket| websocket::serve(socket, state))
}

async fn answer_http(State(state): State<Arc<ServerState>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().trim_start_matches('/').to_string();
    let query = parts.uri.query().unwrap_or_default().to_string();
    let Ok(body) = timeout(BODY_WITHIN, to_bytes(body, state.config.rpc.body_bytes_max)).await else {
        return with_time(StatusCode::REQUEST_TIMEOUT.into_response());
    };
    let Ok(body) = body else {
        let failure = Failure::invalid_request("error reading request body: http: request body too large");
        return json(StatusCode::BAD_REQUEST, &envelope::answer(&Id::Unknown, Err(failure)), false);
    };
    if path.is_empty() && body.is_empty() {
        return list_of_methods(&parts.headers);
    }
    if path.is_empty() {
        return answer_post(&state, &body).await;
    }
    let mut given = pairs(&query);
    if parts.method == HttpMethod::POST {
        given.extend(pairs(&String::from_utf8_lossy(&body)));
    }
    answer_uri(&state, &path, &given).await
}

/// One answer and what it says about the whole reply.
struct Reply {
    value: Value,
    status: StatusCode,
    may_cache: bool,
}

impl Reply {
    fn failed(id: &Id, failure: Failure, status: StatusCode) -> Self {
        Self { value: envelope::answer(id, Err(failure)), status, may_cache: false }
    }
}

async fn answer_post(state: &Arc<ServerState>, body: &Bytes) -> Response {
    let unreadable = |failure| {
        let reply = Reply::failed(&Id::Unknown, failure, StatusCode::INTERNAL_SERVER_ERROR);
        json(reply.status, &reply.value, false)
    };
    let parsed: Value = match serde_json::from_slice(body) {
        Ok(parsed) => parsed,
        Err(error) => return unreadable(Failure::parse(format!("error unmarshaling request: {error}"))),
    };
    let calls = match parsed {
        Value::Array(calls) => calls,
        call => vec![call],
    };
    let batch_max = state.config.rpc.batch_max;
    if calls.len() > batch_max {
        let text = format!("batch request exceeds maximum ({batch_max}) allowed number of requests");
        return json(StatusCode::OK, &envelope::answer(&Id::Unknown, Err(Failure::invalid_request(text))), false);
    }
    let requests: Result<Vec<_>, _> = calls.into_iter().map(envelope::read).collect();
    let requests = match requests {
        Ok(requests) => requests,
        Err(failure) => return unreadable(failure),
    };
    let mut replies = Vec::new();
    for request in requests.into_iter().flatten() {
        replies.push(answer_call(state, request).await);
    }
    let may_cache = !replies.is_empty() && replies.iter().all(|reply| reply.may_cache);
    let status = replies.iter().map(|reply| reply.status).max().unwrap_or(StatusCode::OK);
    let mut values: Vec<_> = replies.into_iter().map(|reply| reply.value).collect();
    match values.len() {
        0 => with_time(StatusCode::OK.into_response()),
        // PARITY: a batch with one answer is answered by a bare object.
        1 => json(status, &values.remove(0), may_cache),
        _ => json(status, &Value::Array(values), may_cache),
    }
}

async fn answer_call(state: &Arc<ServerState>, request: envelope::Request) -> Reply {
    let id = &request.id;
    let Some(method) = Method::find(&request.method).filter(|method| !method.is_subscription()) else {
        return Reply::failed(id, Failure::method_not_found(), StatusCode::OK);
    };
    let args = match Args::from_json(method.spec, &request.params) {
        Ok(args) => args,
        Err(text) => {
            let text = format!("error converting json params to arguments: {text}");
            return Reply::failed(id, Failure::invalid_params(text), StatusCode::OK);
        }
    };
    let may_cache = method.may_cache(&args);
    match method.call(state, args).await {
        Some(Ok(result)) => Reply { value: envelope::answer(id, Ok(result)), status: StatusCode::OK, may_cache },
        Some(Err(text)) => Reply::failed(id, Failure::internal(text), StatusCode::OK),
        None => crashed(method),
    }
}

fn crashed(method: &Method) -> Reply {
    let failure = Failure::internal(format!("{} panicked", method.name));
    Reply::failed(&Id::none(), failure, StatusCode::INTERNAL_SERVER_ERROR)
}

async fn answer_uri(state: &Arc<ServerState>, path: &str, given: &[(String, String)]) -> Response {
    let id = Id::none();
    let Some(method) = Method::find(path) else {
        return with_time((StatusCode::NOT_FOUND, "404 page not found\n").into_response());
    };
    let reply = if method.is_subscription() {
        Reply::failed(&id, Failure::method_not_found(), StatusCode::NOT_FOUND)
    } else {
        match Args::from_uri(method.spec, given) {
            Err(text) => {
                let text = format!("error converting http params to arguments: {text}");
                Reply::failed(&id, Failure::invalid_params(text), StatusCode::INTERNAL_SERVER_ERROR)
            }
            Ok(args) => {
                let may_cache = method.may_cache(&args);
                match method.call(state, args).await {
                    Some(Ok(result)) => {
                        Reply { value: envelope::answer(&id, Ok(result)), status: StatusCode::OK, may_cache }
                    }
                    Some(Err(text)) => Reply::failed(&id, Failure::internal(text), StatusCode::INTERNAL_SERVER_ERROR),
                    None => crashed(method),
                }
            }
        }
    };
    json(reply.status, &reply.value, reply.may_cache)
}

fn json(status: StatusCode, value: &Value, may_cache: bool) -> Response {
    let mut response = (status, value.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if may_cache {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    }
    with_time(response)
}

fn with_time(mut response: Response) -> Response {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    response.headers_mut().insert(HeaderName::from_static("x-server-time"), HeaderValue::from(seconds));
    response
}

/// The page at `/`: every method as a link with its parameters.
fn list_of_methods(headers: &HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let host: String = host.chars().filter(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(*c)).collect();
    let mut page = String::from("<html><body><br>Available endpoints:<br>");
    for method in METHODS {
        let arguments: Vec<_> = method.spec.iter().map(|(name, _)| format!("{name}=_")).collect();
        let question = if arguments.is_empty() { "" } else { "?" };
        let link = format!("//{host}/{}{question}{}", method.name, arguments.join("&"));
        page.push_str(&format!("<a href=\"{link}\">{link}</a></br>"));
    }
    page.push_str("</body></html>");
    with_time(axum::response::Html(page).into_response())
}
