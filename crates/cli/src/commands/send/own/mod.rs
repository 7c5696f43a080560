//! Transactions whose arguments are files, lists, or more than the fields of one message.

mod authz;
mod bank;
mod cert;
mod deployment;
mod provider;

use std::path::Path;

use akash_node::config::Setting;
use akash_types::coin::{Coin, Coins, DecCoin};
use anyhow::Result;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

/// Longest file that is read.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// Messages that the commands here send, so that no other command does.
const REPLACED: [&str; 14] = [
    "akash.audit.v1.MsgDeleteProviderAttributes",
    "akash.audit.v1.MsgSignProviderAttributes",
    "akash.cert.v1.MsgCreateCertificate",
    "akash.cert.v1.MsgRevokeCertificate",
    "akash.deployment.v1beta4.MsgCreateDeployment",
    "akash.deployment.v1beta4.MsgUpdateDeployment",
    "akash.escrow.v1.MsgAccountDeposit",
    "akash.market.v1beta5.MsgCreateBid",
    "akash.provider.v1beta4.MsgCreateProvider",
    "akash.provider.v1beta4.MsgUpdateProvider",
    "cosmos.authz.v1beta1.MsgExec",
    "cosmos.authz.v1beta1.MsgGrant",
    "cosmos.bank.v1beta1.MsgMultiSend",
    "cosmos.feegrant.v1beta1.MsgGrantAllowance",
];

/// Whether one of the commands here sends this message.
pub fn replaces(message: &str) -> bool {
    REPLACED.contains(&message)
}

/// Words and command of each.
pub fn commands() -> Vec<(&'static str, Command)> {
    let parts = [bank::commands(), authz::commands(), deployment::commands(), provider::commands(), cert::commands()];
    parts.into_iter().flatten().collect()
}

/// Runs the command, if the words are one of these.
pub async fn run(path: &str, home: &Home, matches: &ArgMatches, output: &Output) -> Option<Result<()>> {
    let group = path.split(' ').next().unwrap_or_default();
    match group {
        "broadcast" | "bank" | "vesting" => bank::run(path, home, matches, output).await,
        "authz" | "feegrant" => authz::run(path, home, matches, output).await,
        "deployment" | "escrow" | "market" => deployment::run(path, home, matches, output).await,
        "provider" | "audit" => provider::run(path, home, matches, output).await,
        "cert" => cert::run(path, home, matches, output).await,
        _ => None,
    }
}

fn command<F: Args>(name: &'static str, about: &'static str, examples: &'static str) -> Command {
    F::augment_args(Command::new(name)).about(about).after_help(format!("Examples:\n{examples}"))
}

fn flags<F: FromArgMatches>(matches: &ArgMatches) -> Result<F> {
    F::from_arg_matches(matches).map_err(usage)
}

fn usage(reason: impl std::fmt::Display) -> anyhow::Error {
    Failure::new(Exit::Usage, reason.to_string()).into()
}

fn coins(flag: &str, text: &str) -> Result<Coins> {
    Coins::parse(text).map_err(|error| usage(format!("{flag} {text:?}: {error}; write coins as 5uakt,7uact")))
}

fn coin(flag: &str, text: &str) -> Result<Coin> {
    text.parse().map_err(|error| usage(format!("{flag} {text:?}: {error}; write a coin as 5uakt")))
}

/// A time such as `1h30m`; a bare number counts seconds.
fn duration(flag: &str, text: &str) -> Result<prost_types::Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = if is_number { format!("{text}s") } else { text.to_owned() };
    let mut length = std::time::Duration::ZERO;
    length.set(&text).map_err(|reason| usage(format!("{flag}: {reason}")))?;
    prost_types::Duration::try_from(length).map_err(|_| usage(format!("{flag} is too long")))
}

fn price(flag: &str, text: &str) -> Result<DecCoin> {
    text.parse().map_err(|error| usage(format!("{flag} {text:?}: {error}; write a price as 0.5uakt")))
}

/// The text of a file; `-` is standard input.
fn read(path: &Path) -> Result<String> {
    use std::io::Read;
    let open = || -> std::io::Result<String> {
        let mut text = String::new();
        if path == Path::new("-") {
            std::io::stdin().lock().take(MAX_FILE_BYTES).read_to_string(&mut text)?;
        } else {
            std::fs::File::open(path)?.take(MAX_FILE_BYTES).read_to_string(&mut text)?;
        }
        Ok(text)
    };
    open().map_err(|error| usage(format!("cannot read {}: {error}", path.display())))
}
