//! What the plain routes do.

use akash_cluster::{LeaseStatus, Workload};
use akash_types::id::LeaseId;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answers::{self, LeaseAnswer, ServiceAnswer};
use super::routes::{Failure, LeasePath, Visitor};
use crate::manifest::accept;

#[derive(serde::Deserialize)]
pub struct ServicePath {
    dseq: u64,
    gseq: u32,
    oseq: u32,
    name: String,
}

pub async fn version(Extension(visitor): Extension<Visitor>) -> Json<Value> {
    Json(answers::version(&visitor.door.core))
}

pub async fn address(Extension(visitor): Extension<Visitor>) -> Json<Value> {
    Json(json!({ "address": visitor.door.core.address.to_string() }))
}

pub async fn status(Extension(visitor): Extension<Visitor>) -> Json<Value> {
    let core = &visitor.door.core;
    // A cluster that does not answer has an empty page: this one is for display.
    let deployed = core.cluster.deployments().await.unwrap_or_default();
    Json(answers::status(core, &deployed))
}

pub async fn put_manifest(
    Extension(visitor): Extension<Visitor>,
    Path(dseq): Path<u64>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Failure> {
    let owner = visitor.owner(&headers).await?;
    accept::accept(&visitor.door.core, &owner, dseq, &body).await?;
    Ok(StatusCode::OK)
}

pub async fn manifest(
    Extension(visitor): Extension<Visitor>,
    Path(path): Path<LeasePath>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let lease = visitor.lease(&headers, path).await?;
    let kept = visitor.door.core.manifests.get(&lease);
    let kept = kept.ok_or_else(|| Failure::text(StatusCode::NOT_FOUND, format!("no manifest for lease {lease}")))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], kept.text.clone()).into_response())
}

pub async fn lease_status(
    Extension(visitor): Extension<Visitor>,
    Path(path): Path<LeasePath>,
    headers: HeaderMap,
) -> Result<Json<LeaseAnswer>, Failure> {
    let lease = visitor.lease(&headers, path).await?;
    let core = &visitor.door.core;
    let status = match deployed(&visitor, &lease).await {
        Ok(status) => status,
        // The manifest is here, but nothing was deployed yet: say so, and why if it failed.
        Err(Failure::Text(StatusCode::NOT_FOUND, _)) if core.manifests.get(&lease).is_some() => LeaseStatus::default(),
        Err(failure) => return Err(failure),
    };
    Ok(Json(LeaseAnswer::new(&status, core.config.ingress_port, core.trouble(&lease))))
}

pub async fn service_status(
    Extension(visitor): Extension<Visitor>,
    Path(path): Path<ServicePath>,
    headers: HeaderMap,
) -> Result<Json<ServiceAnswer>, Failure> {
    let ServicePath { dseq, gseq, oseq, name } = path;
    let lease = visitor.lease(&headers, LeasePath { dseq, gseq, oseq }).await?;
    let status = deployed(&visitor, &lease).await?;
    let service = status.services.get(&name);
    let service = service.ok_or_else(|| Failure::text(StatusCode::NOT_FOUND, format!("no service {name}")))?;
    Ok(Json(ServiceAnswer::new(service, visitor.door.core.config.ingress_port)))
}

/// What runs. Until the last manifest that was taken in is deployed, none of it is up to date.
async fn deployed(visitor: &Visitor, lease: &LeaseId) -> Result<LeaseStatus, Failure> {
    let core = &visitor.door.core;
    let status = core.cluster.lease_status(lease).await?;
    let mut status =
        status.ok_or_else(|| Failure::text(StatusCode::NOT_FOUND, format!("lease {lease} is not deployed")))?;
    if let Some(kept) = core.manifests.get(lease) {
        let workloads = core.cluster.deployments().await?;
        let is_old = |workload: &Workload| workload.lease == *lease && workload.version_hash != kept.version;
        if workloads.iter().any(is_old) {
            status.services.values_mut().for_each(|service| service.updated_replicas = 0);
        }
    }
    Ok(status)
}
