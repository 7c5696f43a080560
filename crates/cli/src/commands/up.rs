//! `akash up`: makes the cloud of this home, or takes it up again, and runs it until Ctrl-C.

use std::path::Path;
use std::time::Duration;

use akash_client::Keyring;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use super::deploy;
use super::fetch::{self, Page};
use crate::args::{AccountFlags, Deploy, Up};
use crate::cloud::{self, Running, TENANT};
use crate::failure::{Exit, Failure};
use crate::home::{Cloud, Home, Ports};
use crate::logging;
use crate::output::Output;

/// A new app may take a moment to listen after its container started.
const PAGE_LIMIT: Duration = Duration::from_secs(20);
/// With less the disk counts as full: a write of any part fails.
const LEAST_FREE_BYTES: u64 = 1 << 20;

pub async fn run(home: &Home, flags: &Up, output: &Output) -> Result<()> {
    if let Some(file) = &flags.deploy {
        super::sdl::read(file)?;
    }
    let ports = Ports::with_offset(flags.offset)?;
    let _held = home.lock()?;
    logging::to_file(&home.log()).with_context(|| format!("cannot write {}", home.log().display()))?;
    cloud::check_free(ports)?;
    if flags.reset {
        cloud::reset(home).await?;
        output.step("threw the old state away");
    }

    let prepared = cloud::prepare(home, ports).map_err(|error| explain_disk(home, error))?;
    let mut running = Running::start(home, &prepared, output).await.map_err(|error| explain_disk(home, error))?;
    let ended = tokio::select! {
        result = use_it(home, &prepared, flags, output) => result,
        error = running.failed() => Err(error),
        () = interrupted() => Ok(()),
    };
    output.waiting("stopping");
    let stopped = running.stop().await;
    output.step("stopped");
    ended.map_err(|error| explain_disk(home, error)).and(stopped)
}

/// Shows where everything is, deploys what was asked for, and then waits for ever.
async fn use_it(home: &Home, prepared: &Cloud, flags: &Up, output: &Output) -> Result<()> {
    announce(home, prepared, output)?;
    if let Some(file) = &flags.deploy {
        deploy_and_show(home, prepared, file, output).await?;
    }
    output.done();
    output.note("Ctrl-C stops the cloud; `akash up` takes it up again.");
    std::future::pending().await
}

fn announce(home: &Home, prepared: &Cloud, output: &Output) -> Result<()> {
    let keyring = Keyring::open(&home.keys());
    let tenant = keyring.require(TENANT)?.address.to_string();
    let ports = prepared.ports;
    let [rpc, grpc, rest] = [ports.rpc, ports.grpc, ports.rest].map(|port| format!("http://127.0.0.1:{port}"));
    if output.json() {
        return event(
            output,
            "ready",
            json!({
                "home": home.root(), "chain_id": prepared.chain_id, "tenant": tenant, "provider": prepared.provider,
                "tenant_key_file": keyring.path(TENANT), "rpc": rpc, "grpc": grpc, "rest": rest, "ports": ports,
                "gateway": format!("https://localhost:{}", ports.gateway),
            }),
        );
    }
    output.note(format!(
        "rpc      {rpc}\ngrpc     {grpc}\nrest     {rest}\ningress  http://<name>.localhost:{}\n\
         gateway  https://localhost:{}\ntenant   {tenant}\nlog      {}",
        ports.ingress,
        ports.gateway,
        home.log().display(),
    ));
    Ok(())
}

async fn deploy_and_show(home: &Home, prepared: &Cloud, file: &Path, output: &Output) -> Result<()> {
    let flags = Deploy {
        account: AccountFlags::default(),
        file: file.to_path_buf(),
        yes: true,
        deposit: None,
        bid_timeout: 60,
        ready_timeout: 300,
    };
    let deployed = deploy::deploy(home, &flags, output).await?;
    if output.json() {
        event(output, "deployed", json!({ "dseq": deployed.dseq, "urls": deployed.urls }))?;
    }
    let Some(url) = deployed.urls.first() else {
        output.step("it has no URL: none of its services is exposed to the world on port 80");
        return Ok(());
    };
    output.waiting(format!("fetching {url}"));
    let Page { status, body } = fetch::page(url, prepared.ports.ingress, PAGE_LIMIT).await?;
    output.step(format!("{url} answers {status}"));
    output.done();
    if output.json() {
        return event(output, "page", json!({ "url": url, "status": status, "body": body }));
    }
    output.result(format!("{url}\n{}", body.trim_end()), &Value::Null)
}

/// One JSON line of something that happened.
fn event(output: &Output, name: &str, mut value: Value) -> Result<()> {
    value["event"] = name.into();
    output.result("", &value)
}

/// Ctrl-C, or the polite signal of a service manager.
pub async fn interrupted() {
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(_) => return std::future::pending().await,
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// A full disk is said as such, whatever part met it first.
fn explain_disk(home: &Home, error: anyhow::Error) -> anyhow::Error {
    let free = rustix::fs::statvfs(home.root()).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    if !free.is_ok_and(|bytes| bytes < LEAST_FREE_BYTES) {
        return error;
    }
    let text = format!("the disk is full: {error:#}");
    Failure::new(Exit::Store, text).next("free some space and run `akash up` again; nothing is lost").into()
}
