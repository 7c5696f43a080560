//! Passes transactions on: what the mempool admitted goes to all direct peers, what peers send goes to the mempool.
//!
//! Each node judges before it passes on, so that an invalid transaction ends at the first honest node. Known ones end
//! at the mempool's cache. What waits is repeated now and then, for peers that came later or missed it.

use std::sync::Arc;
use std::time::Duration;

use akash_app::TxOutcome;
use bytes::Bytes;
use malachite::app::types::PeerId;
use malachite::app::types::sync::Status;
use malachite_codec::Codec as _;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use super::frame::{frames, read_txs};
use super::network::Outgoing;
use super::peers::Peers;
use crate::blocks::BlockStore;
use crate::engine::codec::NodeCodec;
use crate::engine::context::{Context, Height};
use crate::mempool::{Mempool, MempoolError};
use crate::stop::Stopping;

/// Transactions that leave in one go.
const NEWS_AT_ONCE: usize = 1_000;
/// Where our chain ends is said this often beside the engine's own occasions.
const STATUS_EVERY: Duration = Duration::from_secs(1);
const REPEAT_EVERY: Duration = Duration::from_secs(15);
/// The oldest of those that wait are repeated.
const REPEATED_MAX: usize = 1_000;

/// The SDK's codes of what no honest node passes on: unreadable, or signed wrongly.
const SDK_UNREADABLE: u32 = 2;
const SDK_UNAUTHORIZED: u32 = 4;

pub struct Gossip {
    pub outgoing: Outgoing,
    pub incoming: mpsc::Receiver<(PeerId, Bytes)>,
    pub mempool: Arc<Mempool>,
    pub peers: Arc<Peers>,
    pub blocks: Arc<BlockStore>,
    /// Whether transactions are passed on at all.
    pub broadcast: bool,
}

impl Gossip {
    pub async fn run(mut self, mut stopping: Stopping) {
        let Some(mut news) = self.mempool.news() else { return };
        let (mut status, mut repeat) = (tokio::time::interval(STATUS_EVERY), tokio::time::interval(REPEAT_EVERY));
        for ticks in [&mut status, &mut repeat] {
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        let (mut fresh, mut peers_before) = (Vec::new(), 0);
        loop {
            tokio::select! {
                () = stopping.wait() => return,
                taken = news.recv_many(&mut fresh, NEWS_AT_ONCE) => {
                    if taken == 0 {
                        return;
                    }
                    self.send(&fresh);
                    fresh.clear();
                }
                received = self.incoming.recv() => match received {
                    Some((peer, frame)) => self.received(peer, frame).await,
                    None => return,
                },
                _ = status.tick() => {
                    self.say_status();
                    let peers = self.peers.count();
                    if peers > peers_before {
                        self.send(&self.mempool.list(REPEATED_MAX));
                    }
                    peers_before = peers;
                }
                _ = repeat.tick() => self.send(&self.mempool.list(REPEATED_MAX)),
            }
        }
    }

    fn send(&self, txs: &[Bytes]) {
        if self.broadcast && self.peers.count() > 0 {
            for frame in frames(txs) {
                self.outgoing.broadcast(frame);
            }
        }
    }

    fn say_status(&self) {
        if self.peers.count() == 0 {
            return;
        }
        // A block store that cannot be read stops the node elsewhere, with a text.
        let (Ok(tip), Ok(base)) = (self.blocks.height(), self.blocks.base()) else { return };
        let status: Status<Context> =
            Status { peer_id: self.outgoing.me(), tip_height: Height(tip), history_min_height: Height(base) };
        if let Ok(frame) = NodeCodec.encode(&status) {
            self.outgoing.broadcast(frame);
        }
    }

    /// One message after the other, so that an account's transactions keep their order.
    async fn received(&self, peer: PeerId, frame: Bytes) {
        if !self.broadcast {
            return;
        }
        let Ok(txs) = read_txs(&frame) else {
            self.outgoing.blame(&peer, 1);
            return;
        };
        let mempool = self.mempool.clone();
        let judge = move || txs.into_iter().filter(|tx| is_fault(&mempool, tx)).count();
        match tokio::task::spawn_blocking(judge).await {
            Ok(0) => {}
            Ok(faults) => self.outgoing.blame(&peer, faults as u64),
            Err(error) => tracing::error!(%error, "judging a peer's transactions"),
        }
    }
}

/// Offers a transaction to the mempool. True when no honest node would have passed it on.
fn is_fault(mempool: &Mempool, tx: &Bytes) -> bool {
    match mempool.reserve(tx) {
        Ok(hash) => is_forged(&mempool.check(hash, tx.clone())),
        Err(MempoolError::TooLarge { .. }) => true,
        Err(MempoolError::InCache | MempoolError::Busy | MempoolError::Full { .. }) => false,
    }
}

/// A wrong sequence or a fee that is too low for us is no fault: nodes differ in their height and their prices.
fn is_forged(outcome: &TxOutcome) -> bool {
    outcome.codespace == "sdk" && [SDK_UNREADABLE, SDK_UNAUTHORIZED].contains(&outcome.code)
}
