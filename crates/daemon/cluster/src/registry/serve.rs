//! The registry's few answers.

use super::builder::{Image, MANIFEST};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

#[derive(Default)]
struct Content {
    /// By `name:tag` and `name@digest`.
    manifests: HashMap<String, (String, Vec<u8>)>,
    blobs: HashMap<String, Vec<u8>>,
}

type Shared = Arc<RwLock<Content>>;

/// Serves until it is dropped.
pub struct Registry {
    address: SocketAddr,
    content: Shared,
    task: JoinHandle<()>,
}

impl Registry {
    /// `address` should be on loopback: anybody who can connect may read everything.
    pub async fn serve(address: SocketAddr, images: Vec<Image>) -> io::Result<Registry> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let content = Shared::default();
        let app = Router::new()
            .route("/v2/", get(|| async { "{}" }))
            .route("/v2/{name}/manifests/{reference}", get(manifest))
            .route("/v2/{name}/blobs/{digest}", get(blob))
            .with_state(content.clone());
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                tracing::warn!(%error, "the registry stopped");
            }
        });
        let registry = Registry { address, content, task };
        images.into_iter().for_each(|image| registry.add(image));
        Ok(registry)
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How the runtime names an image of this registry.
    #[must_use]
    pub fn reference(&self, image: &Image) -> String {
        format!("{}/{}:{}", self.address, image.name, image.tag)
    }

    pub fn add(&self, image: Image) {
        let mut content = self.content.write().unwrap_or_else(PoisonError::into_inner);
        let manifest = (image.manifest_digest.clone(), image.manifest);
        content.manifests.insert(format!("{}:{}", image.name, image.tag), manifest.clone());
        content.manifests.insert(format!("{}@{}", image.name, image.manifest_digest), manifest);
        content.blobs.extend(image.blobs);
    }

    /// Answer with other bytes for this digest, for tests of those who must notice.
    pub fn corrupt(&self, digest: &str, bytes: Vec<u8>) {
        self.content.write().unwrap_or_else(PoisonError::into_inner).blobs.insert(digest.to_owned(), bytes);
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn manifest(State(content): State<Shared>, Path((name, reference)): Path<(String, String)>) -> Response {
    let separator = if reference.starts_with("sha256:") { '@' } else { ':' };
    let content = content.read().unwrap_or_else(PoisonError::into_inner);
    match content.manifests.get(&format!("{name}{separator}{reference}")) {
        Some((digest, bytes)) => found(MANIFEST, digest, bytes.clone()),
        None => missing("MANIFEST_UNKNOWN"),
    }
}

async fn blob(State(content): State<Shared>, Path((_, digest)): Path<(String, String)>) -> Response {
    let content = content.read().unwrap_or_else(PoisonError::into_inner);
    match content.blobs.get(&digest) {
        Some(bytes) => found("application/octet-stream", &digest, bytes.clone()),
        None => missing("BLOB_UNKNOWN"),
    }
}

fn found(media_type: &str, digest: &str, bytes: Vec<u8>) -> Response {
    let headers = [(header::CONTENT_TYPE.as_str(), media_type), ("docker-content-digest", digest)];
    (headers, Body::from(bytes)).into_response()
}

fn missing(code: &str) -> Response {
    let text = format!(r#"{{"errors":[{{"code":"{code}","message":"not here"}}]}}"#);
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}
