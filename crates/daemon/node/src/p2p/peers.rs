//! What is known of each connected node.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use malachite::app::types::PeerId;
use tokio::sync::Notify;

/// Another node, as the network last described it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    pub moniker: String,
    /// Where it is, as a multiaddress.
    pub address: String,
    /// Whether this node opened the connection.
    pub is_outbound: bool,
    /// The last height it says it has; None when it has not said.
    pub tip: Option<u64>,
    /// When it said so.
    pub heard: Option<Instant>,
}

/// Shared by network, block sync and servers.
#[derive(Default)]
pub struct Peers {
    known: Mutex<BTreeMap<PeerId, Peer>>,
    pub changed: Notify,
}

impl Peers {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<PeerId, Peer>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn connected(&self, peer: PeerId) {
        self.lock().entry(peer).or_default();
        self.changed.notify_waiters();
    }

    pub fn disconnected(&self, peer: &PeerId) {
        self.lock().remove(peer);
        self.changed.notify_waiters();
    }

    /// Its chain ends there now. One that is not connected is not remembered.
    pub fn has_tip(&self, peer: &PeerId, tip: u64) {
        if let Some(known) = self.lock().get_mut(peer) {
            (known.tip, known.heard) = (Some(tip), Some(Instant::now()));
        }
        self.changed.notify_waiters();
    }

    pub fn describe(&self, peer: &PeerId, moniker: String, address: String, is_outbound: bool) {
        if let Some(known) = self.lock().get_mut(peer) {
            (known.moniker, known.address, known.is_outbound) = (moniker, address, is_outbound);
        }
    }

    /// By their ids as text.
    pub fn list(&self) -> Vec<(String, Peer)> {
        self.lock().iter().map(|(id, peer)| (id.to_string(), peer.clone())).collect()
    }

    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Those that say they have a height, the highest tip first.
    pub fn with(&self, height: u64) -> Vec<(PeerId, u64)> {
        let known = self.lock();
        let tips = known.iter().filter_map(|(id, peer)| Some((*id, peer.tip?)));
        let mut found: Vec<_> = tips.filter(|(_, tip)| *tip >= height).collect();
        found.sort_by_key(|(_, tip)| std::cmp::Reverse(*tip));
        found
    }

    /// Whether all that are connected have said where their chain ends.
    pub fn all_have_spoken(&self) -> bool {
        self.lock().values().all(|peer| peer.tip.is_some())
    }

    /// Whether nobody has said anything for so long, although somebody is connected: then it is not known where the
    /// others are.
    pub fn is_deaf(&self, after: Duration) -> bool {
        let known = self.lock();
        let is_old = |peer: &Peer| peer.heard.is_none_or(|heard| heard.elapsed() > after);
        !known.is_empty() && known.values().all(is_old)
    }

    /// The height that more than a third of the peers say they have: a single liar cannot raise it among many.
    pub fn likely_tip(&self) -> Option<u64> {
        let mut tips: Vec<_> = self.lock().values().filter_map(|peer| peer.tip).collect();
        tips.sort_unstable_by_key(|tip| std::cmp::Reverse(*tip));
        tips.get(tips.len() / 3).copied()
    }
}

/// A node that nobody has heard of.
#[cfg(test)]
pub fn stranger() -> PeerId {
    use malachite_network::PeerIdExt as _;
    PeerId::from_libp2p(&malachite::app::types::Keypair::generate_ed25519().public().to_peer_id())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(tips: &[Option<u64>]) -> Peers {
        let peers = Peers::default();
        for tip in tips {
            let id = stranger();
            peers.connected(id);
            if let Some(tip) = tip {
                peers.has_tip(&id, *tip);
            }
        }
        peers
    }

    #[test]
    fn one_liar_among_three_does_not_raise_the_tip() {
        let cases: [(&[Option<u64>], Option<u64>); 5] = [
            (&[], None),
            (&[None], None),
            (&[Some(7)], Some(7)),
            (&[Some(7), Some(1_000_000), Some(8)], Some(8)),
            (&[Some(9), Some(9), None, Some(3)], Some(9)),
        ];
        for (tips, expected) in cases {
            assert_eq!(peers(tips).likely_tip(), expected, "{tips:?}");
        }
    }

    #[test]
    fn strangers_are_not_remembered() {
        let peers = peers(&[Some(1), None]);
        peers.has_tip(&stranger(), 5);
        assert_eq!(peers.count(), 2);
        assert!(!peers.is_deaf(Duration::from_secs(60)) && peers.is_deaf(Duration::ZERO));
        assert!(!peers.all_have_spoken());
        assert_eq!(peers.with(1).len(), 1);
    }
}
