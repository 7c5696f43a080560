//! What a chain starts from.
//!
//! [`Genesis`] is the contents of a genesis file: name, time, validators, consensus parameters and each module's state.
//! [`document`] reads and writes the file, [`play`] makes one for a network on one machine.

mod document;
mod play;

use std::collections::BTreeSet;

use akash_kernel::Time;
use akash_proto::tendermint::types::ConsensusParams;
use akash_types::tx;
use serde_json::Value;

pub use play::{PlayGenesis, PlayValidator, play_genesis};

/// Longest chain id that CometBFT accepts.
const MAX_CHAIN_ID_BYTES: usize = 50;

/// A validator of the first block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenesisValidator {
    /// An ed25519 public key.
    pub public_key: [u8; 32],
    pub power: i64,
    pub name: String,
}

impl GenesisValidator {
    /// The consensus address: the first 20 bytes of the key's SHA-256.
    #[must_use]
    pub fn address(&self) -> [u8; 20] {
        let mut address = [0; 20];
        address.copy_from_slice(&tx::hash(&self.public_key)[..20]);
        address
    }
}

/// What a chain starts from.
#[derive(Clone, Debug, PartialEq)]
pub struct Genesis {
    pub chain_id: String,
    pub genesis_time: Time,
    /// The first block's height, at least 1.
    pub initial_height: i64,
    pub consensus_params: ConsensusParams,
    pub validators: Vec<GenesisValidator>,
    /// One key for each module, in the module's own form.
    pub app_state: Value,
}

/// Why a genesis file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    #[error("genesis file: {0}")]
    Json(String),
    #[error("genesis file: {field}: {problem}")]
    Field { field: String, problem: String },
}

impl GenesisError {
    pub(crate) fn field(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Field { field: field.into(), problem: problem.into() }
    }
}

impl Genesis {
    /// Checks everything that does not need a module.
    pub fn validate(&self) -> Result<(), GenesisError> {
        if self.chain_id.is_empty() || self.chain_id.len() > MAX_CHAIN_ID_BYTES {
            let problem = format!("has {} bytes, must have 1 to {MAX_CHAIN_ID_BYTES}", self.chain_id.len());
            return Err(GenesisError::field("chain_id", problem));
        }
        if self.initial_height < 1 {
            return Err(GenesisError::field(
                "initial_height",
                format!("is {}, must be at least 1", self.initial_height),
            ));
        }
        crate::consensus::check(&self.consensus_params)
            .map_err(|problem| GenesisError::field("consensus_params", problem))?;
        let mut keys = BTreeSet::new();
        for validator in &self.validators {
            if validator.power <= 0 {
                let problem = format!("{} has power {}", validator.name, validator.power);
                return Err(GenesisError::field("validators", problem));
            }
            if !keys.insert(validator.public_key) {
                return Err(GenesisError::field("validators", format!("{} appears twice", validator.name)));
            }
        }
        let total = self.validators.iter().try_fold(0i64, |sum, validator| sum.checked_add(validator.power));
        if total.is_none_or(|total| total > i64::MAX / 8) {
            return Err(GenesisError::field("validators", "the sum of all powers is too large"));
        }
        Ok(())
    }
}
