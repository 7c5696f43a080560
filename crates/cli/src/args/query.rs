//! Flags of `akash query`. Its subcommands come from the descriptors of the wire, so only what all share is here.

use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Subcommand};

use crate::commands::query::tree;

/// What was asked, as words and flags; [`tree`] knows what they mean.
#[derive(Debug)]
pub struct Query(pub ArgMatches);

impl FromArgMatches for Query {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(Self(matches.clone()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0 = matches.clone();
        Ok(())
    }
}

impl Subcommand for Query {
    /// Reading all descriptors takes a moment, so it waits until somebody queries.
    fn augment_subcommands(command: Command) -> Command {
        command.defer(tree::augment)
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        command.defer(tree::augment)
    }

    fn has_subcommand(_name: &str) -> bool {
        true
    }
}

/// Flags of every query.
#[derive(Debug, Clone, Default, Args)]
pub struct QueryFlags {
    /// URL of the node's JSON-RPC; without it the node of this home
    #[arg(long, env = "AKASH_NODE", value_name = "URL")]
    pub node: Option<String>,
    /// Ask about the state at this height; 0 is the newest
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub height: u64,
    /// Accepted for scripts; the node knows its chain
    #[arg(long, value_name = "ID", hide = true)]
    pub chain_id: Option<String>,
    /// Accepted for scripts; queries go over JSON-RPC
    #[arg(long, value_name = "ADDRESS", hide = true)]
    pub grpc_addr: Option<String>,
    /// Accepted for scripts
    #[arg(long, hide = true)]
    pub grpc_insecure: bool,
}
