//! Whether this node is well: `/health` of REST and of the metrics.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::server_state::ServerState;

/// 200 when the last block is recent and the node is caught up, else 503; the body says which of them is missing.
pub async fn answer(State(state): State<Arc<ServerState>>) -> Response {
    let age = state.block_age();
    let max = state.config.metrics.block_age_max;
    let status = match age {
        None => "no block yet",
        Some(_) if state.catching_up() => "catching up",
        Some(age) if !max.is_zero() && age > max => "no recent block",
        Some(_) => "ok",
    };
    let body = json!({
        "status": status,
        "height": state.snapshot().height.to_string(),
        "block_age_seconds": age.map(|age| age.as_secs()),
    });
    let code = if status == "ok" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(body)).into_response()
}
