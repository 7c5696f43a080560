//! Port 26660: any path gives the metrics, `/health` whether the node is well.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::health;
use crate::server_state::ServerState;

pub fn router(state: Arc<ServerState>) -> Router {
    Router::new().route("/health", get(health::answer)).fallback(get(metrics)).with_state(state)
}

async fn metrics(State(state): State<Arc<ServerState>>) -> Response {
    let text = state.figures.text(&state);
    ([(CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response()
}

/// What the process uses.
pub struct Usage {
    pub resident_bytes: i64,
    pub cpu_seconds: f64,
}

/// From `/proc`; nothing where there is none.
pub fn usage() -> Option<Usage> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program may hold spaces, so fields are counted behind its bracket.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let ticks = number(11)? + number(12)?;
    let pages = i64::try_from(number(21)?).ok()?;
    let page_bytes = i64::try_from(rustix::param::page_size()).ok()?;
    Some(Usage {
        resident_bytes: pages * page_bytes,
        cpu_seconds: ticks as f64 / rustix::param::clock_ticks_per_second() as f64,
    })
}
