//! The flags: one definition each, with the help text that a person reads. One file a family of commands.

mod cluster;
mod command;
mod jwt;
mod keys;
mod maintain;
mod node;
mod query;
mod sdl;
mod send;
mod tenant;
#[cfg(test)]
mod tests;
mod tx;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

pub use cluster::{Cluster, ClusterRun};
pub use command::Command;
pub use jwt::{AccessKind, Algorithm, Jwt, JwtMint, JwtVerify};
pub use keys::{Backend, Bech, Cert, HdFlags, KeyAdd, KeyExport, KeyImport, KeyShow, KeyringFlags, Keys, KeysCommand};
pub use maintain::{Comet, Export, NodeCommand, Rollback, Snapshot};
pub use node::{AddAccount, AddValidator, Config, Genesis, Init, SettingFlags, Start, Testnet, TestnetInit};
pub use query::{Query, QueryFlags};
pub use sdl::Sdl;
pub use send::{AnyTx, BroadcastMode, TxFlags};
pub use tenant::{AccountFlags, Close, Deploy, Logs, Ls, Up, Which};
pub use tx::{Input, SignMode, SignerFlags, Tx, TxMultisign, TxSign, TxValidate};

const EXIT_CODES: &str = "\
Exit codes:
  0 ok                            6 not authorised
  1 internal error                7 files of the home
  2 usage, or errors in the SDL   8 no offers
  3 configuration                 9 not ready in time
  4 connection                   10 not enough funds
  5 transaction refused         130 interrupted";

/// The decentralised cloud in one program.
#[derive(Debug, Parser)]
#[command(name = "akash", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Where network, keys and state live
    #[arg(long, env = "AKASH_HOME", value_name = "DIR", global = true, default_value_os_t = default_home())]
    pub home: PathBuf,
    /// How results are written to standard output
    #[arg(short, long, value_enum, default_value_t = Format::Text, global = true)]
    pub output: Format,
    /// No progress, only results and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    Yaml,
}

impl Format {
    /// What the words of a command that could not be read ask for.
    pub fn asked_for(words: impl Iterator<Item = OsString>) -> Self {
        let words: Vec<String> = words.filter_map(|word| word.into_string().ok()).collect();
        let is_json = words.iter().any(|word| ["-ojson", "-o=json", "--output=json"].contains(&word.as_str()))
            || words.windows(2).any(|pair| ["-o", "--output"].contains(&pair[0].as_str()) && pair[1] == "json");
        if is_json { Self::Json } else { Self::Text }
    }
}

fn default_home() -> PathBuf {
    std::env::home_dir().unwrap_or_else(|| PathBuf::from(".")).join(".akash")
}
