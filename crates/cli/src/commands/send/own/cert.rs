//! Certificates: made here, published, and taken back. `client` and `server` differ by the host names alone.

use akash_client::gateway::Identity;
use akash_proto::akash::cert::v1::{Id, MsgRevokeCertificate};
use akash_types::tx::encode_any;
use anyhow::{Context, Result};
use clap::{ArgMatches, Args, Command};
use serde_json::json;

use super::{command, flags, usage};
use crate::args::TxFlags;
use crate::commands::send::Sending;
use crate::commands::session::explain;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

#[derive(Args)]
struct Generate {
    #[command(flatten)]
    tx: TxFlags,
    /// Make a new one; the present one stays beside it, ending in `.old`
    #[arg(long)]
    overwrite: bool,
}

#[derive(Args)]
struct GenerateServer {
    #[command(flatten)]
    generate: Generate,
    /// Host names of the server
    #[arg(value_name = "HOST", required = true)]
    hosts: Vec<String>,
}

#[derive(Args)]
struct Publish {
    #[command(flatten)]
    tx: TxFlags,
}

#[derive(Args)]
struct Revoke {
    #[command(flatten)]
    tx: TxFlags,
    /// Serial number in decimal; without it that of the certificate in the home
    #[arg(long, value_name = "N")]
    serial: Option<String>,
}

pub fn commands() -> Vec<(&'static str, Command)> {
    vec![
        (
            "cert generate client",
            command::<Generate>(
                "client",
                "Make a tenant's certificate and keep it in the home",
                "  akash tx cert generate client --from alice",
            ),
        ),
        (
            "cert generate server",
            command::<GenerateServer>(
                "server",
                "Make a provider's certificate and keep it in the home",
                "  akash tx cert generate server provider.example.com --from provider",
            ),
        ),
        ("cert publish client", publish("client", "  akash tx cert publish client --from alice")),
        ("cert publish server", publish("server", "  akash tx cert publish server --from provider")),
        ("cert revoke client", revoke("client", "  akash tx cert revoke client --from alice")),
        ("cert revoke server", revoke("server", "  akash tx cert revoke server --serial 7 --from provider")),
    ]
}

fn publish(name: &'static str, example: &'static str) -> Command {
    command::<Publish>(name, "Put the certificate of the home on chain", example)
}

fn revoke(name: &'static str, example: &'static str) -> Command {
    command::<Revoke>(name, "Take a certificate back", example)
}

pub async fn run(path: &str, home: &Home, matches: &ArgMatches, output: &Output) -> Option<Result<()>> {
    Some(match path {
        "cert generate client" => flags::<Generate>(matches).and_then(|flags| generate(home, &flags, &[], output)),
        "cert generate server" => {
            flags::<GenerateServer>(matches).and_then(|flags| generate(home, &flags.generate, &flags.hosts, output))
        }
        "cert publish client" | "cert publish server" => publish_it(home, matches, output).await,
        "cert revoke client" | "cert revoke server" => revoke_it(home, matches, output).await,
        _ => return None,
    })
}

fn generate(home: &Home, flags: &Generate, hosts: &[String], output: &Output) -> Result<()> {
    let tx = TxFlags { offline: true, ..flags.tx.clone() };
    let sending = Sending::open(home, &tx, output)?;
    let (keys, owner) = (sending.keys().keys(), sending.from());
    let path = keys.join(format!("{owner}.cert.json"));
    if path.exists() {
        if !flags.overwrite {
            let failure = Failure::new(Exit::Store, format!("{} is there already", path.display()));
            return Err(failure.next("--overwrite makes a new one").into());
        }
        let old = path.with_extension("old");
        std::fs::rename(&path, &old).with_context(|| format!("cannot move {}", path.display()))?;
    }
    let identity = Identity::open_or_create(&keys, owner, hosts);
    let identity = identity.map_err(|error| Failure::new(Exit::Store, error.to_string()))?;
    let serial = identity.certificate.serial.to_string();
    let text = format!("owner:  {owner}\nserial: {serial}\nfile:   {}", path.display());
    output.result(text, &json!({ "owner": owner.to_string(), "serial": serial, "file": path }))
}

/// The certificate that is there; none is made here.
fn present(sending: &Sending<'_>) -> Result<Identity> {
    let keys = sending.keys().keys();
    let path = keys.join(format!("{}.cert.json", sending.from()));
    if !path.exists() {
        let failure = Failure::new(Exit::Store, format!("{} has no certificate in {}", sending.from(), keys.display()));
        return Err(failure.next("`akash tx cert generate client --from KEY` makes one").into());
    }
    let identity = Identity::open_or_create(&keys, sending.from(), &[]);
    identity.map_err(|error| Failure::new(Exit::Store, error.to_string()).into())
}

async fn publish_it(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let flags: Publish = flags(matches)?;
    let sending = Sending::open(home, &flags.tx, output)?;
    let message = present(&sending)?.create_message();
    sending.send(vec![message]).await
}

async fn revoke_it(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let flags: Revoke = flags(matches)?;
    let sending = Sending::open(home, &flags.tx, output)?;
    let serial = match &flags.serial {
        Some(serial) => serial.clone(),
        None => present(&sending)?.certificate.serial.to_string(),
    };
    if serial.is_empty() || !serial.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(usage(format!("--serial {serial:?} is no decimal number")));
    }
    if let Ok(client) = sending.client() {
        let found = client.certificates(sending.from(), &serial, "valid").await.map_err(explain)?;
        if found.is_empty() {
            return Err(usage(format!("{} has no valid certificate {serial} on chain", sending.from())));
        }
    }
    let id = Some(Id { owner: sending.from().to_string(), serial });
    sending.send(vec![encode_any(&MsgRevokeCertificate { id })]).await
}
