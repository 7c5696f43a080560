//! The commands that make, run and keep a node. What a node is and does is known by `akash_node`.
//!
//! A node's home is the folder that `--home` names: settings, genesis and keys in `config`, the chain in `data`.

mod config;
mod genesis;
mod init;
mod maintain;
mod start;
mod testnet;

use akash_node::NodeError;
use akash_node::config::ConfigError;

pub use config::{load, run as config};
pub use genesis::run as genesis;
pub use init::run as init;
pub use maintain::{export, rollback, run as node, snapshot};
pub use start::run as start;
pub use testnet::run as testnet;

use crate::failure::{Exit, Failure};

/// A node's error with its exit code and the next step.
pub fn explain(error: NodeError) -> anyhow::Error {
    let text = error.to_string();
    let (exit, next) = match &error {
        NodeError::NotInitialised(_) => {
            (Exit::Config, "`akash init MONIKER` makes a home, `akash testnet init` several")
        }
        NodeError::AlreadyInitialised(_) => (Exit::Config, "choose another --home, or begin anew with --overwrite"),
        NodeError::SecondInstance(_) => (Exit::Config, "`akash status` shows the one that runs"),
        NodeError::PortInUse { .. } | NodeError::Listen { .. } => {
            (Exit::Config, "`akash start --set rpc.address=127.0.0.1:0` moves one; `akash config explain` lists them")
        }
        NodeError::Genesis(_) => (Exit::Config, "`akash genesis validate` checks the file"),
        NodeError::Key(_) => (Exit::Store, "restore the file from where you keep a copy"),
        NodeError::DiskFull(_) => (Exit::Store, "free some space and start again; nothing is lost"),
        NodeError::File { .. } | NodeError::Store(_) | NodeError::Blocks(_) | NodeError::LastSign(_) => {
            (Exit::Store, "")
        }
        _ => (Exit::Internal, ""),
    };
    let failure = Failure::new(exit, text);
    if next.is_empty() { failure.into() } else { failure.next(next).into() }
}

/// Wrong settings, each on its line.
pub fn explain_config(error: &ConfigError) -> anyhow::Error {
    Failure::new(Exit::Config, error.to_string()).next("`akash config explain` lists what can be set").into()
}
