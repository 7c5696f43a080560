//! Why a node does not start or does not go on. Texts say what to do.

use std::net::SocketAddr;
use std::path::PathBuf;

use akash_app::Fault;

use crate::blocks::BlockStoreError;
use crate::chain::executor::ChainError;
use crate::engine::EngineError;
use crate::engine::last_sign::LastSignError;
use crate::keys::KeyFileError;

#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{0} is there already: this home was initialised before")]
    AlreadyInitialised(PathBuf),
    #[error("{0} is missing: initialise this home first")]
    NotInitialised(PathBuf),
    #[error("another node runs on {0}: stop it, or choose another home")]
    SecondInstance(PathBuf),
    #[error("{address} ({service}) is in use by another program: stop that one, or choose other ports")]
    PortInUse { service: &'static str, address: SocketAddr },
    #[error("cannot listen on {address} ({service}): {source}")]
    Listen { service: &'static str, address: SocketAddr, source: std::io::Error },
    #[error("genesis: {0}")]
    Genesis(String),
    #[error("min_gas_prices {0}")]
    MinGasPrices(String),
    #[error("{0}")]
    DiskFull(String),
    #[error(
        "this validator's signature for height {chain_height} stands in the chain, but {path} knows less: \
         make sure that no other node uses the same key, then restore the file or delete the key"
    )]
    SignedElsewhere { chain_height: u64, path: PathBuf },
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(transparent)]
    LastSign(#[from] LastSignError),
    #[error("the state: {0}")]
    Store(String),
    #[error(transparent)]
    App(#[from] Fault),
    #[error(transparent)]
    Blocks(#[from] BlockStoreError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Found while running.
    #[error("{0}")]
    Stopped(String),
}
