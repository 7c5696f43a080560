//! What a gateway answers with, as Go's encoder and ours write it.

use std::collections::BTreeMap;

use hyper::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::GatewayError;

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

pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, GatewayError> {
    serde_json::from_slice(body).map_err(|error| GatewayError::Malformed(error.to_string()))
}

/// Errors are text, or JSON with a message.
pub(super) fn refused(status: StatusCode, body: &[u8]) -> GatewayError {
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
            "forwarded_ports":{"web":[{"host":"h","port":22,"externalPort":30022,"proto":"TCP","name":"web"}]},
            "ips":null}"#;
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
