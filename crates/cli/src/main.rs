//! The executable `akash`: the whole cloud on one machine, and the commands of a tenant.
//!
//! It parses flags ([`args`]), finds the home ([`home`]), wires node, provider, cluster and client together
//! ([`cloud`]) and prints what they say ([`output`]). It decides nothing: what a command may do is known by the crates
//! below.
//!
//! The executable is also what containers are started with: before anything else, while there is one thread,
//! `maybe_run_internal` looks whether this process is such a helper.

mod args;
mod cloud;
mod commands;
mod failure;
mod home;
mod logging;
mod output;
mod secret;
mod yaml;

use std::env;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Format};
use crate::output::Output;

fn main() -> ExitCode {
    akash_cluster::embedded::maybe_run_internal();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(failure::report_usage(&error, Format::asked_for(env::args_os()))),
    };
    let format = cli.global.output;
    let output = if cli.command.is_offline() { Output::plain(&cli.global) } else { Output::new(&cli.global) };
    let result = commands::run(cli, &output);
    output.done();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ExitCode::from(failure::report(&error, format)),
    }
}
