//! `akash ls`: the tenant's deployments.

use akash_client::deploy::Journal;
use akash_proto::akash::deployment::v1::deployment::State;
use akash_proto::akash::deployment::v1beta4::QueryDeploymentResponse;
use anyhow::Result;
use serde::Serialize;

use super::session::{Session, dseq_of, explain};
use crate::args::Ls;
use crate::home::Home;
use crate::output::Output;

#[derive(Serialize)]
struct Row {
    dseq: u64,
    state: &'static str,
    created_at: i64,
    hash: String,
    services: Vec<String>,
    file: Option<String>,
}

pub async fn run(home: &Home, flags: &Ls, output: &Output) -> Result<()> {
    let session = Session::open(home, &flags.account)?;
    let state = if flags.all { "" } else { "active" };
    let found = session.client.deployments(&session.tenant, state).await.map_err(explain)?;
    let journals = Journal::all(&home.deployments())?;
    let rows: Vec<Row> = found.iter().map(|found| row(found, &journals)).collect();
    output.result(table(&rows), &rows)
}

fn row(found: &QueryDeploymentResponse, journals: &[Journal]) -> Row {
    let dseq = dseq_of(found);
    let deployment = found.deployment.clone().unwrap_or_default();
    let journal = journals.iter().find(|journal| journal.dseq == dseq);
    Row {
        dseq,
        state: state_name(deployment.state()),
        created_at: deployment.created_at,
        hash: hex::encode(&deployment.hash),
        services: journal.map(|journal| journal.services.clone()).unwrap_or_default(),
        file: journal.map(|journal| journal.file.display().to_string()),
    }
}

pub fn state_name(state: State) -> &'static str {
    match state {
        State::Invalid => "invalid",
        State::Active => "active",
        State::Closed => "closed",
    }
}

fn table(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "no deployments; `akash deploy FILE` makes one".to_owned();
    }
    let mut lines = vec![format!("{:>10}  {:8}  {:>10}  {:20}  {}", "ID", "STATE", "HEIGHT", "SERVICES", "FILE")];
    lines.extend(rows.iter().map(|row| {
        let (services, file) = (row.services.join(","), row.file.as_deref().unwrap_or("-"));
        format!("{:>10}  {:8}  {:>10}  {services:20}  {file}", row.dseq, row.state, row.created_at)
    }));
    lines.join("\n")
}
