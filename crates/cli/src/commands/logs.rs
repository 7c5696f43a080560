//! `akash logs`: what the containers of a deployment print.

use std::io::{ErrorKind, Write};
use std::pin::pin;

use akash_client::gateway::{GatewayClient, GatewayError, LogLine, LogOptions};
use akash_proto::akash::market::v1::LeaseFilters;
use akash_types::id::LeaseId;
use anyhow::Result;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::StreamExt;

use super::session::{Session, explain};
use crate::args::Logs;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

/// Lines on their way to the screen; a slow reader slows the providers down.
const BUFFERED_LINES: usize = 256;

pub async fn run(home: &Home, flags: &Logs, output: &Output) -> Result<()> {
    let session = Session::open(home, &flags.account)?;
    let (dseq, _) = session.choose(flags.dseq).await?;
    let leases = active_leases(&session, dseq).await?;
    let identity = session.identity()?;
    let options = LogOptions { service: flags.service.clone(), follow: flags.follow, tail: Some(flags.tail) };

    let (sender, mut lines) = mpsc::channel(BUFFERED_LINES);
    let mut readers = JoinSet::new();
    for lease in leases {
        let gateway = GatewayClient::of_provider(&session.client, &lease.provider, &identity).await;
        let gateway = gateway.map_err(gateway_failure)?;
        readers.spawn(forward(gateway, lease, options.clone(), sender.clone()));
    }
    drop(sender);
    output.done();
    while let Some(line) = lines.recv().await {
        if !print(&line.map_err(gateway_failure)?, output)? {
            break;
        }
    }
    Ok(())
}

/// The leases that run now; an error when there are none.
async fn active_leases(session: &Session, dseq: u64) -> Result<Vec<LeaseId>> {
    let owner = session.tenant.to_string();
    let filters = LeaseFilters { owner, dseq, state: "active".to_owned(), ..LeaseFilters::default() };
    let found = session.client.leases(filters).await.map_err(explain)?;
    let ids = found.iter().filter_map(|found| found.lease.as_ref()?.id.as_ref());
    let leases: Vec<LeaseId> = ids.filter_map(|id| LeaseId::try_from(id).ok()).collect();
    if leases.is_empty() {
        let text = format!("deployment {dseq} has no active lease, so nothing runs");
        return Err(Failure::new(Exit::NotReady, text).next(format!("`akash status {dseq}` says why")).into());
    }
    Ok(leases)
}

async fn forward(
    gateway: GatewayClient,
    lease: LeaseId,
    options: LogOptions,
    sender: mpsc::Sender<Result<LogLine, GatewayError>>,
) {
    match gateway.logs(&lease, &options).await {
        Ok(lines) => {
            let mut lines = pin!(lines);
            while let Some(line) = lines.next().await {
                if sender.send(line).await.is_err() {
                    return;
                }
            }
        }
        // The receiver may be gone already, and then nobody wants to know.
        Err(error) => drop(sender.send(Err(error)).await),
    }
}

/// False when the reader has seen enough.
fn print(line: &LogLine, output: &Output) -> Result<bool> {
    let text = if output.json() { serde_json::to_string(line)? } else { format!("{}: {}", line.name, line.message) };
    match writeln!(std::io::stdout().lock(), "{text}") {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn gateway_failure(error: GatewayError) -> anyhow::Error {
    match error {
        GatewayError::Client(error) => explain(error),
        GatewayError::Refused { status: 401 | 403, text } => {
            let failure = Failure::new(Exit::Auth, format!("the provider does not accept the certificate: {text}"));
            failure.next("`akash cert generate` makes a new one; the next deployment publishes it").into()
        }
        other => Failure::new(Exit::Connection, format!("the provider: {other}")).into(),
    }
}
