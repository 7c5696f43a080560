//! The parts of a manifest. Deserialized as Go's decoder would: what is missing or `null` is the zero value.

use serde::Deserialize;

use crate::resources::{Resources, or_default};

/// The services of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ManifestGroup {
    /// The placement's name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Sorted by name.
    #[serde(deserialize_with = "or_default")]
    pub services: Vec<Service>,
}

/// One service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Unique within its group.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// What the container is made from.
    #[serde(deserialize_with = "or_default")]
    pub image: String,
    /// Replaces the image's entry point; absent and empty differ in the hash.
    pub command: Option<Vec<String>>,
    /// Arguments; absent and empty differ in the hash.
    pub args: Option<Vec<String>>,
    /// `NAME=value` each.
    pub env: Option<Vec<String>>,
    /// Its unit in the group, with endpoints of its own.
    #[serde(deserialize_with = "or_default")]
    pub resources: Resources,
    /// Replicas.
    #[serde(deserialize_with = "or_default")]
    pub count: u32,
    /// Sorted; see the check of a manifest.
    #[serde(deserialize_with = "or_default")]
    pub expose: Vec<Expose>,
    /// Absent unless the SDL has some.
    pub params: Option<Params>,
    /// For the image's registry.
    pub credentials: Option<Credentials>,
}

/// One way to reach a port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Expose {
    /// The port that the container listens on.
    #[serde(deserialize_with = "or_default")]
    pub port: u32,
    /// The port outside; 0 means the same.
    #[serde(deserialize_with = "or_default")]
    pub external_port: u32,
    /// `TCP` or `UDP`.
    #[serde(deserialize_with = "or_default")]
    pub proto: String,
    /// The one service that may reach it; empty for all.
    #[serde(deserialize_with = "or_default")]
    pub service: String,
    /// Reachable from outside of the deployment.
    #[serde(deserialize_with = "or_default")]
    pub global: bool,
    /// Names that the ingress answers for.
    pub hosts: Option<Vec<String>>,
    /// How the ingress treats requests.
    #[serde(deserialize_with = "or_default")]
    pub http_options: HttpOptions,
    /// Name of a leased IP.
    #[serde(deserialize_with = "or_default")]
    pub ip: String,
    /// Number of that IP within the deployment.
    #[serde(deserialize_with = "or_default")]
    pub endpoint_sequence_number: u32,
}

impl Expose {
    /// The port outside.
    #[must_use]
    pub fn external(&self) -> u32 {
        if self.external_port == 0 { self.port } else { self.external_port }
    }

    /// Whether the shared HTTP ingress serves it.
    #[must_use]
    pub fn is_ingress(&self) -> bool {
        crate::build::is_ingress(self)
    }
}

/// How the ingress treats requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HttpOptions {
    /// Bytes.
    #[serde(deserialize_with = "or_default")]
    pub max_body_size: u32,
    /// Milliseconds.
    #[serde(deserialize_with = "or_default")]
    pub read_timeout: u32,
    /// Milliseconds.
    #[serde(deserialize_with = "or_default")]
    pub send_timeout: u32,
    /// How many upstreams are tried.
    #[serde(deserialize_with = "or_default")]
    pub next_tries: u32,
    /// Milliseconds.
    #[serde(deserialize_with = "or_default")]
    pub next_timeout: u32,
    /// When the next upstream is tried.
    #[serde(deserialize_with = "or_default")]
    pub next_cases: Vec<String>,
    /// 0 is left out of the JSON.
    #[serde(deserialize_with = "or_default")]
    pub proxy_buffer_size: u32,
}

/// Mounts and rights of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Params {
    /// Sorted by volume name.
    pub storage: Option<Vec<StorageParams>>,
    /// Never set by an SDL.
    pub credentials: Option<Credentials>,
    /// What it may read of its own deployment.
    pub permissions: Option<Permissions>,
    /// Where it must run confidentially.
    pub tee: Option<Tee>,
}

/// Where a volume is mounted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct StorageParams {
    /// The volume.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// An absolute path.
    #[serde(deserialize_with = "or_default")]
    pub mount: String,
    /// Mounted without write access.
    #[serde(deserialize_with = "or_default")]
    pub read_only: bool,
}

/// What a service may read about its own deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Permissions {
    /// Such as `logs`.
    #[serde(deserialize_with = "or_default")]
    pub read: Vec<String>,
}

/// A trusted execution environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Tee {
    /// `cpu` or `cpu-gpu`.
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub kind: String,
    /// Always true when made from an SDL.
    #[serde(deserialize_with = "or_default")]
    pub attestation: bool,
}

/// Access to a registry.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Credentials {
    /// The registry.
    #[serde(deserialize_with = "or_default")]
    pub host: String,
    /// Empty under version 2.0.
    #[serde(deserialize_with = "or_default")]
    pub email: String,
    /// Never empty.
    #[serde(deserialize_with = "or_default")]
    pub username: String,
    /// Hidden from debug output.
    #[serde(deserialize_with = "or_default")]
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("host", &self.host).finish_non_exhaustive()
    }
}
