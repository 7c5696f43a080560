//! What servers may know of the engine while it runs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::p2p::Peers;

/// A peer may be this far ahead without us being behind: it heard of a decision first.
const AHEAD_MAX: u64 = 1;
/// Peers say every second where they are. When none has for so long, this node was cut off or stood still.
const DEAF_AFTER: Duration = Duration::from_secs(10);

/// The place in consensus that this node works at.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub height: u64,
    pub round: u32,
    pub proposer: [u8; 20],
}

/// Kept up to date by the engine, read by servers.
pub struct View {
    pub peers: Arc<Peers>,
    /// True until this node has what its peers have, and may vote.
    pub following: AtomicBool,
    place: Mutex<Place>,
}

impl Default for View {
    fn default() -> Self {
        Self { peers: Arc::default(), following: AtomicBool::new(true), place: Mutex::default() }
    }
}

impl View {
    /// Whether other nodes have blocks that this one, which is at `height`, lacks, or that cannot be known.
    pub fn catching_up(&self, height: u64) -> bool {
        let is_behind = self.peers.likely_tip().is_some_and(|tip| tip > height.saturating_add(AHEAD_MAX));
        self.following.load(Ordering::SeqCst) || is_behind || self.peers.is_deaf(DEAF_AFTER)
    }

    pub fn place(&self) -> Place {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn moved_to(&self, place: Place) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }
}
