//! What the cluster has to run for a kept manifest. A pure function: the same manifest gives the same workload, so that
//! a restart finds nothing to change.

use akash_cluster::{Credentials, Expose, HttpOptions, Protocol, Resources, Service, Workload};
use akash_sdl as sdl;
use akash_types::id::LeaseId;

use super::hosts;
use super::store::Kept;
use crate::config::ProviderConfig;

/// Why a manifest that is valid for the chain cannot run here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotRun {
    #[error("service {0}: {1} is not offered by this provider")]
    NotOffered(String, &'static str),
    #[error("service {0}: port {1} is not a port")]
    Port(String, u32),
    #[error("service {0}: protocol {1} is not known")]
    Protocol(String, String),
    #[error("service {0}: name a host for port {1}, this provider generates none")]
    NoHost(String, u32),
    #[error(transparent)]
    Invalid(#[from] akash_cluster::InvalidWorkload),
}

pub fn build(kept: &Kept, config: &ProviderConfig) -> Result<Workload, CannotRun> {
    let services = kept.group.services.iter().map(|wanted| service(wanted, &kept.lease, config));
    let workload = Workload {
        lease: kept.lease.clone(),
        group: kept.group.name.clone(),
        version_hash: kept.version,
        services: services.collect::<Result<_, _>>()?,
    };
    workload.check()?;
    Ok(workload)
}

fn service(wanted: &sdl::Service, lease: &LeaseId, config: &ProviderConfig) -> Result<Service, CannotRun> {
    let not_offered = |what| CannotRun::NotOffered(wanted.name.clone(), what);
    let params = wanted.params.clone().unwrap_or_default();
    if params.storage.is_some_and(|volumes| volumes.iter().any(|volume| !volume.mount.is_empty())) {
        return Err(not_offered("a mounted volume"));
    }
    if params.permissions.is_some_and(|permissions| !permissions.read.is_empty()) {
        return Err(not_offered("reading its own deployment"));
    }
    if params.tee.is_some() {
        return Err(not_offered("a trusted execution environment"));
    }
    if wanted.expose.iter().any(|expose| !expose.ip.is_empty()) {
        return Err(not_offered("a leased address"));
    }
    let exposes = wanted.expose.iter().map(|item| expose(item, wanted, lease, config));
    Ok(Service {
        name: wanted.name.clone(),
        image: wanted.image.clone(),
        command: wanted.command.clone().unwrap_or_default(),
        args: wanted.args.clone().unwrap_or_default(),
        env: environment(wanted.env.clone().unwrap_or_default(), lease, config),
        resources: resources(&wanted.resources).ok_or_else(|| not_offered("a persistent volume"))?,
        count: wanted.count,
        expose: exposes.collect::<Result<_, _>>()?,
        credentials: wanted.credentials.as_ref().map(credentials),
    })
}

/// `None` where a volume wants to outlive its container.
fn resources(wanted: &sdl::Resources) -> Option<Resources> {
    let (mut ephemeral, mut ram) = (0u64, 0u64);
    for volume in wanted.storage.iter().flatten() {
        let value = |key: &str| volume.attributes.iter().find(|pair| pair.key == key).map(|pair| pair.value.as_str());
        if value("persistent") == Some("true") {
            return None;
        }
        let sum = if value("class") == Some("ram") { &mut ram } else { &mut ephemeral };
        *sum = sum.saturating_add(volume.size);
    }
    let memory = wanted.memory.as_ref().map_or(0, |memory| memory.size);
    Some(Resources {
        cpu_milli: wanted.cpu.as_ref().map_or(0, |cpu| cpu.units),
        memory_bytes: memory.saturating_add(ram),
        ephemeral_bytes: ephemeral,
        gpu_units: wanted.gpu.as_ref().map_or(0, |gpu| gpu.units),
    })
}

/// The field's variables, where the tenant has not set them.
fn environment(mut env: Vec<String>, lease: &LeaseId, config: &ProviderConfig) -> Vec<String> {
    let ours = [
        ("AKASH_GROUP_SEQUENCE", lease.gseq().to_string()),
        ("AKASH_DEPLOYMENT_SEQUENCE", lease.dseq().to_string()),
        ("AKASH_ORDER_SEQUENCE", lease.oseq().to_string()),
        ("AKASH_OWNER", lease.owner().to_string()),
        ("AKASH_PROVIDER", lease.provider().to_string()),
        ("AKASH_CLUSTER_PUBLIC_HOSTNAME", config.public_host()),
    ];
    for (name, value) in ours {
        if !env.iter().any(|entry| entry.split('=').next() == Some(name)) {
            env.push(format!("{name}={value}"));
        }
    }
    env
}

fn expose(
    wanted: &sdl::Expose,
    service: &sdl::Service,
    lease: &LeaseId,
    config: &ProviderConfig,
) -> Result<Expose, CannotRun> {
    let port = |number: u32| u16::try_from(number).map_err(|_| CannotRun::Port(service.name.clone(), number));
    let proto = match wanted.proto.as_str() {
        "TCP" => Protocol::Tcp,
        "UDP" => Protocol::Udp,
        other => return Err(CannotRun::Protocol(service.name.clone(), other.to_owned())),
    };
    let mut expose = Expose {
        port: port(wanted.port)?,
        external_port: port(wanted.external_port)?,
        proto,
        global: wanted.global,
        hosts: Vec::new(),
        service: wanted.service.clone(),
        http_options: http_options(&wanted.http_options),
    };
    if expose.is_ingress() {
        expose.hosts = wanted.hosts.clone().unwrap_or_default();
        if config.settings.static_hosts {
            expose.hosts.push(hosts::generated(lease, &service.name, &config.domain));
        } else if expose.hosts.is_empty() {
            return Err(CannotRun::NoHost(service.name.clone(), wanted.port));
        }
    }
    Ok(expose)
}

/// A manifest made without an SDL may leave them out: then the SDL's defaults hold.
fn http_options(wanted: &sdl::HttpOptions) -> HttpOptions {
    let default = HttpOptions::default();
    if *wanted == sdl::HttpOptions::default() {
        return default;
    }
    HttpOptions {
        max_body_bytes: u64::from(wanted.max_body_size),
        read_timeout_ms: wanted.read_timeout,
        send_timeout_ms: wanted.send_timeout,
        next_tries: wanted.next_tries,
        next_timeout_ms: wanted.next_timeout,
        next_cases: wanted.next_cases.clone(),
    }
}

fn credentials(wanted: &sdl::Credentials) -> Credentials {
    Credentials {
        host: wanted.host.clone(),
        email: wanted.email.clone(),
        username: wanted.username.clone(),
        password: wanted.password.clone(),
    }
}
