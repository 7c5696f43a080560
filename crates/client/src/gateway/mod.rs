//! Talks to a provider: manifest, lease status, logs, over mutual TLS with the certificates that both sides have on chain.
//!
//! A connection is made only to a server that shows, byte for byte, a certificate that the provider has valid on chain at
//! that moment; no other root is trusted. Our own certificate is shown in turn ([`Identity`]).
//!
//! It knows what a gateway says, not what to do about it.

mod connection;
mod identity;
mod logs;

use std::collections::BTreeMap;

use akash_types::address::Address;
use akash_types::id::LeaseId;
use hyper::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use connection::GatewayClient;
pub use identity::Identity;
pub use logs::{LogLine, LogOptions};

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

/// What a provider says of a lease.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LeaseStatus {
    #[serde(deserialize_with = "null_is_empty")]
    pub services: BTreeMap<String, ServiceStatus>,
    #[serde(deserialize_with = "null_is_empty")]
    pub forwarded_ports: BTreeMap<String, Vec<ForwardedPort>>,
    /// Why something does not run.
    #[serde(deserialize_with = "null_is_empty")]
    pub errors: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceStatus {
    pub name: String,
    pub available: u32,
    pub total: u32,
    #[serde(deserialize_with = "null_is_empty")]
    pub uris: Vec<String>,
    pub observed_generation: i64,
    pub replicas: u32,
    pub updated_replicas: u32,
    pub ready_replicas: u32,
    pub available_replicas: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ForwardedPort {
    pub host: String,
    pub port: u16,
    pub external_port: u16,
    pub proto: String,
    pub name: String,
}

/// Go writes an empty list or map as null.
fn null_is_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
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

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, GatewayError> {
    serde_json::from_slice(body).map_err(|error| GatewayError::Malformed(error.to_string()))
}

/// Errors are text, or JSON with a message.
fn refused(status: StatusCode, body: &[u8]) -> GatewayError {
    #[derive(Deserialize)]
    struct Message {
        message: String,
    }
    let text = serde_json::from_slice::<Message>(body).map(|message| message.message);
    let text = text.unwrap_or_else(|_| String::from_utf8_lossy(body).trim().chars().take(500).collect());
    let text = if text.is_empty() { "no reason was given".to_owned() } else { text };
    GatewayError::Refused { status: status.as_u16(), text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_of_a_go_provider_is_read() {
        let text = r#"{"services":{"web":{"name":"web","available":1,"total":1,"uris":["a.b"],"observed_generation":1,
            "replicas":1,"updated_replicas":1,"ready_replicas":1,"available_replicas":1}},
            "forwarded_ports":{"web":[{"host":"h","port":22,"externalPort":30022,"proto":"TCP","name":"web"}]},"ips":null}"#;
        let status: LeaseStatus = parse(text.as_bytes()).unwrap();
        assert_eq!(status.services["web"].uris, ["a.b"]);
        assert_eq!(status.forwarded_ports["web"][0].external_port, 30022);
        let empty: LeaseStatus = parse(br#"{"services":null,"forwarded_ports":null,"ips":null}"#).unwrap();
        assert_eq!(empty, LeaseStatus::default());
    }

    #[test]
    fn refusal_takes_its_text_from_json_or_plain_body() {
        let text = |body: &[u8]| refused(StatusCode::UNAUTHORIZED, body).to_string();
        assert_eq!(text(br#"{"message":"expired"}"#), "expired (401)");
        assert_eq!(text(b"no lease\n"), "no lease (401)");
        assert_eq!(text(b""), "no reason was given (401)");
    }
}
