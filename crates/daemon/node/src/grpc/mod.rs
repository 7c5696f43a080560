//! gRPC on port 9090: any unary method that the services or the application know, by path and raw bytes; over HTTP/2,
//! and as gRPC-web over both versions of HTTP.
//!
//! No method is written out here. The header `x-cosmos-block-height` chooses the height of the state; the answer says
//! which one it was. Reflection (v1 and v1alpha) names the services of which some method is served.
//!
//! Messages, calls at a time and the time of a call are bounded; a client may ask for less time by `grpc-timeout`.

mod codec;
mod reflection;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use akash_kernel::{GrpcCode, QueryError};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::server::{Grpc, UnaryService};
use tonic::{Code, Request, Response, Status};
use tonic_web::GrpcWebLayer;

use self::codec::RawCodec;
use crate::server_state::ServerState;
use crate::services;

const HEIGHT_HEADER: &str = "x-cosmos-block-height";
const TIMEOUT_HEADER: &str = "grpc-timeout";

pub fn router(state: Arc<ServerState>) -> Router {
    reflection::router(&state.snapshot().view).fallback(answer).with_state(state).layer(GrpcWebLayer::new())
}

async fn answer(
    State(state): State<Arc<ServerState>>,
    request: axum::http::Request<Body>,
) -> axum::http::Response<tonic::body::Body> {
    let path = request.uri().path().to_string();
    let mut grpc = Grpc::new(RawCodec).max_decoding_message_size(state.config.grpc.message_bytes_max);
    let given = request.headers().get(TIMEOUT_HEADER).and_then(|value| timeout_of(value.to_str().ok()?));
    let within = given.map_or(state.config.grpc.call_timeout, |given| given.min(state.config.grpc.call_timeout));
    // The body is read inside, so a client that sends its message slowly is bound by the same time.
    let answered = tokio::time::timeout(within, grpc.unary(Call { state, path }, request)).await;
    answered.unwrap_or_else(|_| Status::deadline_exceeded("the call took too long").into_http())
}

/// At most eight digits and a unit.
fn timeout_of(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count = digits.parse::<u32>().ok().filter(|_| digits.len() <= 8)?;
    let count = u64::from(count);
    Some(match unit {
        "H" => Duration::from_secs(count * 3_600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

struct Call {
    state: Arc<ServerState>,
    path: String,
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, Status>> + Send>>;

impl UnaryService<Vec<u8>> for Call {
    type Response = Vec<u8>;
    type Future = Answer;

    fn call(&mut self, request: Request<Vec<u8>>) -> Answer {
        let (state, path) = (self.state.clone(), self.path.clone());
        Box::pin(async move {
            let height = height_of(request.metadata())?;
            let data = request.into_inner();
            let (work, named) = (state.work.clone(), path.clone());
            let call = move || services::call(&state, &path, &data, height);
            let answer = match services::run(&work, &named, call).await {
                Ok(answer) => answer.map_err(status)?,
                Err(_) => return Err(Status::internal(format!("{named} panicked"))),
            };
            let mut response = Response::new(answer.value);
            response.metadata_mut().insert(HEIGHT_HEADER, MetadataValue::from(answer.height));
            Ok(response)
        })
    }
}

fn height_of(metadata: &MetadataMap) -> Result<i64, Status> {
    let Some(value) = metadata.get(HEIGHT_HEADER) else { return Ok(0) };
    let text = value.to_str().unwrap_or_default();
    text.parse().map_err(|_| {
        let what = format!("invalid height header \"{HEIGHT_HEADER}\": {text}");
        Status::unknown(format!("codespace sdk code 18: invalid request: Baseapp.RegisterGRPCServer: {what}"))
    })
}

fn status(error: QueryError) -> Status {
    let code = match error.grpc_code {
        GrpcCode::Unknown => Code::Unknown,
        GrpcCode::InvalidArgument => Code::InvalidArgument,
        GrpcCode::NotFound => Code::NotFound,
        GrpcCode::ResourceExhausted => Code::ResourceExhausted,
        GrpcCode::FailedPrecondition => Code::FailedPrecondition,
        GrpcCode::Unimplemented => Code::Unimplemented,
        GrpcCode::Internal => Code::Internal,
        GrpcCode::Unavailable => Code::Unavailable,
        GrpcCode::Unauthenticated => Code::Unauthenticated,
    };
    Status::new(code, error.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_have_units() {
        assert_eq!(timeout_of("100m"), Some(Duration::from_millis(100)));
        assert_eq!(timeout_of("2H"), Some(Duration::from_secs(7_200)));
        for text in ["", "S", "1", "123456789S", "-1S", "1x", "1é"] {
            assert_eq!(timeout_of(text), None, "{text}");
        }
    }
}
