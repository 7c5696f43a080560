//! One file a command.

mod branch;
mod cert;
mod close;
mod cluster;
mod deploy;
mod fetch;
mod jwt;
mod keyring;
mod keys;
mod list;
mod logs;
mod node;
mod online;
mod public_key;
pub mod query;
mod request;
mod sdl;
pub mod send;
mod session;
mod status;
mod tx;
mod up;
mod version;

use std::future::Future;

use anyhow::{Context, Result};

use crate::args::{AnyTx, Cli, Command};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::logging;
use crate::output::Output;

/// Runs a command to its end.
pub fn run(cli: Cli, output: &Output) -> Result<()> {
    let home = Home::new(&cli.global.home);
    if !matches!(cli.command, Command::Up(_) | Command::Start(_)) {
        logging::to_standard_error();
    }
    match cli.command {
        Command::Up(flags) => block_on(up::run(&home, &flags, output)),
        Command::Deploy(flags) => block_on(until_interrupted(deploy::run(&home, &flags, output))),
        Command::Ls(flags) => block_on(list::run(&home, &flags, output)),
        Command::Status(which) => block_on(status::run(&home, &which, output)),
        Command::Logs(flags) => block_on(until_interrupted(logs::run(&home, &flags, output))),
        Command::Close(flags) => block_on(close::run(&home, &flags, output)),
        Command::Init(flags) => node::init(&home, &flags, output),
        Command::Start(flags) => block_on(node::start(&home, &flags, output)),
        Command::Testnet(command) => node::testnet(&command, output),
        Command::Genesis(command) => node::genesis(&home, &command, output),
        Command::Node(command) => node::node(&home, &command, output),
        Command::Export(flags) => node::export(&home, &flags, output),
        Command::Rollback(flags) => node::rollback(&home, &flags, output),
        Command::Snapshots(command) => node::snapshot(&home, &command, output),
        Command::Comet(command) => node::node(&home, &command.into(), output),
        Command::Config(command) => node::config(&home, &command, output),
        Command::Query(query) => block_on(query::run(&home, &query, output)),
        Command::Sdl(command) => sdl::run(&command, output),
        Command::Keys(flags) => keys::run(&home, &flags, output),
        Command::Tx(AnyTx::Offline(command)) => tx::run(&home, &command, output),
        Command::Tx(AnyTx::Online(matches)) => block_on(send::run(&home, &matches, output)),
        Command::Cert(command) => cert::run(&home, &command, output),
        Command::Jwt(command) => jwt::run(&home, &command, output),
        Command::Completions { shell } => version::completions(shell),
        Command::Version => version::run(output),
        Command::Cluster(command) => block_on(cluster::run(&home, &command, output)),
    }
}

fn block_on(command: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("cannot start the runtime")?;
    let result = runtime.block_on(command);
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    result
}

/// Ctrl-C detaches: what was begun goes on, and the same command takes it up again.
async fn until_interrupted(command: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::select! {
        result = command => result,
        _ = tokio::signal::ctrl_c() => {
            let next = "the same command goes on where this one stopped; what was deployed stays until `akash close`";
            Err(Failure::new(Exit::Interrupted, "interrupted").next(next).into())
        }
    }
}
