//! Flags of `up` and of a tenant's commands.

use std::path::PathBuf;

use clap::Args;

use super::KeyringFlags;

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

/// Who acts, and on which network; without them the tenant of the cloud in this home.
#[derive(Debug, Clone, Default, Args)]
pub struct AccountFlags {
    /// Name or address of the key
    #[arg(long, env = "AKASH_FROM", value_name = "KEY")]
    pub from: Option<String>,
    #[command(flatten)]
    pub keyring: KeyringFlags,
    /// URL of a node's JSON-RPC
    #[arg(long, env = "AKASH_NODE", value_name = "URL")]
    pub node: Option<String>,
    /// Price of a unit of gas; without it what the node asks for
    #[arg(long, env = "AKASH_GAS_PRICES", value_name = "PRICE")]
    pub gas_prices: Option<String>,
}

#[derive(Debug, Args)]
pub struct Deploy {
    #[command(flatten)]
    pub account: AccountFlags,
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
    #[command(flatten)]
    pub account: AccountFlags,
    /// Closed ones too
    #[arg(short, long)]
    pub all: bool,
}

#[derive(Debug, Args)]
pub struct Which {
    /// Number of the deployment (its dseq)
    #[arg(value_name = "ID")]
    pub dseq: Option<u64>,
    #[command(flatten)]
    pub account: AccountFlags,
}

#[derive(Debug, Args)]
pub struct Logs {
    #[command(flatten)]
    pub account: AccountFlags,
    /// Number of the deployment; may be left out when there is one
    #[arg(value_name = "ID")]
    pub dseq: Option<u64>,
    /// Go on until Ctrl-C
    #[arg(short, long)]
    pub follow: bool,
    /// Begin with the last N lines
    #[arg(
        short, long, value_name = "N", default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(0..=10000)
    )]
    pub tail: u32,
    /// One service alone
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
}

#[derive(Debug, Args)]
pub struct Close {
    #[command(flatten)]
    pub account: AccountFlags,
    /// Number of the deployment; may be left out when there is one
    #[arg(value_name = "ID")]
    pub dseq: Option<u64>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}
