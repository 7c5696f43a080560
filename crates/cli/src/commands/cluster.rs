//! `akash cluster`: containers of this machine, without a chain.

use akash_cluster::embedded::{Embedded, EmbeddedConfig, LoopbackRegistries};
use akash_cluster::{Cluster as _, Expose, LogOptions, Resources, Service, Workload};
use akash_types::address::Address;
use akash_types::id::{DeploymentId, LeaseId};
use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_stream::StreamExt;

use crate::args::{Cluster, ClusterRun};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

const START_LIMIT: Duration = Duration::from_secs(120);
const MIB: u64 = 1 << 20;

pub async fn run(home: &Home, command: &Cluster, output: &Output) -> Result<()> {
    let cluster = open(home, command)?;
    match command {
        Cluster::Run(flags) => start(&cluster, flags, output).await,
        Cluster::Ps => list(&cluster, output).await,
        Cluster::Logs { name, follow, tail } => show_logs(&cluster, name, *follow, *tail, output).await,
        Cluster::Rm { names } => remove(&cluster, names, output).await,
    }
}

/// A folder of its own: `akash up` may be running on the same home.
fn open(home: &Home, command: &Cluster) -> Result<Embedded> {
    let mut config = EmbeddedConfig::new(home.containers());
    config.loopback_registries = LoopbackRegistries::Any;
    if let Cluster::Run(ClusterRun { port: Some(_), listen, ingress, .. }) = command {
        config.ingress = Some((*listen, *ingress).into());
    }
    Embedded::open(config).map_err(|error| {
        Failure::new(Exit::Config, error.to_string()).next("run as root on Linux, for example with sudo").into()
    })
}

/// Containers of this command have leases of nobody; the name is told apart by its number.
fn lease_of(name: &str) -> LeaseId {
    let dseq = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let nobody = Address::module("akash-cluster");
    let order = DeploymentId { owner: nobody.clone(), dseq }.group(1).order(1);
    LeaseId { order, provider: nobody, bseq: 0 }
}

async fn start(cluster: &Embedded, flags: &ClusterRun, output: &Output) -> Result<()> {
    let lease = lease_of(&flags.name);
    let host = format!("{}.localhost", flags.name);
    let expose = flags.port.map(|port| Expose {
        port,
        external_port: 80,
        global: true,
        hosts: vec![host.clone()],
        ..Expose::default()
    });
    let service = Service {
        name: flags.name.clone(),
        image: flags.image.clone(),
        args: flags.args.clone(),
        env: flags.env.clone(),
        resources: Resources {
            cpu_milli: flags.cpu,
            memory_bytes: flags.memory * MIB,
            ephemeral_bytes: 1024 * MIB,
            ..Resources::default()
        },
        count: 1,
        expose: expose.into_iter().collect(),
        ..Service::default()
    };
    let workload =
        Workload { lease: lease.clone(), group: flags.name.clone(), version_hash: [0; 32], services: vec![service] };
    cluster.deploy(&workload).await.map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    wait_until_ready(cluster, &lease, output).await?;
    output.step(format!("{} runs", flags.name));
    if flags.port.is_none() {
        return output.result(&flags.name, &json!({ "name": flags.name }));
    }
    let url = format!("http://{host}:{}", flags.ingress);
    output.done();
    output.note("The ingress answers while this command runs; Ctrl-C ends it, the container stays.");
    output.result(&url, &json!({ "name": flags.name, "url": url }))?;
    tokio::signal::ctrl_c().await.context("cannot wait for Ctrl-C")
}

async fn wait_until_ready(cluster: &Embedded, lease: &LeaseId, output: &Output) -> Result<()> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        let status = cluster.lease_status(lease).await?.unwrap_or_default();
        if status.is_ready() {
            return Ok(());
        }
        let reason = status.services.values().find_map(|service| service.last_error.clone());
        if Instant::now() > deadline {
            let text = format!("not running after {} s: {}", START_LIMIT.as_secs(), reason.unwrap_or_default());
            return Err(Failure::new(Exit::NotReady, text).next("`akash cluster rm NAME` removes it").into());
        }
        output.waiting(reason.map_or("waiting for the container".to_owned(), |reason| format!("waiting: {reason}")));
        sleep(Duration::from_millis(50)).await;
    }
}

#[derive(Serialize)]
struct Row {
    name: String,
    image: String,
    running: bool,
    restarts: u32,
    error: Option<String>,
}

async fn list(cluster: &Embedded, output: &Output) -> Result<()> {
    let mut rows = Vec::new();
    for workload in cluster.deployments().await? {
        let status = cluster.lease_status(&workload.lease).await?.unwrap_or_default();
        for service in workload.services {
            let now = status.services.get(&service.name).cloned().unwrap_or_default();
            rows.push(Row {
                name: service.name,
                image: service.image,
                running: now.available > 0,
                restarts: now.restarts,
                error: now.last_error,
            });
        }
    }
    let mut lines = vec![format!("{:20}  {:8}  {:>8}  {}", "NAME", "STATE", "RESTARTS", "IMAGE")];
    lines.extend(rows.iter().map(|row| {
        let state = if row.running { "running" } else { "waiting" };
        let error = row.error.as_deref().filter(|_| !row.running).map_or(String::new(), |error| format!("  ({error})"));
        format!("{:20}  {state:8}  {:>8}  {}{error}", row.name, row.restarts, row.image)
    }));
    output.result(lines.join("\n"), &rows)
}

async fn show_logs(cluster: &Embedded, name: &str, follow: bool, tail: u32, output: &Output) -> Result<()> {
    let options = LogOptions { service: None, follow, tail: Some(tail as usize) };
    let mut lines = cluster.logs(&lease_of(name), options).await.map_err(|error| no_such(name, &error))?;
    output.done();
    loop {
        tokio::select! {
            line = lines.next() => match line {
                Some(line) => output.result(&line.line, &json!({ "name": line.replica, "message": line.line }))?,
                None => return Ok(()),
            },
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

async fn remove(cluster: &Embedded, names: &[String], output: &Output) -> Result<()> {
    for name in names {
        let lease = lease_of(name);
        if cluster.lease_status(&lease).await?.is_none() {
            return Err(no_such(name, &"nothing of that name runs"));
        }
        cluster.teardown(&lease).await?;
        output.result(name, &json!({ "removed": name }))?;
    }
    Ok(())
}

fn no_such(name: &str, reason: &dyn std::fmt::Display) -> anyhow::Error {
    Failure::new(Exit::Usage, format!("{name}: {reason}")).next("`akash cluster ps` lists the names").into()
}
