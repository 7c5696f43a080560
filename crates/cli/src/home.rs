//! The home folder: what lies where, and the record by which every command finds the cloud that `akash up` made.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::failure::{Exit, Failure};

/// Every port of a cloud on one machine: (name, number). `--offset` adds to all of them.
const PORTS: [(&str, u16); 7] = [
    ("rpc", 26657),
    ("grpc", 9090),
    ("rest", 1317),
    ("p2p", 26656),
    ("gateway", 8443),
    ("ingress", 8080),
    ("registry", 5050),
];

/// The ports in use by one cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    pub rpc: u16,
    pub grpc: u16,
    /// Missing where a cloud was made before it was served; the next `akash up` adds it.
    #[serde(default)]
    pub rest: u16,
    pub p2p: u16,
    pub gateway: u16,
    pub ingress: u16,
    pub registry: u16,
}

impl Ports {
    /// The table moved by `offset`; an error when a port would leave the range.
    pub fn with_offset(offset: u16) -> Result<Self> {
        let mut moved = [0; PORTS.len()];
        for (place, (name, port)) in moved.iter_mut().zip(PORTS) {
            *place = port.checked_add(offset).ok_or_else(|| {
                let text = format!("--offset {offset} moves the {name} port {port} beyond 65535");
                Failure::new(Exit::Usage, text).next("use a smaller offset, at most 38878")
            })?;
        }
        let [rpc, grpc, rest, p2p, gateway, ingress, registry] = moved;
        Ok(Self { rpc, grpc, rest, p2p, gateway, ingress, registry })
    }

    /// (name, port) of each.
    pub fn all(self) -> [(&'static str, u16); PORTS.len()] {
        let ports = [self.rpc, self.grpc, self.rest, self.p2p, self.gateway, self.ingress, self.registry];
        std::array::from_fn(|index| (PORTS[index].0, ports[index]))
    }
}

/// What `akash up` made here; the other commands read it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cloud {
    pub chain_id: String,
    pub ports: Ports,
    /// Account address of the provider.
    pub provider: String,
}

/// The folder that holds everything of one cloud or client.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn node(&self) -> PathBuf {
        self.root.join("node")
    }

    pub fn provider(&self) -> PathBuf {
        self.root.join("provider")
    }

    pub fn cluster(&self) -> PathBuf {
        self.root.join("cluster")
    }

    /// Of `akash cluster`, which goes without a chain.
    pub fn containers(&self) -> PathBuf {
        self.root.join("containers")
    }

    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// Keys under a passphrase.
    pub fn sealed_keys(&self) -> PathBuf {
        self.root.join("keyring-file")
    }

    pub fn deployments(&self) -> PathBuf {
        self.root.join("deployments")
    }

    /// What the daemons have to say.
    pub fn log(&self) -> PathBuf {
        self.root.join("akash.log")
    }

    fn record(&self) -> PathBuf {
        self.root.join("cloud.json")
    }

    /// The record, or `None` before the first `akash up`.
    pub fn cloud(&self) -> Result<Option<Cloud>> {
        let path = self.record();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let cloud = serde_json::from_slice(&bytes).map_err(|error| {
            let text = format!("{} is damaged: {error}", path.display());
            Failure::new(Exit::Store, text).next("`akash up --reset` starts afresh")
        })?;
        Ok(Some(cloud))
    }

    /// The record; an error that names the next step when there is none.
    pub fn require_cloud(&self) -> Result<Cloud> {
        let cloud = self.cloud()?;
        cloud.ok_or_else(|| {
            let text = format!("no cloud in {}", self.root.display());
            Failure::new(Exit::Config, text).next("run `akash up` first, or give its --home").into()
        })
    }

    /// Writes the record whole or not at all; it is the last step of making a cloud.
    pub fn save_cloud(&self, cloud: &Cloud) -> Result<()> {
        let path = self.record();
        let draft = path.with_extension("new");
        let mut file = create(&draft)?;
        file.write_all(&serde_json::to_vec_pretty(cloud)?)
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&draft, &path))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Removes the record, so that the next `akash up` makes a new cloud.
    pub fn forget_cloud(&self) -> Result<()> {
        match fs::remove_file(self.record()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.record().display()))
            }
            _ => Ok(()),
        }
    }

    /// Takes the home for one `akash up`. The lock goes with the returned file, also when the process is killed.
    pub fn lock(&self) -> Result<File> {
        fs::create_dir_all(&self.root).with_context(|| format!("cannot create {}", self.root.display()))?;
        let file = create(&self.root.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                let text = format!("`akash up` already runs on {}", self.root.display());
                let next = "use that one, stop it with Ctrl-C, or run a second with --home DIR --offset 1000";
                Err(Failure::new(Exit::Config, text).next(next).into())
            }
            Err(TryLockError::Error(error)) => Err(error).context("cannot lock the home"),
        }
    }
}

fn create(path: &Path) -> Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offset_moves_every_port() {
        let (base, moved) = (Ports::with_offset(0).unwrap(), Ports::with_offset(1000).unwrap());
        for ((name, before), (_, after)) in base.all().into_iter().zip(moved.all()) {
            assert_eq!(before + 1000, after, "{name}");
        }
        assert!(Ports::with_offset(38878).is_ok());
        assert!(Ports::with_offset(38879).is_err());
    }

    #[test]
    fn second_up_on_a_home_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        let held = home.lock().unwrap();
        assert!(home.lock().unwrap_err().to_string().contains("already runs"));
        drop(held);
        home.lock().unwrap();
    }

    #[test]
    fn record_survives_and_damage_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        assert!(home.require_cloud().unwrap_err().to_string().contains("no cloud"));
        let ports = Ports::with_offset(7).unwrap();
        home.save_cloud(&Cloud { chain_id: "akash-play-1".into(), ports, provider: "akash1x".into() }).unwrap();
        assert_eq!(home.require_cloud().unwrap().ports, ports);
        fs::write(home.record(), "{").unwrap();
        assert!(home.cloud().unwrap_err().to_string().contains("is damaged"));
    }
}
