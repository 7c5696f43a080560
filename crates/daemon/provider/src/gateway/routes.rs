//! The routes, and how failures look on the wire.

use std::sync::Arc;
use std::time::Duration;

use akash_cluster::ClusterError;
use akash_types::address::Address;
use akash_types::id::{DeploymentId, LeaseId};
use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use serde_json::json;
use tokio::sync::Semaphore;
use tower::ServiceBuilder;

use super::identity::{Identities, NotConfirmed, Presented};
use super::{pages, stream};
use crate::core::Core;
use crate::manifest::accept::Rejection;

/// A manifest is text written by people; a megabyte is a very large one.
const MAX_BODY_BYTES: usize = 1 << 20;
/// The field's limit for a manifest; everything else is faster.
const REQUEST: Duration = Duration::from_secs(120);
const MAX_STREAMS: usize = 256;

/// What all connections share.
pub struct Door {
    pub core: Arc<Core>,
    pub identities: Identities,
    pub streams: Arc<Semaphore>,
}

/// Whoever is at the other end of this connection.
#[derive(Clone)]
pub struct Visitor {
    pub door: Arc<Door>,
    presented: Option<Presented>,
}

impl Door {
    pub fn new(core: Arc<Core>) -> Self {
        Self { core, identities: Identities::default(), streams: Arc::new(Semaphore::new(MAX_STREAMS)) }
    }
}

impl Visitor {
    /// The confirmed owner of the client certificate.
    pub async fn owner(&self, headers: &HeaderMap) -> Result<Address, Failure> {
        if headers.contains_key(header::AUTHORIZATION) {
            let (status, why) = match self.presented {
                Some(_) => (StatusCode::BAD_REQUEST, "both a certificate and a token were given"),
                None => (StatusCode::UNAUTHORIZED, "tokens are not accepted by this provider"),
            };
            return Err(Failure::denied(status, why));
        }
        let presented = self.presented.as_ref();
        let presented = presented.ok_or_else(|| Failure::denied(StatusCode::UNAUTHORIZED, "no client certificate"))?;
        self.door.identities.confirm(&self.door.core, presented).await.map_err(|error| match error {
            NotConfirmed::Refused(why) => Failure::denied(StatusCode::UNAUTHORIZED, why),
            NotConfirmed::Unknown(error) => Failure::denied(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
        })
    }

    /// The visitor's own lease with us.
    pub async fn lease(&self, headers: &HeaderMap, path: LeasePath) -> Result<LeaseId, Failure> {
        let owner = self.owner(headers).await?;
        let (dseq, gseq, oseq) = (path.dseq, path.gseq, path.oseq);
        if dseq == 0 || gseq == 0 || oseq == 0 {
            return Err(Failure::text(StatusCode::BAD_REQUEST, "sequence numbers start at 1"));
        }
        let order = DeploymentId::new(owner, dseq).group(gseq).order(oseq);
        Ok(LeaseId::from(order.bid(self.door.core.address.clone())))
    }
}

#[derive(Clone, Copy, serde::Deserialize)]
pub struct LeasePath {
    pub dseq: u64,
    pub gseq: u32,
    pub oseq: u32,
}

pub fn router(door: Arc<Door>, presented: Option<Presented>) -> Router {
    let limits = ServiceBuilder::new()
        .layer(axum::error_handling::HandleErrorLayer::new(|_| async { StatusCode::GATEWAY_TIMEOUT }))
        .timeout(REQUEST);
    Router::new()
        .route("/version", get(pages::version))
        .route("/address", get(pages::address))
        .route("/status", get(pages::status))
        .route("/deployment/{dseq}/manifest", put(pages::put_manifest))
        .route("/lease/{dseq}/{gseq}/{oseq}/manifest", get(pages::manifest))
        .route("/lease/{dseq}/{gseq}/{oseq}/status", get(pages::lease_status))
        .route("/lease/{dseq}/{gseq}/{oseq}/service/{name}/status", get(pages::service_status))
        .route("/lease/{dseq}/{gseq}/{oseq}/logs", get(stream::logs))
        .route("/lease/{dseq}/{gseq}/{oseq}/kubeevents", get(stream::events))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(limits)
        .layer(Extension(Visitor { door, presented }))
}

/// A refusal on the wire: text for what went wrong with the cluster, JSON for what went wrong with the visitor.
pub enum Failure {
    Text(StatusCode, String),
    Denied(StatusCode, String),
}

impl Failure {
    pub fn text(status: StatusCode, why: impl Into<String>) -> Self {
        Self::Text(status, why.into())
    }

    pub fn denied(status: StatusCode, why: impl Into<String>) -> Self {
        Self::Denied(status, why.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Text(status, text) => (status, text).into_response(),
            Self::Denied(status, message) => (status, Json(json!({ "message": message }))).into_response(),
        }
    }
}

impl From<ClusterError> for Failure {
    fn from(error: ClusterError) -> Self {
        let status = match error {
            ClusterError::NotFound(_) => StatusCode::NOT_FOUND,
            ClusterError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            ClusterError::Invalid(_) | ClusterError::Conflict(_) | ClusterError::Unsupported(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        Self::text(status, error.to_string())
    }
}

impl From<Rejection> for Failure {
    fn from(error: Rejection) -> Self {
        let status = match error {
            Rejection::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Rejection::NoLease(_) => StatusCode::NOT_FOUND,
            Rejection::Unknown(_) => StatusCode::SERVICE_UNAVAILABLE,
            Rejection::Disk(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::text(status, error.to_string())
    }
}
