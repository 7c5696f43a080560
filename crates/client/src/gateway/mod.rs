//! Talks to a provider: manifest, lease status, logs, over mutual TLS with the certificates that both sides have on
//! chain.
//!
//! A connection is made only to a server that shows, byte for byte, a certificate that the provider has valid on
//! chain at that moment; no other root is trusted. Our own certificate is shown in turn ([`Identity`]).
//!
//! It knows what a gateway says, not what to do about it.

mod answers;
mod connection;
mod identity;
mod logs;

use akash_types::address::Address;
use akash_types::id::LeaseId;
use hyper::{Method, StatusCode};
use thiserror::Error;

pub use answers::{ForwardedPort, LeaseStatus, ServiceStatus};
pub use connection::GatewayClient;
pub use identity::Identity;
pub use logs::{LogLine, LogOptions};

use answers::{parse, refused};

use crate::{Client, ClientError};

#[derive(Debug, Error)]
pub enum GatewayError {
    /// No answer: what was asked for may or may not have happened.
    #[error("no answer from {endpoint}: {reason}")]
    Unreachable { endpoint: String, reason: String },
    #[error("{text} ({status})")]
    Refused { status: u16, text: String },
    #[error("an answer that cannot be read: {0}")]
    Malformed(String),
    #[error("provider {0} is not registered")]
    NotRegistered(Address),
    #[error("provider {0} has no valid certificate on chain")]
    NoCertificate(Address),
    #[error("the host of the provider, {0:?}, is not usable")]
    Host(String),
    #[error("the certificate in {path} is not usable: {reason}")]
    Identity { path: String, reason: String },
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl GatewayClient {
    /// The gateway of a provider, found by its record on chain.
    ///
    /// # Errors
    /// When the provider has no record or no valid certificate, or the chain gives no answer.
    pub async fn of_provider(client: &Client, provider: &Address, identity: &Identity) -> Result<Self, GatewayError> {
        let record = client.provider(provider).await?;
        let record = record.ok_or_else(|| GatewayError::NotRegistered(provider.clone()))?;
        Self::connect(client, provider, &record.host_uri, identity).await
    }

    /// Hands over the manifest, as its canonical JSON. Doing it again changes nothing.
    ///
    /// # Errors
    /// [`GatewayError::Refused`] when the provider does not want it.
    pub async fn put_manifest(&self, dseq: u64, manifest: &str) -> Result<(), GatewayError> {
        let (status, body) = self.request(Method::PUT, &format!("/deployment/{dseq}/manifest"), manifest).await?;
        if status.is_success() { Ok(()) } else { Err(refused(status, &body)) }
    }

    /// How a lease fares; `None` when the provider has nothing of it.
    ///
    /// # Errors
    /// When no usable answer comes.
    pub async fn lease_status(&self, lease: &LeaseId) -> Result<Option<LeaseStatus>, GatewayError> {
        let (status, body) = self.request(Method::GET, &format!("{}/status", lease_path(lease)), "").await?;
        match status {
            StatusCode::OK => parse(&body).map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(refused(status, &body)),
        }
    }

    /// What the provider says of itself.
    ///
    /// # Errors
    /// When no usable answer comes.
    pub async fn provider_status(&self) -> Result<serde_json::Value, GatewayError> {
        let (status, body) = self.request(Method::GET, "/status", "").await?;
        if status.is_success() { parse(&body) } else { Err(refused(status, &body)) }
    }
}

fn lease_path(lease: &LeaseId) -> String {
    format!("/lease/{}/{}/{}", lease.order.dseq(), lease.order.gseq(), lease.order.oseq())
}
