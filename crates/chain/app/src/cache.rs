//! Signatures that were verified before.
//!
//! A signature is checked when its transaction is admitted and again when a block with it is executed; the second time
//! the answer is looked up here. The key is the hash of all that the answer depends on, and only valid signatures are
//! kept, so the cache can lose entries or be empty without changing any result. It never changes gas.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akash_types::key::PublicKey;
use akash_types::tx;

/// Enough for the largest mempool with room for those in blocks.
const CAPACITY: usize = 65_536;

type Digest = [u8; 32];

/// Shared between admission and execution; cloning gives another handle to the same cache.
#[derive(Clone, Default)]
pub struct SignatureCache {
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    digests: BTreeSet<Digest>,
    /// Oldest first.
    order: VecDeque<Digest>,
}

impl SignatureCache {
    /// Whether the signature is valid, verified now unless it was before.
    #[must_use]
    pub fn verify(&self, key: &PublicKey, sign_bytes: &[u8], signature: &[u8]) -> bool {
        let digest = digest(key, sign_bytes, signature);
        if self.lock().digests.contains(&digest) {
            return true;
        }
        if key.verify(sign_bytes, signature).is_err() {
            return false;
        }
        self.lock().insert(digest);
        true
    }

    /// Verifies a signature for later.
    pub fn remember(&self, key: &PublicKey, sign_bytes: &[u8], signature: &[u8]) {
        let _known = self.verify(key, sign_bytes, signature);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // Every change below leaves the cache usable, so a panic elsewhere does not spoil it.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn insert(&mut self, digest: Digest) {
        if !self.digests.insert(digest) {
            return;
        }
        self.order.push_back(digest);
        if self.order.len() > CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.digests.remove(&oldest);
        }
    }
}

/// Lengths in front of the parts keep two different triples from being the same bytes.
fn digest(key: &PublicKey, sign_bytes: &[u8], signature: &[u8]) -> Digest {
    let key = key.to_bytes();
    let parts: [&[u8]; 3] = [&key, sign_bytes, signature];
    let mut text = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    }
    tx::hash(&text)
}
