//! Notices an engine that no longer answers.
//!
//! A failed append to its write-ahead log makes the engine hang on purpose, so that a supervisor does not restart it
//! into a double vote. We end the process with a clear message instead: the last-sign state guards the restart.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use malachite::app::types::PeerId;
use malachite::{ConsensusRequest, NetworkRequest};
use malachite_network::PeerIdExt as _;
use tokio::sync::mpsc;

use super::context::Context;
use crate::p2p::Peers;
use crate::stop::{Fatal, Stopping};

const ASK_EVERY: Duration = Duration::from_secs(5);
/// Longer than any block takes to execute.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// Below this much room the node stops while everything can still be written.
const FREE_BYTES_MIN: u64 = 32 << 20;

pub struct Watch {
    pub engine: mpsc::Sender<ConsensusRequest<Context>>,
    pub network: mpsc::Sender<NetworkRequest>,
    pub data: PathBuf,
    pub peers: Arc<Peers>,
    pub fatal: Fatal,
}

impl Watch {
    /// Asks until the node stops or a reason to stop is found.
    pub async fn run(self, mut stopping: Stopping) {
        loop {
            let found = tokio::select! {
                () = stopping.wait() => return,
                found = self.look() => found,
            };
            if let Err(reason) = found {
                return self.fatal.report(reason);
            }
        }
    }

    async fn look(&self) -> Result<(), String> {
        tokio::time::sleep(ASK_EVERY).await;
        check_room(&self.data)?;
        let network = tokio::time::timeout(ANSWER_WITHIN, NetworkRequest::dump_state(&self.network)).await;
        let network = network.map_err(|_| "the network no longer answers; the log says why".to_string())?;
        if let Ok(Some(network)) = network {
            for (id, peer) in &network.peers {
                let is_outbound = peer.connection_direction.is_some_and(|direction| direction.as_str() == "outbound");
                let (moniker, address) = (peer.moniker.clone(), peer.address.to_string());
                self.peers.describe(&PeerId::from_libp2p(id), moniker, address, is_outbound);
            }
        }
        match tokio::time::timeout(ANSWER_WITHIN, ConsensusRequest::dump_state(&self.engine)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                Err("the consensus engine no longer answers; the log says why, often a disk that is full or failing"
                    .to_string())
            }
        }
    }
}

/// An error names the folder and what to do.
pub fn check_room(data: &Path) -> Result<(), String> {
    let stat = match rustix::fs::statvfs(data) {
        Ok(stat) => stat,
        Err(error) => return Err(format!("{}: {error}", data.display())),
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if free >= FREE_BYTES_MIN {
        return Ok(());
    }
    Err(format!(
        "the disk of {} is full: {} MiB left, {} MiB needed; make room and start again, nothing is lost",
        data.display(),
        free >> 20,
        FREE_BYTES_MIN >> 20
    ))
}
