//! An SDL as it was written: every value decoded, defaults not applied, references not followed.
//!
//! Positions stay with what later checks may complain about. Absent and empty are kept apart where the manifest
//! keeps them apart.

use std::collections::BTreeMap;

use crate::{
    resources::{Attribute, Cpu, Gpu, Memory, Volume},
    yaml::At,
};

/// The two rule sets; see the crate's front page for what differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    V2_0,
    V2_1,
}

#[derive(Debug)]
pub struct Document {
    pub rules: Rules,
    pub services: BTreeMap<String, Service>,
    pub compute: BTreeMap<String, Compute>,
    pub placements: BTreeMap<String, Placement>,
    /// Service, then placement.
    pub deployment: BTreeMap<String, BTreeMap<String, Deployed>>,
    pub endpoints: BTreeMap<String, EndpointDeclaration>,
    pub reclamation: Option<Reclamation>,
    /// Where the `deployment` section stands, for faults of the whole.
    pub at: At,
}

/// A text and its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    pub at: At,
}

#[derive(Debug, Default)]
pub struct Service {
    pub at: At,
    pub image: Text,
    pub command: Option<Vec<Text>>,
    pub args: Option<Vec<Text>>,
    pub env: Option<Vec<Text>>,
    pub expose: Vec<Expose>,
    pub params: Option<Params>,
    pub credentials: Option<Credentials>,
}

#[derive(Debug, Default)]
pub struct Expose {
    pub at: At,
    pub port: u32,
    /// 0 when not written.
    pub external_port: u32,
    /// As written, for collisions of leased IPs.
    pub proto_written: String,
    pub proto: Proto,
    pub accept: Option<Vec<Text>>,
    pub to: Vec<ExposeTo>,
    pub http_options: HttpOptions,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proto {
    #[default]
    Tcp,
    Udp,
}

impl Proto {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }
}

#[derive(Debug, Default)]
pub struct ExposeTo {
    pub global: bool,
    pub service: String,
    pub ip: Text,
}

/// As written; 0 and empty mean "take the default".
#[derive(Debug, Default)]
pub struct HttpOptions {
    pub max_body_size: u32,
    pub read_timeout: u32,
    pub send_timeout: u32,
    pub next_tries: u32,
    pub next_timeout: u32,
    pub next_cases: Vec<String>,
    pub proxy_buffer_size: u32,
}

#[derive(Debug, Default)]
pub struct Params {
    pub storage: BTreeMap<String, Mount>,
    /// `Some` when `permissions` is written.
    pub permissions: Option<Vec<String>>,
    pub tee: Option<Text>,
}

#[derive(Debug, Default)]
pub struct Mount {
    pub at: At,
    pub mount: Text,
    pub read_only: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Credentials {
    pub at: At,
    pub host: String,
    pub email: String,
    pub username: String,
    pub password: String,
}

#[derive(Debug, Default)]
pub struct Compute {
    pub at: At,
    pub cpu: Option<(At, Cpu)>,
    pub memory: Option<(At, Memory)>,
    pub storage: Vec<(At, Volume)>,
    pub storage_at: At,
    pub gpu: Option<(At, Gpu)>,
}

#[derive(Debug, Default)]
pub struct Placement {
    pub at: At,
    pub attributes: Vec<Attribute>,
    pub all_of: Option<Vec<String>>,
    pub any_of: Option<Vec<String>>,
    pub pricing: BTreeMap<String, Price>,
}

/// A price per unit and block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Price {
    pub at: At,
    pub denom: String,
    /// Digits of the amount times 10^18, without leading zeros.
    pub atto: String,
}

#[derive(Debug, Default)]
pub struct Deployed {
    pub at: At,
    pub profile: Text,
    pub count: u32,
}

#[derive(Debug, Default)]
pub struct EndpointDeclaration {
    pub at: At,
    pub kind: Text,
}

#[derive(Debug, Default)]
pub struct Reclamation {
    pub min_window: Text,
}
