//! The flags: one definition each, with the help text that a person reads.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
  0 ok                            7 files of the home
  1 internal error                8 no offers
  2 usage, or errors in the SDL   9 not ready in time
  3 configuration                10 not enough funds
  4 connection                  130 interrupted
  5 transaction refused";

/// The decentralised cloud in one program.
#[derive(Debug, Parser)]
#[command(name = "akash", version, about, after_help = EXIT_CODES, arg_required_else_help = true)]
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
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make and run a whole cloud on this machine: chain, provider, registry, ingress
    #[command(
        after_help = "Examples:\n  akash up\n  akash up --deploy examples/hello/deploy.yaml\n  akash up --home /tmp/second --offset 1000"
    )]
    Up(Up),
    /// Run an SDL file: order, bids, lease, manifest, and the URL on standard output
    #[command(after_help = "Examples:\n  akash deploy app.yaml\n  URL=$(akash deploy --yes app.yaml)")]
    Deploy(Deploy),
    /// List your deployments
    #[command(visible_alias = "list", after_help = "Examples:\n  akash ls\n  akash ls --all -o json")]
    Ls(Ls),
    /// Show the node, or one deployment
    #[command(after_help = "Examples:\n  akash status\n  akash status 1234")]
    Status(Which),
    /// Show what the containers of a deployment print
    #[command(after_help = "Examples:\n  akash logs 1234 -f\n  akash logs --tail 20")]
    Logs(Logs),
    /// End a deployment: its containers stop, the rest of the deposit comes back
    #[command(after_help = "Examples:\n  akash close 1234\n  akash close --yes")]
    Close(Close),
    /// Work on SDL files without a network
    #[command(subcommand)]
    Sdl(Sdl),
    /// Run containers on this machine without a chain
    #[command(subcommand)]
    Cluster(Cluster),
}

#[derive(Debug, Args)]
pub struct Up {
    /// Add N to every port
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: u16,
    /// Throw the state of this home away and start afresh
    #[arg(long)]
    pub reset: bool,
    /// Deploy this SDL file when the cloud is up, fetch its page and show it
    #[arg(long, value_name = "FILE")]
    pub deploy: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Deploy {
    /// The SDL file
    pub file: PathBuf,
    /// Do not ask before money moves
    #[arg(short, long)]
    pub yes: bool,
    /// What goes into the escrow; without it the network's minimum
    #[arg(long, value_name = "COIN")]
    pub deposit: Option<String>,
    /// How long to wait for a first bid, in seconds
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub bid_timeout: u64,
    /// How long to wait until all services are ready, in seconds
    #[arg(long, value_name = "S", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub ready_timeout: u64,
}

#[derive(Debug, Args)]
pub struct Ls {
    /// Closed ones too
    #[arg(short, long)]
    pub all: bool,
}

#[derive(Debug, Args)]
pub struct Which {
    /// Number of the deployment (its dseq)
    #[arg(value_name = "ID")]
    pub dseq: Option<u64>,
}

#[derive(Debug, Args)]
pub struct Logs {
    /// Number of the deployment; may be left out when there is one
    #[arg(value_name = "ID")]
    pub dseq: Option<u64>,
    /// Go on until Ctrl-C
    #[arg(short, long)]
    pub follow: bool,
    /// Begin with the last N lines
    #[arg(short, long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=10000))]
    pub tail: u32,
    /// One service alone
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
}

#[derive(Debug, Args)]
pub struct Close {
    /// Number of the deployment; may be left out when there is one
    #[arg(value_name = "ID")]
    pub dseq: Option<u64>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, Subcommand)]
pub enum Sdl {
    /// Print the manifest hash of an SDL file in hex
    #[command(after_help = "Examples:\n  akash sdl hash app.yaml\n  cat app.yaml | akash sdl hash -")]
    Hash {
        /// The SDL file, `-` is standard input
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Cluster {
    /// Pull an image and run it
    #[command(after_help = "Examples:\n  akash cluster run --name web --port 8080 play.localhost/hello:1")]
    Run(ClusterRun),
    /// List containers
    Ps,
    /// Show what a container prints
    Logs {
        /// The name given to `run`
        name: String,
        /// Go on until Ctrl-C
        #[arg(short, long)]
        follow: bool,
        /// Begin with the last N lines
        #[arg(short, long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=10000))]
        tail: u32,
    },
    /// Stop and remove containers
    Rm {
        /// The names given to `run`
        #[arg(required = true)]
        names: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub struct ClusterRun {
    /// Image by tag or digest
    pub image: String,
    /// Arguments instead of those of the image
    #[arg(trailing_var_arg = true)]
    pub args: Vec<String>,
    /// Name for the other commands, and host name `<NAME>.localhost`
    #[arg(long)]
    pub name: String,
    /// Port of the container that the ingress serves
    #[arg(long)]
    pub port: Option<u16>,
    /// Thousandths of a core
    #[arg(long, value_name = "MILLI", default_value_t = 500, value_parser = clap::value_parser!(u64).range(10..=384_000))]
    pub cpu: u64,
    /// Memory in MiB
    #[arg(long, value_name = "MIB", default_value_t = 128, value_parser = clap::value_parser!(u64).range(1..=2_097_152))]
    pub memory: u64,
    /// Environment, `NAME=VALUE`
    #[arg(short, long)]
    pub env: Vec<String>,
    /// Address that the ingress listens on while this command runs
    #[arg(long, default_value = "127.0.0.1")]
    pub listen: IpAddr,
    /// Port of the ingress
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    pub ingress: u16,
}

fn default_home() -> PathBuf {
    std::env::home_dir().unwrap_or_else(|| PathBuf::from(".")).join(".akash")
}
