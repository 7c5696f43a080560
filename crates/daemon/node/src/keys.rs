//! The two key files in CometBFT's form: the consensus key and the network key.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_consensus::SigningKey;
use serde::{Deserialize, Serialize};

use crate::chain::validators::address_of;
use crate::files;

pub const PRIVATE_KEY_TYPE: &str = "tendermint/PrivKeyEd25519";
pub const PUBLIC_KEY_TYPE: &str = "tendermint/PubKeyEd25519";

#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} is no key file: {reason}")]
    Damaged { path: PathBuf, reason: String },
}

#[derive(Serialize, Deserialize)]
struct Tagged {
    r#type: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
struct ConsensusKeyFile {
    address: String,
    pub_key: Tagged,
    priv_key: Tagged,
}

#[derive(Serialize, Deserialize)]
struct NodeKeyFile {
    priv_key: Tagged,
}

/// Seed and public key, as Go's ed25519 keeps a private key.
fn tagged_private(key: &SigningKey) -> Tagged {
    let mut bytes = key.to_bytes().to_vec();
    bytes.extend(key.verification_key().to_bytes());
    Tagged { r#type: PRIVATE_KEY_TYPE.to_string(), value: BASE64.encode(bytes) }
}

fn private_of(tagged: &Tagged) -> Result<SigningKey, String> {
    if tagged.r#type != PRIVATE_KEY_TYPE {
        return Err(format!("priv_key is of type {}, expected {PRIVATE_KEY_TYPE}", tagged.r#type));
    }
    let bytes = BASE64.decode(&tagged.value).map_err(|error| error.to_string())?;
    let (seed, public) = bytes.split_at_checked(32).ok_or("priv_key has not 64 bytes")?;
    let key = SigningKey::from(<[u8; 32]>::try_from(seed).map_err(|error| error.to_string())?);
    if key.verification_key().as_bytes() == public { Ok(key) } else { Err("the two halves of priv_key differ".into()) }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, KeyFileError> {
    let text = std::fs::read(path).map_err(|source| KeyFileError::File { path: path.to_path_buf(), source })?;
    serde_json::from_slice(&text)
        .map_err(|error| KeyFileError::Damaged { path: path.to_path_buf(), reason: error.to_string() })
}

fn write<T: Serialize>(path: &Path, content: &T) -> Result<(), KeyFileError> {
    let text = serde_json::to_vec_pretty(content).expect("strings are always JSON");
    files::write_durable(path, &text, files::PRIVATE)
        .map_err(|source| KeyFileError::File { path: path.to_path_buf(), source })
}

/// `priv_validator_key.json`.
pub fn read_consensus_key(path: &Path) -> Result<SigningKey, KeyFileError> {
    let file: ConsensusKeyFile = read(path)?;
    private_of(&file.priv_key).map_err(|reason| KeyFileError::Damaged { path: path.to_path_buf(), reason })
}

pub fn write_consensus_key(path: &Path, key: &SigningKey) -> Result<(), KeyFileError> {
    let public = key.verification_key().to_bytes();
    write(
        path,
        &ConsensusKeyFile {
            address: hex::encode_upper(address_of(&public)),
            pub_key: Tagged { r#type: PUBLIC_KEY_TYPE.to_string(), value: BASE64.encode(public) },
            priv_key: tagged_private(key),
        },
    )
}

/// `node_key.json`.
pub fn read_node_key(path: &Path) -> Result<SigningKey, KeyFileError> {
    let file: NodeKeyFile = read(path)?;
    private_of(&file.priv_key).map_err(|reason| KeyFileError::Damaged { path: path.to_path_buf(), reason })
}

pub fn write_node_key(path: &Path, key: &SigningKey) -> Result<(), KeyFileError> {
    write(path, &NodeKeyFile { priv_key: tagged_private(key) })
}

/// How peers and `status` name a node.
pub fn node_id(key: &SigningKey) -> String {
    hex::encode(address_of(key.verification_key().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_files_are_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let (consensus, node) = (folder.path().join("a.json"), folder.path().join("b.json"));
        let key = SigningKey::from([7; 32]);
        write_consensus_key(&consensus, &key).unwrap();
        write_node_key(&node, &key).unwrap();
        assert_eq!(read_consensus_key(&consensus).unwrap().to_bytes(), key.to_bytes());
        assert_eq!(read_node_key(&node).unwrap().to_bytes(), key.to_bytes());
        assert_eq!(node_id(&key).len(), 40);
    }

    #[test]
    fn foreign_key_types_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node_key.json");
        std::fs::write(&path, r#"{"priv_key":{"type":"tendermint/PrivKeySecp256k1","value":"AA=="}}"#).unwrap();
        assert!(read_node_key(&path).err().unwrap().to_string().contains("PrivKeySecp256k1"));
    }
}
