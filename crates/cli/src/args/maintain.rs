//! Flags of the commands that keep the data of a node which does not run.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum NodeCommand {
    /// Write the state as a genesis file
    #[command(after_help = "Examples:\n  akash node export > genesis.json\n  \
            akash node export --height 100 --output-document genesis.json")]
    Export(Export),
    /// Take the state one height back
    #[command(after_help = "Examples:\n  akash node rollback\n  akash node rollback --hard")]
    Rollback(Rollback),
    /// Make all indexes again
    #[command(after_help = "Examples:\n  akash node reindex --home /tmp/node")]
    Reindex,
    /// Check the sums and ties that must always hold
    #[command(after_help = "Examples:\n  akash node check-invariants\n  akash node check-invariants --height 100")]
    CheckInvariants {
        /// The height to look at; without it the newest
        #[arg(long, value_name = "N")]
        height: Option<u64>,
    },
    /// Give up old heights and blocks, as the settings say
    #[command(after_help = "Examples:\n  akash node prune --home /tmp/node")]
    Prune,
    /// Copies of the state that other nodes can start from
    #[command(subcommand)]
    Snapshot(Snapshot),
    /// Print by what name other nodes know this one
    #[command(after_help = "Examples:\n  akash node show-node-id --home /tmp/node")]
    ShowNodeId,
    /// Print the key that this node's votes are checked with
    #[command(after_help = "Examples:\n  akash node show-validator --home /tmp/node")]
    ShowValidator,
    /// Print the address of this node as a validator
    #[command(after_help = "Examples:\n  akash node show-address --home /tmp/node")]
    ShowAddress,
}

#[derive(Debug, Subcommand)]
pub enum Snapshot {
    /// Make one of the newest height
    #[command(visible_alias = "export", after_help = "Examples:\n  akash node snapshot create")]
    Create,
    /// List those there are
    #[command(after_help = "Examples:\n  akash node snapshot list -o json")]
    List,
    /// Begin this home's chain with one of its snapshots
    #[command(after_help = "Examples:\n  akash node snapshot restore 100 1 --home /tmp/new")]
    Restore(SnapshotName),
    /// Remove one
    #[command(after_help = "Examples:\n  akash node snapshot delete 100 1")]
    Delete(SnapshotName),
    /// Write one into a single file
    #[command(after_help = "Examples:\n  akash node snapshot dump 100 1 --output-document state.snapshot")]
    Dump {
        #[command(flatten)]
        name: SnapshotName,
        /// The file
        #[arg(long, value_name = "FILE")]
        output_document: PathBuf,
    },
    /// Take one from a single file
    #[command(after_help = "Examples:\n  akash node snapshot load state.snapshot --home /tmp/new")]
    Load {
        /// The file
        file: PathBuf,
    },
}

/// Which snapshot.
#[derive(Debug, Clone, Copy, Args)]
pub struct SnapshotName {
    /// Height of its state
    pub height: u64,
    /// Its format
    #[arg(default_value_t = akash_node::maintenance::snapshots::SNAPSHOT_FORMAT)]
    pub format: u32,
}

#[derive(Debug, Args)]
pub struct Export {
    /// The height to export; without it the newest
    #[arg(long, value_name = "N")]
    pub height: Option<u64>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output_document: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Rollback {
    /// Remove the block too, so that it can be decided anew
    #[arg(long)]
    pub hard: bool,
}

/// The words of the Go client for names of a node.
#[expect(clippy::enum_variant_names, reason = "they are the words that are typed")]
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Comet {
    /// Print by what name other nodes know this one
    #[command(after_help = "Examples:\n  akash comet show-node-id")]
    ShowNodeId,
    /// Print the key that this node's votes are checked with
    #[command(after_help = "Examples:\n  akash comet show-validator")]
    ShowValidator,
    /// Print the address of this node as a validator
    #[command(after_help = "Examples:\n  akash comet show-address")]
    ShowAddress,
}

impl From<Comet> for NodeCommand {
    fn from(command: Comet) -> Self {
        match command {
            Comet::ShowNodeId => Self::ShowNodeId,
            Comet::ShowValidator => Self::ShowValidator,
            Comet::ShowAddress => Self::ShowAddress,
        }
    }
}
