//! Flags of the commands that make, run and keep a node.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::KeyringFlags;

#[derive(Debug, Args)]
pub struct Init {
    /// How the node names itself to others
    pub moniker: String,
    /// Name of the chain that begins here; without it one is made up
    #[arg(long, env = "AKASH_CHAIN_ID", value_name = "ID")]
    pub chain_id: Option<String>,
    /// Follow the chain of this genesis file instead of beginning one
    #[arg(long, value_name = "FILE", conflicts_with = "chain_id")]
    pub genesis: Option<PathBuf>,
    /// Height of the first block
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..))]
    pub initial_height: i64,
    /// Do not make this node a validator of the new chain
    #[arg(long)]
    pub no_validator: bool,
    /// Write genesis and settings anew; keys stay, and so does a chain that has blocks
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Args)]
pub struct Start {
    /// 200 ms blocks, for development
    #[arg(long)]
    pub dev: bool,
    #[command(flatten)]
    pub settings: SettingFlags,
}

/// Flags that stand above environment and file.
#[derive(Debug, Clone, Default, Args)]
pub struct SettingFlags {
    /// Set any setting, such as `rpc.address=off`; `akash config explain` lists them
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Same as `--set moniker=...`
    #[arg(long, value_name = "NAME")]
    pub moniker: Option<String>,
    /// Same as `--set rpc.address=...`
    #[arg(long = "rpc.laddr", value_name = "ADDRESS")]
    pub rpc: Option<String>,
    /// Same as `--set grpc.address=...`
    #[arg(long = "grpc.address", value_name = "ADDRESS")]
    pub grpc: Option<String>,
    /// Same as `--set rest.address=...`
    #[arg(long = "api.address", value_name = "ADDRESS")]
    pub rest: Option<String>,
    /// Same as `--set p2p.address=...`
    #[arg(long = "p2p.laddr", value_name = "ADDRESS")]
    pub p2p: Option<String>,
    /// Same as `--set p2p.persistent_peers=...`
    #[arg(long = "p2p.persistent_peers", value_name = "PEERS")]
    pub peers: Option<String>,
    /// Same as `--set chain.min_gas_prices=...`
    #[arg(long, value_name = "PRICES")]
    pub minimum_gas_prices: Option<String>,
    /// Same as `--set chain.unsafe_skip_upgrades=...`: heights of planned upgrades to go past without them
    #[arg(long, value_name = "HEIGHTS")]
    pub unsafe_skip_upgrades: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Testnet {
    /// Make the homes of a network on this machine, with free ports and each other as peers
    #[command(
        visible_alias = "init-files",
        after_help = "Examples:\n  akash testnet init --validators 4 --output-dir /tmp/net\n  \
            for n in 0 1 2 3; do akash start --dev --home /tmp/net/node$n & done"
    )]
    Init(TestnetInit),
}

#[derive(Debug, Args)]
pub struct TestnetInit {
    /// How many validators
    #[arg(
        short = 'v', long, visible_alias = "v", value_name = "N", default_value_t = 4,
        value_parser = clap::value_parser!(u16).range(1..=100)
    )]
    pub validators: u16,
    /// Where their homes go: DIR/node0, DIR/node1, ...
    #[arg(long, value_name = "DIR")]
    pub output_dir: PathBuf,
    /// Name of the chain; without it one is made up
    #[arg(long, env = "AKASH_CHAIN_ID", value_name = "ID")]
    pub chain_id: Option<String>,
    /// What each validator's account holds
    #[arg(long, value_name = "COINS", default_value = "1000000000000uact,1000000000000uakt")]
    pub funds: String,
}

#[derive(Debug, Subcommand)]
pub enum Genesis {
    /// Give an account coins in the genesis file of this home
    #[command(
        visible_alias = "add-genesis-account",
        after_help = "Examples:\n  akash genesis add-account alice 1000000000uakt\n  \
            akash genesis add-account akash1... 5uact,7uakt --home /tmp/node"
    )]
    AddAccount(AddAccount),
    /// Add a validator to the genesis file of this home
    #[command(after_help = "Examples:\n  akash genesis add-validator \"$(akash node show-validator --home /tmp/b)\" \
            --name b --home /tmp/a")]
    AddValidator(AddValidator),
    /// Check a genesis file as a node would: form, every module, and the sums
    #[command(
        visible_aliases = ["validate-genesis", "check"],
        after_help = "Examples:\n  akash genesis validate\n  akash genesis validate genesis.json"
    )]
    Validate {
        /// The file; without it that of this home
        file: Option<PathBuf>,
    },
    /// Print the genesis of this home
    #[command(after_help = "Examples:\n  akash genesis show -o yaml")]
    Show,
}

#[derive(Debug, Args)]
pub struct AddAccount {
    /// Address, or name of a key
    pub account: String,
    /// Coins such as `5uact,7uakt`
    pub coins: String,
    /// Add to what the account holds already
    #[arg(long)]
    pub append: bool,
    /// Coins that vest
    #[arg(long, value_name = "COINS", requires = "vesting_end_time")]
    pub vesting_amount: Option<String>,
    /// When vesting begins, in Unix seconds; without it all vests at the end
    #[arg(long, value_name = "SECONDS", requires = "vesting_amount")]
    pub vesting_start_time: Option<i64>,
    /// When vesting ends, in Unix seconds
    #[arg(long, value_name = "SECONDS", requires = "vesting_amount")]
    pub vesting_end_time: Option<i64>,
    #[command(flatten)]
    pub keyring: KeyringFlags,
}

#[derive(Debug, Args)]
pub struct AddValidator {
    /// Public key: base64, or JSON as `akash node show-validator` prints it
    pub public_key: String,
    /// How it is called
    #[arg(long, value_name = "NAME", default_value = "validator")]
    pub name: String,
    /// Its share of the votes
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..))]
    pub power: i64,
}

#[derive(Debug, Subcommand)]
pub enum Config {
    /// Show settings with their values, where each comes from, and what it means
    #[command(after_help = "Examples:\n  akash config explain\n  akash config explain rpc.address\n  \
            AKASH_NODE_RPC_ADDRESS=off akash config explain rpc")]
    Explain {
        /// A setting or a section
        key: Option<String>,
        #[command(flatten)]
        settings: Box<SettingFlags>,
    },
    /// Print a file of settings with all defaults
    #[command(after_help = "Examples:\n  akash config default > config/akash.toml")]
    Default,
    /// Check the file of settings
    #[command(after_help = "Examples:\n  akash config check --home /tmp/node")]
    Check,
}
