//! A node's home: made once, checked at every start.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use akash_app::{Genesis, GenesisValidator};
use ed25519_consensus::SigningKey;

use crate::config::{Home, NodeConfig};
use crate::error::NodeError;
use crate::{files, keys};

const FOLDER_MODE: u32 = 0o700;

fn make_folders(home: &Home) -> Result<(), NodeError> {
    for folder in [home.path().to_path_buf(), home.config(), home.data()] {
        let made = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(&folder);
        made.map_err(|source| NodeError::File { path: folder, source })?;
    }
    Ok(())
}

/// Power of a validator whose genesis does not say otherwise.
const VALIDATOR_POWER: i64 = 10;

/// Makes the keys of a home where they are missing, and gives this node as genesis names it among the validators.
pub fn create_keys(home: &Path, moniker: &str) -> Result<GenesisValidator, NodeError> {
    let home = Home::new(home);
    make_folders(&home)?;
    if !home.node_key().exists() {
        keys::write_node_key(&home.node_key(), &new_key())?;
    }
    if !home.consensus_key().exists() {
        keys::write_consensus_key(&home.consensus_key(), &new_key())?;
    }
    let public_key = keys::read_consensus_key(&home.consensus_key())?.verification_key().to_bytes();
    Ok(GenesisValidator { public_key, power: VALIDATOR_POWER, name: moniker.to_string() })
}

fn new_key() -> SigningKey {
    SigningKey::new(rand::rngs::OsRng)
}

/// Whether `init` was done here.
#[must_use]
pub fn is_initialised(home: &Path) -> bool {
    Home::new(home).genesis().exists()
}

/// Makes keys where they are missing and writes the genesis of the chain that this node will follow.
pub fn init(home: &Path, genesis: &Genesis) -> Result<(), NodeError> {
    create_keys(home, "")?;
    let path = Home::new(home).genesis();
    if path.exists() {
        return Err(NodeError::AlreadyInitialised(path));
    }
    write_genesis(&Home::new(home), genesis)
}

/// Writes `config/akash.toml` with these settings, over an older one.
///
/// # Errors
/// When the file cannot be written.
pub fn write_settings(config: &NodeConfig) -> Result<(), NodeError> {
    let home = Home::new(&config.home);
    make_folders(&home)?;
    let path = home.settings();
    files::write_durable(&path, config.to_toml().as_bytes(), files::PUBLIC)
        .map_err(|source| NodeError::File { path, source })
}

/// Writes the genesis of a home that has none yet, or over the present one.
///
/// # Errors
/// When the node has blocks already, or the file cannot be written.
pub fn replace_genesis(home: &Path, genesis: &Genesis) -> Result<(), NodeError> {
    let home = Home::new(home);
    if home.database().exists() {
        return Err(NodeError::AlreadyInitialised(home.database()));
    }
    make_folders(&home)?;
    write_genesis(&home, genesis)
}

/// The genesis of a home.
///
/// # Errors
/// When there is none, or it is not valid.
pub fn genesis(home: &Path) -> Result<Genesis, NodeError> {
    read_genesis(&Home::new(home))
}

/// How this node is named on the network, and as a validator.
///
/// # Errors
/// When one of the key files is missing or damaged.
pub fn names(home: &Path) -> Result<Names, NodeError> {
    let home = Home::new(home);
    let node_id = keys::node_id(&keys::read_node_key(&home.node_key())?);
    let public_key = keys::read_consensus_key(&home.consensus_key())?.verification_key().to_bytes();
    Ok(Names { node_id, public_key })
}

/// What others know a node by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// 40 hex digits.
    pub node_id: String,
    /// The ed25519 key that its votes are checked with.
    pub public_key: [u8; 32],
}

fn write_genesis(home: &Home, genesis: &Genesis) -> Result<(), NodeError> {
    let path = home.genesis();
    let text = serde_json::to_vec_pretty(&genesis.to_json()).map_err(|error| NodeError::Genesis(error.to_string()))?;
    files::write_durable(&path, &text, files::PUBLIC).map_err(|source| NodeError::File { path, source })
}

pub fn read_genesis(home: &Home) -> Result<Genesis, NodeError> {
    let path = home.genesis();
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(NodeError::NotInitialised(path)),
        Err(source) => return Err(NodeError::File { path, source }),
    };
    Genesis::from_slice(&text).map_err(|error| NodeError::Genesis(format!("{}: {error}", path.display())))
}

/// Held as long as the node runs; the system gives it back however the process ends.
pub fn lock(home: &Home) -> Result<File, NodeError> {
    make_folders(home)?;
    let path = home.lock();
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|source| NodeError::File { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(NodeError::SecondInstance(home.path().to_path_buf())),
        Err(TryLockError::Error(source)) => Err(NodeError::File { path, source }),
    }
}
