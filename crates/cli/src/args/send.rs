//! Flags of the commands that send transactions. Which commands there are comes from the tables of
//! [`crate::commands::send`]; `akash tx` has those that need no network beside them.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Subcommand, ValueEnum};

use super::{KeyringFlags, SignMode, Tx};
use crate::commands::send::tree;

/// `akash tx`.
#[derive(Debug)]
pub enum AnyTx {
    /// Works on a transaction without a network.
    Offline(Tx),
    /// Makes a transaction and sends it.
    Online(ArgMatches),
}

impl FromArgMatches for AnyTx {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        match matches.subcommand_name() {
            Some(name) if Tx::has_subcommand(name) => Tx::from_arg_matches(matches).map(Self::Offline),
            _ => Ok(Self::Online(matches.clone())),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Subcommand for AnyTx {
    /// Reading all descriptors takes a moment, so it waits until somebody asks for a transaction.
    fn augment_subcommands(command: Command) -> Command {
        command.defer(|command| tree::augment(Tx::augment_subcommands(command)))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(_name: &str) -> bool {
        true
    }
}

/// How long a transaction is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BroadcastMode {
    /// Until a block has it
    Block,
    /// Until the node took it
    Sync,
    /// As sync: the node's answer is always waited for
    Async,
}

/// Flags of every command that sends a transaction.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Transaction")]
pub struct TxFlags {
    /// Name or address of the key that signs
    #[arg(long, env = "AKASH_FROM", value_name = "KEY")]
    pub from: Option<String>,
    #[command(flatten)]
    pub keyring: KeyringFlags,
    /// Folder of the key ring, if not the home
    #[arg(long, env = "AKASH_KEYRING_DIR", value_name = "DIR")]
    pub keyring_dir: Option<PathBuf>,
    /// URL of the node's JSON-RPC; without it the node of this home
    #[arg(long, env = "AKASH_NODE", value_name = "URL")]
    pub node: Option<String>,
    /// The network that it is for; must be that of the node
    #[arg(long, env = "AKASH_CHAIN_ID", value_name = "ID")]
    pub chain_id: Option<String>,
    /// Gas limit, or `auto` for what a simulation uses
    #[arg(long, env = "AKASH_GAS", value_name = "GAS")]
    pub gas: Option<String>,
    /// By what the gas of a simulation is multiplied
    #[arg(long, env = "AKASH_GAS_ADJUSTMENT", value_name = "FACTOR")]
    pub gas_adjustment: Option<String>,
    /// Price of a unit of gas, such as 0.025uakt; without it what the node asks for
    #[arg(long, env = "AKASH_GAS_PRICES", value_name = "PRICES", conflicts_with = "fees")]
    pub gas_prices: Option<String>,
    /// The fee itself, such as 5000uakt
    #[arg(long, env = "AKASH_FEES", value_name = "COINS")]
    pub fees: Option<String>,
    /// Who pays the fee, and signs too
    #[arg(long, value_name = "ADDRESS")]
    pub fee_payer: Option<String>,
    /// Whose allowance pays the fee
    #[arg(long, value_name = "ADDRESS")]
    pub fee_granter: Option<String>,
    /// A text that goes with the transaction
    #[arg(long, visible_alias = "memo", value_name = "TEXT", default_value = "")]
    pub note: String,
    /// How long to wait
    #[arg(short, long, env = "AKASH_BROADCAST_MODE", value_name = "MODE", value_enum)]
    pub broadcast_mode: Option<BroadcastMode>,
    /// Print the transaction unsigned, for `akash tx sign`
    #[arg(long)]
    pub generate_only: bool,
    /// Ask no node: prints the transaction signed, or unsigned with --generate-only
    #[arg(long)]
    pub offline: bool,
    /// Only show what it would cost
    #[arg(long)]
    pub dry_run: bool,
    /// Number of the account, with --offline
    #[arg(short, long, value_name = "N")]
    pub account_number: Option<u64>,
    /// How many transactions the account has sent; without it what the node says
    #[arg(short, long, value_name = "N", conflicts_with = "unordered")]
    pub sequence: Option<u64>,
    /// The last height at which it may be in a block
    #[arg(long, value_name = "HEIGHT", default_value_t = 0, conflicts_with = "timeout_duration")]
    pub timeout_height: u64,
    /// How long it may wait for a block, such as 30s or 5m
    #[arg(long, value_name = "TIME")]
    pub timeout_duration: Option<String>,
    /// In any order among those of its account
    #[arg(long, requires = "timeout_duration")]
    pub unordered: bool,
    /// How it is signed
    #[arg(long, env = "AKASH_SIGN_MODE", value_name = "MODE", value_enum, default_value_t = SignMode::Direct)]
    pub sign_mode: SignMode,
    /// Do not ask
    #[arg(short, long, env = "AKASH_YES", value_parser = clap::builder::FalseyValueParser::new())]
    pub yes: bool,
    /// Most seconds to wait for a block
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub wait: u64,
    /// Accepted for scripts; queries go over JSON-RPC
    #[arg(long, value_name = "ADDRESS", hide = true)]
    pub grpc_addr: Option<String>,
}
