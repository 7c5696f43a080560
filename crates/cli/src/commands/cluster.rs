//! `akash cluster`: containers of this machine, without a chain.

use std::time::Duration;

use akash_cluster::embedded::{Embedded, EmbeddedConfig, LoopbackRegistries, driver};
use akash_cluster::{Cluster as _, Expose, LogOptions, Resources, Service, Workload};
use akash_types::id::LeaseId;
use anyhow::{Context, Result};
use serde_json::json;
use tokio_stream::StreamExt;

use crate::args::{Cluster, ClusterRun};
use crate::cloud::explain_open;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

const START_LIMIT: Duration = Duration::from_secs(120);
const MIB: u64 = 1 << 20;

pub async fn run(home: &Home, command: &Cluster, output: &Output) -> Result<()> {
    match command {
        Cluster::Run(flags) => start(home, flags, output).await,
        Cluster::Ps => list(home, output),
        Cluster::Logs { name, follow, tail } => show_logs(home, name, *follow, *tail, output).await,
        Cluster::Rm { names } => remove(home, names, output).await,
    }
}

/// A folder of its own: `akash up` may be running on the same home.
async fn open(home: &Home, ingress: Option<std::net::SocketAddr>) -> Result<Embedded> {
    let mut config = EmbeddedConfig::new(home.containers());
    config.loopback_registries = LoopbackRegistries::Any;
    config.ingress = ingress;
    Embedded::open(config).await.map_err(explain_open)
}

/// The lease of a container by its name; they are numbered.
fn find(home: &Home, name: &str) -> Result<LeaseId> {
    let listed = driver::list(&home.containers())?;
    let found = listed.iter().find(|found| found.service == name).ok_or_else(|| {
        Failure::new(Exit::Usage, format!("there is no {name}")).next("`akash cluster ps` lists the names")
    })?;
    Ok(found.lease.parse()?)
}

async fn start(home: &Home, flags: &ClusterRun, output: &Output) -> Result<()> {
    if find(home, &flags.name).is_ok() {
        let text = format!("there is a {} already", flags.name);
        return Err(Failure::new(Exit::Usage, text).next(format!("`akash cluster rm {}` first", flags.name)).into());
    }
    let cluster = open(home, flags.port.map(|_| (flags.listen, flags.ingress).into())).await?;
    let lease = driver::local_lease(driver::free_number(&cluster).await?);
    output.waiting(format!("pulling and starting {}", flags.image));
    let status = driver::run(&cluster, &workload(&lease, flags), START_LIMIT).await;
    let status = status.map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    if !status.is_ready() {
        let reason = status.services.into_values().find_map(|service| service.last_error);
        cluster.teardown(&lease).await?;
        let reason = reason.unwrap_or_else(|| format!("not running after {} s", START_LIMIT.as_secs()));
        return Err(Failure::new(Exit::NotReady, reason).next("mend the image or its arguments, and run again").into());
    }
    output.step(format!("{} runs", flags.name));
    if flags.port.is_none() {
        return output.result(&flags.name, &json!({ "name": flags.name }));
    }
    let url = format!("http://{}.localhost:{}", flags.name, flags.ingress);
    output.done();
    output.note("The ingress answers while this command runs; Ctrl-C ends it, the container stays.");
    output.result(&url, &json!({ "name": flags.name, "url": url }))?;
    tokio::signal::ctrl_c().await.context("cannot wait for Ctrl-C")
}

fn workload(lease: &LeaseId, flags: &ClusterRun) -> Workload {
    let expose = flags.port.map(|port| Expose {
        port,
        external_port: 80,
        global: true,
        hosts: vec![format!("{}.localhost", flags.name)],
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
    Workload { lease: lease.clone(), group: flags.name.clone(), version_hash: [0; 32], services: vec![service] }
}

fn list(home: &Home, output: &Output) -> Result<()> {
    let listed = driver::list(&home.containers()).context("cannot read the state of the containers")?;
    let mut lines = vec![format!("{:20}  {:8}  {:>8}  {:>8}  {}", "NAME", "STATE", "RESTARTS", "MIB", "IMAGE")];
    lines.extend(listed.iter().map(|one| {
        let exit = one.last_exit.as_ref().map_or(String::new(), |exit| format!("  ({exit})"));
        let memory = one.memory_bytes / MIB;
        format!("{:20}  {:8}  {:>8}  {memory:>8}  {}{exit}", one.service, one.phase, one.restarts, one.image)
    }));
    let rows: Vec<_> = listed
        .iter()
        .map(|one| {
            json!({ "name": one.service, "image": one.image, "state": one.phase, "pid": one.pid,
                "restarts": one.restarts, "memory_bytes": one.memory_bytes, "last_exit": one.last_exit })
        })
        .collect();
    output.result(lines.join("\n"), &rows)
}

async fn show_logs(home: &Home, name: &str, follow: bool, tail: u32, output: &Output) -> Result<()> {
    let options = LogOptions { service: None, follow, tail: Some(tail) };
    let mut lines = driver::logs(&home.containers(), &find(home, name)?, options)?;
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

async fn remove(home: &Home, names: &[String], output: &Output) -> Result<()> {
    let cluster = open(home, None).await?;
    for name in names {
        cluster.teardown(&find(home, name)?).await?;
        output.result(name, &json!({ "removed": name }))?;
    }
    Ok(())
}
