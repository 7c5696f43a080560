//! Where the files of a node lie.

use std::path::{Path, PathBuf};

/// The layout of a node's home.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    pub fn new(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn config(&self) -> PathBuf {
        self.0.join("config")
    }

    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    /// The one file of settings.
    pub fn settings(&self) -> PathBuf {
        self.config().join("akash.toml")
    }

    pub fn genesis(&self) -> PathBuf {
        self.config().join("genesis.json")
    }

    pub fn consensus_key(&self) -> PathBuf {
        self.config().join("priv_validator_key.json")
    }

    pub fn node_key(&self) -> PathBuf {
        self.config().join("node_key.json")
    }

    pub fn last_sign(&self) -> PathBuf {
        self.data().join("priv_validator_state.json")
    }

    pub fn database(&self) -> PathBuf {
        self.data().join("state")
    }

    pub fn wal(&self) -> PathBuf {
        self.data().join("consensus.wal")
    }

    pub fn lock(&self) -> PathBuf {
        self.data().join("LOCK")
    }
}
