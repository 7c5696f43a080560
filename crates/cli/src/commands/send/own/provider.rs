//! Providers from their files, and what auditors attest of them.

use std::path::{Path, PathBuf};

use akash_proto::akash::audit::v1::{MsgDeleteProviderAttributes, MsgSignProviderAttributes};
use akash_proto::akash::base::attributes::v1::Attribute;
use akash_proto::akash::provider::v1beta4::{Info, MsgCreateProvider, MsgUpdateProvider};
use akash_types::address::Address;
use akash_types::tx::encode_any;
use anyhow::Result;
use clap::{ArgMatches, Args, Command};
use serde_json::Value;

use super::{command, flags, read, usage};
use crate::args::TxFlags;
use crate::commands::send::Sending;
use crate::commands::session::explain;
use crate::home::Home;
use crate::output::Output;
use crate::yaml;

#[derive(Args)]
struct File {
    #[command(flatten)]
    tx: TxFlags,
    /// YAML with `host`, `info` (`email`, `website`) and `attributes` (a list of `key` and `value`)
    file: PathBuf,
}

#[derive(Args)]
struct Attest {
    #[command(flatten)]
    tx: TxFlags,
    /// Address of the provider
    provider: String,
    /// Keys and values by turns; without any all that the provider says of itself
    #[arg(value_name = "KEY VALUE")]
    attributes: Vec<String>,
}

#[derive(Args)]
struct Retract {
    #[command(flatten)]
    tx: TxFlags,
    /// Address of the provider
    provider: String,
    /// Which keys; without any all
    #[arg(value_name = "KEY")]
    keys: Vec<String>,
}

pub fn commands() -> Vec<(&'static str, Command)> {
    let create =
        command::<File>("create", "Announce a provider", "  akash tx provider create provider.yaml --from provider");
    let update = command::<File>(
        "update",
        "Change what is announced of a provider",
        "  akash tx provider update provider.yaml --from provider",
    );
    let attest = command::<Attest>(
        "create",
        "Attest attributes of a provider",
        "  akash tx audit attr create akash1... region eu-west --from auditor\n  \
           akash tx audit attr create akash1... --from auditor",
    );
    let retract = command::<Retract>(
        "delete",
        "Attest attributes no longer",
        "  akash tx audit attr delete akash1... region --from auditor",
    );
    vec![
        ("provider create", create),
        ("provider update", update),
        ("audit attr create", attest),
        ("audit attr delete", retract),
    ]
}

pub async fn run(path: &str, home: &Home, matches: &ArgMatches, output: &Output) -> Option<Result<()>> {
    Some(match path {
        "provider create" => announce(home, matches, output, true).await,
        "provider update" => announce(home, matches, output, false).await,
        "audit attr create" => attest(home, matches, output).await,
        "audit attr delete" => retract(home, matches, output).await,
        _ => return None,
    })
}

/// What a provider's file says.
struct Announced {
    host_uri: String,
    info: Info,
    attributes: Vec<Attribute>,
}

async fn announce(home: &Home, matches: &ArgMatches, output: &Output, is_new: bool) -> Result<()> {
    let flags: File = flags(matches)?;
    let Announced { host_uri, info, attributes } = announced(&flags.file)?;
    let sending = Sending::open(home, &flags.tx, output)?;
    let (owner, info) = (sending.from().to_string(), Some(info));
    let message = if is_new {
        encode_any(&MsgCreateProvider { owner, host_uri, attributes, info })
    } else {
        encode_any(&MsgUpdateProvider { owner, host_uri, attributes, info })
    };
    sending.send(vec![message]).await
}

fn announced(path: &Path) -> Result<Announced> {
    let name = path.display();
    let value = yaml::read(&read(path)?).map_err(|error| usage(format!("{name}: {error}")))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let host_uri = text(&value["host"]);
    if host_uri.is_empty() {
        return Err(usage(format!("{name} has no `host`, such as https://provider.example.com:8443")));
    }
    let info = Info { email: text(&value["info"]["email"]), website: text(&value["info"]["website"]) };
    let mut attributes: Vec<Attribute> = Vec::new();
    for entry in value["attributes"].as_array().into_iter().flatten() {
        let (key, value) = (text(&entry["key"]), text(&entry["value"]));
        if key.is_empty() {
            return Err(usage(format!("{name}: an attribute has no `key`")));
        }
        if attributes.iter().any(|known| known.key == key) {
            return Err(usage(format!("{name}: the attribute {key} stands there twice")));
        }
        attributes.push(Attribute { key, value });
    }
    Ok(Announced { host_uri, info, attributes })
}

async fn attest(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let flags: Attest = flags(matches)?;
    let provider = Address::parse(&flags.provider).map_err(|error| usage(format!("{}: {error}", flags.provider)))?;
    if !flags.attributes.len().is_multiple_of(2) {
        return Err(usage("attributes are keys and values by turns, and the last key has no value"));
    }
    let sending = Sending::open(home, &flags.tx, output)?;
    let pairs = flags.attributes.chunks_exact(2);
    let mut attributes: Vec<Attribute> =
        pairs.map(|pair| Attribute { key: pair[0].clone(), value: pair[1].clone() }).collect();
    if attributes.is_empty() {
        let found = sending.client()?.provider(&provider).await.map_err(explain)?;
        attributes = found.ok_or_else(|| usage(format!("there is no provider {provider}")))?.attributes;
    }
    attributes.sort_by(|one, other| one.key.cmp(&other.key));
    if let Some(pair) = attributes.windows(2).find(|pair| pair[0].key == pair[1].key) {
        return Err(usage(format!("the attribute {} is given twice", pair[0].key)));
    }
    let auditor = sending.from().to_string();
    let message = MsgSignProviderAttributes { owner: provider.to_string(), auditor, attributes };
    sending.send(vec![encode_any(&message)]).await
}

async fn retract(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let mut flags: Retract = flags(matches)?;
    flags.keys.sort();
    flags.keys.dedup();
    let sending = Sending::open(home, &flags.tx, output)?;
    let (owner, auditor) = (flags.provider.clone(), sending.from().to_string());
    let keys = flags.keys.clone();
    sending.send(vec![encode_any(&MsgDeleteProviderAttributes { owner, auditor, keys })]).await
}
