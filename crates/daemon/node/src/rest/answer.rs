//! What comes back: the node's JSON, or an error as the original's gateway writes it.

use akash_kernel::{GrpcCode, QueryError};
use akash_types::json;
use axum::http::header;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use prost_reflect::DynamicMessage;

use super::header_text;
use super::routes::Route;
use crate::services::Answer;

const HEIGHT: &str = "x-cosmos-block-height";
const HEIGHT_OF_GATEWAY: &str = "grpc-metadata-x-cosmos-block-height";

/// An error of any kind, with gRPC's code and its HTTP status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub status: u16,
    pub code: i32,
    pub message: String,
}

const DEADLINE_EXCEEDED: i32 = 4;

impl Failure {
    fn new(code: GrpcCode, message: impl Into<String>) -> Self {
        Self { status: status_of(code), code: code as i32, message: message.into() }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(GrpcCode::InvalidArgument, message)
    }

    pub fn unknown_route() -> Self {
        Self::new(GrpcCode::Unimplemented, "Not Implemented")
    }

    pub fn not_served(path: &str) -> Self {
        Self::new(GrpcCode::Unimplemented, format!("{path} is not served by this node"))
    }

    pub fn body_too_large(max: usize) -> Self {
        Self { status: 413, ..Self::invalid(format!("the body is larger than {max} bytes")) }
    }

    pub fn too_late() -> Self {
        Self { status: 504, code: DEADLINE_EXCEEDED, message: "the call took too long".to_owned() }
    }

    pub fn panicked() -> Self {
        Self::new(GrpcCode::Internal, "the call panicked")
    }

    pub fn body(&self) -> String {
        serde_json::json!({"code": self.code, "message": self.message, "details": []}).to_string()
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        Self::new(error.grpc_code, error.text)
    }
}

/// As grpc-gateway maps them.
fn status_of(code: GrpcCode) -> u16 {
    match code {
        GrpcCode::InvalidArgument | GrpcCode::FailedPrecondition => 400,
        GrpcCode::Unauthenticated => 401,
        GrpcCode::NotFound => 404,
        GrpcCode::ResourceExhausted => 429,
        GrpcCode::Unknown | GrpcCode::Internal => 500,
        GrpcCode::Unimplemented => 501,
        GrpcCode::Unavailable => 503,
    }
}

/// The height that a client asks for; 0 is the latest.
pub fn height_of(headers: &HeaderMap) -> Result<i64, Failure> {
    let Some(text) = header_text(headers, &[HEIGHT, HEIGHT_OF_GATEWAY]) else { return Ok(0) };
    text.parse().map_err(|_| Failure::invalid(format!("invalid height header \"{HEIGHT}\": {text}")))
}

pub fn encode(route: &Route, answer: &Answer) -> Result<Response, Failure> {
    let message = DynamicMessage::decode(route.method.output(), answer.value.as_slice())
        .map_err(|error| Failure::new(GrpcCode::Internal, format!("the answer of {}: {error}", route.path)))?;
    let mut response = json::encode_text(&message).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for name in [HEIGHT, HEIGHT_OF_GATEWAY] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(answer.height));
    }
    Ok(response)
}
