//! `akash deploy`: runs the client's saga and shows its progress.

use std::path::Path;
use std::time::Duration;

use akash_client::deploy::{DeployError, DeployEvent, Deployed, Limits, Run};
use akash_types::coin::Coin;
use anyhow::{Context, Result};
use serde_json::json;

use super::sdl;
use super::session::{Session, explain};
use crate::args::Deploy;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::{Output, short};

pub async fn run(home: &Home, flags: &Deploy, output: &Output) -> Result<()> {
    let deployed = deploy(home, flags, output).await?;
    output.done();
    output.note(format!("logs: akash logs {0} -f   close: akash close {0}", deployed.dseq));
    let text = deployed.urls.join("\n");
    output.result(text, &json!({ "dseq": deployed.dseq, "urls": deployed.urls, "unchanged": deployed.unchanged }))
}

/// From a file to ready; the progress is shown, the result is left to the caller.
pub async fn deploy(home: &Home, flags: &Deploy, output: &Output) -> Result<Deployed> {
    let read = sdl::read(&flags.file)?;
    let services: usize = read.manifest().groups.iter().map(|group| group.services.len()).sum();
    output.step(format!("checked {}: {services} service(s)", flags.file.display()));
    let session = Session::open(home, &flags.account)?;
    let deposit = flags.deposit.as_deref().map(parse_deposit).transpose()?;
    if !flags.yes {
        let amount = deposit.as_ref().map_or("the minimum".to_owned(), ToString::to_string);
        output.confirm(&format!("Deploy with a deposit of {amount} from {}?", session.tenant))?;
    }

    let (sender, identity) = (session.sender().await?, session.identity().map_err(|error| store_failure(&error))?);
    let file = flags.file.canonicalize().with_context(|| format!("cannot find {}", flags.file.display()))?;
    let limits = Limits {
        bids: Duration::from_secs(flags.bid_timeout),
        ready: Duration::from_secs(flags.ready_timeout),
        ..Limits::default()
    };
    let folder = home.deployments();
    let mut tell = |event: DeployEvent| show(&event, output);
    let mut run = Run {
        client: &session.client,
        sender: &sender,
        identity: &identity,
        folder: &folder,
        sdl: &read,
        file,
        deposit,
        limits,
        tell: &mut tell,
    };
    run.run().await.map_err(|error| failure(error, &flags.file))
}

fn parse_deposit(text: &str) -> Result<Coin> {
    text.parse().map_err(|error| {
        let text = format!("--deposit {text}: {error}");
        Failure::new(Exit::Usage, text).next("an amount with its denomination, like 5000000uact").into()
    })
}

fn show(event: &DeployEvent, output: &Output) {
    match event {
        DeployEvent::Resumed { dseq } => output.step(format!("going on with deployment {dseq}")),
        DeployEvent::Created { dseq, height, deposit, .. } => {
            output.step(format!("deployment {dseq} created at height {height}, deposit {deposit}"));
        }
        DeployEvent::Updated { dseq, .. } => output.step(format!("deployment {dseq} updated")),
        DeployEvent::Bid { provider, price } => output.step(format!("offer of {provider}: {} a block", short(price))),
        DeployEvent::Leased { lease, price } => {
            output.step(format!("leased from {} for {} a block", lease.provider, short(price)));
        }
        DeployEvent::ManifestSent { provider } => output.step(format!("manifest sent to {provider}")),
        DeployEvent::Waiting { what } => output.waiting(format!("waiting for {what}")),
        DeployEvent::Ready { .. } => output.step("ready"),
        DeployEvent::Closed { dseq } => output.step(format!("deployment {dseq} closed again")),
    }
}

/// A deployment's error with its exit code and the next step.
fn failure(error: DeployError, file: &Path) -> anyhow::Error {
    let text = error.to_string();
    let again = format!("`akash deploy {}` goes on where this stopped", file.display());
    let failure = match error {
        DeployError::Client(error) => return explain(error),
        DeployError::NoBids { .. } => {
            Failure::new(Exit::NoOffers, text).next("offer a higher price, or ask for less, and deploy again")
        }
        DeployError::NotReady { dseq, .. } => {
            let next =
                format!("look with `akash logs {dseq}`; mend the file and deploy again, or `akash close {dseq}`");
            Failure::new(Exit::NotReady, text).next(next)
        }
        DeployError::Closed { .. } => Failure::new(Exit::Transaction, text).next("deploy again for a new one"),
        DeployError::LeaseEnded { dseq, .. } => {
            Failure::new(Exit::NotReady, text).next(format!("`akash close {dseq}` gives the rest of the deposit back"))
        }
        DeployError::OtherGroups { dseq } => {
            Failure::new(Exit::Usage, text).next(format!("`akash close {dseq}` first, then deploy again"))
        }
        DeployError::Funds { .. } => {
            Failure::new(Exit::Funds, text).next("`akash status` shows what the account holds")
        }
        DeployError::Manifest { .. } => Failure::new(Exit::Transaction, text).next(again),
        DeployError::Gateway { .. } => Failure::new(Exit::Connection, text).next(again),
        DeployError::Journal(_) => Failure::new(Exit::Store, text),
        DeployError::Nonsense(_) => Failure::new(Exit::Config, text),
    };
    failure.into()
}

fn store_failure(error: &akash_client::gateway::GatewayError) -> Failure {
    Failure::new(Exit::Store, error.to_string()).next("remove that file to have a new certificate made")
}
