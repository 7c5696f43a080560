//! The flags: one definition each, with the help text that a person reads. One file a family of commands.

mod cluster;
mod keys;
mod sdl;
mod tenant;
mod tx;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use cluster::{Cluster, ClusterRun};
pub use keys::{Backend, Cert, HdFlags, KeyAdd, KeyExport, KeyImport, KeyShow, KeyringFlags, Keys, KeysCommand};
pub use sdl::Sdl;
pub use tenant::{Close, Deploy, Logs, Ls, Up, Which};
pub use tx::{Input, Tx, TxSign, TxValidate};

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
    Yaml,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make and run a whole cloud on this machine: chain, provider, registry, ingress
    #[command(after_help = "Examples:\n  \
            akash up\n  \
            akash up --deploy examples/hello/deploy.yaml\n  \
            akash up --home /tmp/second --offset 1000")]
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
    /// Make and keep keys, without a network
    Keys(Keys),
    /// Read, write, sign and check transactions without a network
    #[command(subcommand)]
    Tx(Tx),
    /// The certificate by which a provider knows you
    #[command(subcommand)]
    Cert(Cert),
    /// Run containers on this machine without a chain
    #[command(subcommand)]
    Cluster(Cluster),
    /// Print a script that completes commands in a shell
    #[command(after_help = "Examples:\n  \
            source <(akash completions bash)\n  \
            akash completions zsh > ~/.zfunc/_akash\n  \
            akash completions fish > ~/.config/fish/completions/akash.fish")]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the version
    Version,
}

impl Command {
    /// Whether it is done at once, without a network: nothing to wait for, but perhaps something to ask.
    pub fn is_offline(&self) -> bool {
        use Command as C;
        matches!(self, C::Sdl(_) | C::Keys(_) | C::Tx(_) | C::Cert(_) | C::Completions { .. } | C::Version)
    }
}

fn default_home() -> PathBuf {
    std::env::home_dir().unwrap_or_else(|| PathBuf::from(".")).join(".akash")
}
