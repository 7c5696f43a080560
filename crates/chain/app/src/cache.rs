//! Signatures that were verified before.
//!
//! A signature is checked when its transaction is admitted and again when a block with it is executed; the second time
//! the answer is looked up here. The key is the hash of all that the answer depends on, and only valid signatures are
//! kept, so the cache can lose entries or be empty without changing any result. It never changes gas.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akash_types::key::{MultisigError, SignerKey};
use akash_types::tx::{self, Decoded, SignerData};

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
    /// Whether the signature at `index` is the key's, verified now unless it was before. Says why not.
    pub fn verify(
        &self,
        tx: &Decoded,
        index: usize,
        key: &SignerKey,
        signer: &SignerData<'_>,
    ) -> Result<(), MultisigError> {
        let digest = digest(tx, index, key, signer);
        if self.lock().digests.contains(&digest) {
            return Ok(());
        }
        tx.verify(index, key, signer)?;
        self.lock().insert(digest);
        Ok(())
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

/// The hash of everything that the verdict depends on, in whatever mode the signature was made: key, signed bytes, and
/// signature. Lengths in front of the parts keep two different ones from being the same bytes.
fn digest(tx: &Decoded, index: usize, key: &SignerKey, signer: &SignerData<'_>) -> Digest {
    let key = key.to_amino();
    let numbers = [index as u64, signer.account_number, signer.sequence].map(u64::to_be_bytes).concat();
    let signature = tx.signatures.get(index).map(Vec::as_slice).unwrap_or_default();
    let parts: [&[u8]; 6] =
        [&key, &numbers, signer.chain_id.as_bytes(), &tx.body_bytes, &tx.auth_info_bytes, signature];
    let mut text = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    }
    tx::hash(&text)
}
