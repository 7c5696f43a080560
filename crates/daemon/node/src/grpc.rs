//! gRPC on port 9090: any unary method that the services or the application know, by path and raw bytes.
//!
//! No method is written out here. The header `x-cosmos-block-height` chooses the height of the state; the answer says
//! which one it was. Not served: reflection and gRPC-web.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use akash_kernel::{GrpcCode, QueryError};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use bytes::{Buf as _, BufMut as _};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::server::{Grpc, UnaryService};
use tonic::{Code, Request, Response, Status};

use crate::server_state::ServerState;
use crate::services;

const HEIGHT_HEADER: &str = "x-cosmos-block-height";
const MESSAGE_BYTES_MAX: usize = 10 << 20;
const CALLS_PER_CONNECTION_MAX: usize = 64;
const CALL_WITHIN: Duration = Duration::from_secs(60);
const KEEPALIVE_EVERY: Duration = Duration::from_secs(30);

/// Serves until the node stops.
pub async fn serve(listener: TcpListener, state: Arc<ServerState>) {
    let mut stopping = state.stopping.clone();
    let router = Router::new().fallback(answer).with_state(state);
    let stopped = async move { stopping.wait().await };
    let served = tonic::transport::Server::builder()
        .concurrency_limit_per_connection(CALLS_PER_CONNECTION_MAX)
        .timeout(CALL_WITHIN)
        .http2_keepalive_interval(Some(KEEPALIVE_EVERY))
        .add_routes(tonic::service::Routes::from(router))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stopped)
        .await;
    if let Err(error) = served {
        tracing::warn!(%error, "the gRPC server ended");
    }
}

async fn answer(
    State(state): State<Arc<ServerState>>,
    request: axum::http::Request<Body>,
) -> axum::http::Response<tonic::body::Body> {
    let path = request.uri().path().to_string();
    let mut grpc = Grpc::new(RawCodec).max_decoding_message_size(MESSAGE_BYTES_MAX);
    grpc.unary(Call { state, path }, request).await
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
            let call = move || services::call(&state, &path, &data, height);
            let answer = match tokio::task::spawn_blocking(call).await {
                Ok(answer) => answer.map_err(status)?,
                Err(error) => return Err(Status::internal(error.to_string())),
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

/// Messages are bytes on both sides: whoever answers a path knows its types.
#[derive(Copy, Clone, Default)]
struct RawCodec;

impl Codec for RawCodec {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for RawCodec {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for RawCodec {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut bytes = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut bytes);
        Ok(Some(bytes))
    }
}
