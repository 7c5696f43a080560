//! What is to run for a lease: the manifest's group in the form a backend needs, with plain integers.

use akash_types::id::LeaseId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Replicas of all services of a lease together.
pub const MAX_REPLICAS_PER_LEASE: u32 = 200;
const MAX_SERVICES: usize = 64;
const MAX_EXPOSES: usize = 64;
const MAX_ENVIRONMENT_BYTES: usize = 256 * 1024;
const MAX_ARGUMENT_BYTES: usize = 128 * 1024;

/// The desired state of one lease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    #[serde(with = "lease_text")]
    pub lease: LeaseId,
    /// Name of the group in the manifest.
    pub group: String,
    /// Hash of the manifest this was made from.
    pub version_hash: [u8; 32],
    pub services: Vec<Service>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Service {
    /// A DNS label; unique in the lease.
    pub name: String,
    /// Reference of an image: `[registry/]name[:tag][@digest]`.
    pub image: String,
    /// Replaces the image's entry point unless empty.
    pub command: Vec<String>,
    /// Replaces the image's arguments unless empty.
    pub args: Vec<String>,
    /// `NAME=value`.
    pub env: Vec<String>,
    pub resources: Resources,
    /// Number of replicas.
    pub count: u32,
    pub expose: Vec<Expose>,
    /// For the image's registry.
    pub credentials: Option<Credentials>,
}

/// Of each replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Resources {
    pub cpu_milli: u64,
    pub memory_bytes: u64,
    pub ephemeral_bytes: u64,
    pub gpu_units: u64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Expose {
    /// Where the container listens.
    pub port: u16,
    /// What clients see; 0 means the same as `port`.
    pub external_port: u16,
    pub proto: Protocol,
    /// Reachable from outside of the lease.
    pub global: bool,
    /// Host names for the ingress, complete (`name.domain`, lower case).
    pub hosts: Vec<String>,
    /// The one service of the lease this is exposed to; empty means all.
    pub service: String,
    pub http_options: HttpOptions,
}

impl Expose {
    #[must_use]
    pub fn outside_port(&self) -> u16 {
        if self.external_port == 0 { self.port } else { self.external_port }
    }

    /// The field's rule: TCP on outside port 80, to the world, goes through the ingress by host name.
    #[must_use]
    pub fn is_ingress(&self) -> bool {
        self.global && self.proto == Protocol::Tcp && self.outside_port() == 80
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Protocol {
    #[default]
    Tcp,
    Udp,
}

/// The ingress' bounds for one expose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpOptions {
    pub max_body_bytes: u64,
    pub read_timeout_ms: u32,
    pub send_timeout_ms: u32,
    pub next_tries: u32,
    pub next_timeout_ms: u32,
    /// `error`, `timeout`, `500` …, `off`.
    pub next_cases: Vec<String>,
}

impl Default for HttpOptions {
    /// The SDL's defaults.
    fn default() -> Self {
        HttpOptions {
            max_body_bytes: 1 << 20,
            read_timeout_ms: 60_000,
            send_timeout_ms: 60_000,
            next_tries: 3,
            next_timeout_ms: 0,
            next_cases: vec!["error".into(), "timeout".into()],
        }
    }
}

#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Credentials {
    pub host: String,
    pub email: String,
    pub username: String,
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({}@{})", self.username, self.host)
    }
}

/// Why a workload can never run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWorkload {
    #[error("it has no services")]
    NoServices,
    #[error("it has more than {0}")]
    TooMany(&'static str),
    #[error("service name {0:?} is not a DNS label, or not unique")]
    ServiceName(String),
    #[error("service {service}: {what}")]
    Service { service: String, what: String },
}

impl Workload {
    /// What every backend can rely on before it starts anything.
    pub fn check(&self) -> Result<(), InvalidWorkload> {
        if self.services.is_empty() {
            return Err(InvalidWorkload::NoServices);
        }
        if self.services.len() > MAX_SERVICES {
            return Err(InvalidWorkload::TooMany("64 services"));
        }
        let replicas = self.services.iter().fold(0u32, |sum, service| sum.saturating_add(service.count));
        if replicas > MAX_REPLICAS_PER_LEASE {
            return Err(InvalidWorkload::TooMany("200 replicas"));
        }
        let mut names = BTreeSet::new();
        for service in &self.services {
            if !is_dns_label(&service.name) || !names.insert(&service.name) {
                return Err(InvalidWorkload::ServiceName(service.name.clone()));
            }
            service.check().map_err(|what| InvalidWorkload::Service { service: service.name.clone(), what })?;
        }
        Ok(())
    }

    /// All host names, in the order of the services.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.services.iter().flat_map(|s| &s.expose).flat_map(|e| &e.hosts).map(String::as_str)
    }
}

impl Service {
    fn check(&self) -> Result<(), String> {
        if self.image.is_empty() || self.image.len() > 512 {
            return Err("the image has no name, or a name of more than 512 bytes".into());
        }
        if self.resources.cpu_milli == 0 || self.resources.memory_bytes < 4 << 20 {
            return Err("it needs at least 1 milli-CPU and 4 MiB of memory".into());
        }
        if self.resources.cpu_milli > 1_000_000 || self.resources.memory_bytes > 1 << 50 {
            return Err("it wants more than 1000 CPUs or 1 PiB of memory".into());
        }
        if self.expose.len() > MAX_EXPOSES {
            return Err("it exposes more than 64 ports".into());
        }
        if let Some(name) = self.env.iter().find(|e| !is_environment(e)) {
            return Err(format!("{:?} is not NAME=value", name.split('=').next().unwrap_or_default()));
        }
        if self.env.iter().map(String::len).sum::<usize>() > MAX_ENVIRONMENT_BYTES {
            return Err("its environment is larger than 256 KiB".into());
        }
        let words = || self.command.iter().chain(&self.args);
        if words().map(String::len).sum::<usize>() > MAX_ARGUMENT_BYTES || words().any(|w| w.contains('\0')) {
            return Err("its command is larger than 128 KiB or holds a zero byte".into());
        }
        match self.expose.iter().flat_map(|e| &e.hosts).find(|h| !is_host_name(h)) {
            Some(host) => Err(format!("{host:?} is not a host name in lower case")),
            None => Ok(()),
        }
    }
}

fn is_environment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| !name.is_empty()) && !text.contains('\0')
}

fn is_dns_label(text: &str) -> bool {
    let byte_ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(byte_ok) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_host_name(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_dns_label)
}

/// A lease as its text form, so that state files can be read by people.
mod lease_text {
    use akash_types::id::LeaseId;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(lease: &LeaseId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(lease)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LeaseId, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom(format!("{text:?} is not a lease id")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_lower_case_labels() {
        for good in ["a", "hello.localhost", "x-1.example.com"] {
            assert!(is_host_name(good), "{good}");
        }
        for bad in ["", ".", "A.b", "a..b", "-a.b", "a_b.c", "a b"] {
            assert!(!is_host_name(bad), "{bad}");
        }
    }

    #[test]
    fn environment_needs_a_name_and_no_zero_byte() {
        assert!(is_environment("A=") && is_environment("A=b=c"));
        assert!(!is_environment("A") && !is_environment("=b") && !is_environment("A=\0"));
    }
}
