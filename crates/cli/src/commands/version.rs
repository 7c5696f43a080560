//! `akash version` and `akash completions`: what the program says of itself.

use std::io::{self, Write};

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;

use crate::args::Cli;
use crate::output::Output;

const VERSION: &str = env!("CARGO_PKG_VERSION");

pub fn run(output: &Output) -> Result<()> {
    output.result(VERSION, &json!({ "name": "akash", "version": VERSION }))
}

pub fn completions(shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "akash", &mut script);
    match io::stdout().lock().write_all(&script) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
