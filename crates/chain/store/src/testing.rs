//! Faults in the port to the disk, for tests of what lies above it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::bytes::{Batch, ByteStore, ByteView, MemoryStore};
use crate::error::StoreError;

/// What a failing write leaves behind. Each is reported as an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: the power went before.
    Lost,
    /// The whole batch: the power went behind.
    Kept,
    /// The first changes of the batch alone. A disk that does so breaks its promise; it has to be noticed.
    Torn(usize),
}

/// A byte store in memory whose n-th write fails, and every one after it.
#[derive(Clone)]
pub struct FaultyStore {
    inner: MemoryStore,
    writes_left: Arc<AtomicU64>,
    fault: Fault,
}

impl FaultyStore {
    /// Fails in place of write number `good_writes + 1`.
    #[must_use]
    pub fn new(inner: MemoryStore, good_writes: u64, fault: Fault) -> Self {
        Self { inner, writes_left: Arc::new(AtomicU64::new(good_writes)), fault }
    }
}

impl ByteStore for FaultyStore {
    fn snapshot(&self) -> Result<Arc<dyn ByteView>, StoreError> {
        self.inner.snapshot()
    }

    fn write(&self, mut batch: Batch) -> Result<(), StoreError> {
        let one_less = |left: u64| left.checked_sub(1);
        if self.writes_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
            return self.inner.write(batch);
        }
        match self.fault {
            Fault::Lost => {}
            Fault::Kept => self.inner.write(batch)?,
            Fault::Torn(changes) => {
                batch.writes.truncate(changes);
                self.inner.write(batch)?;
            }
        }
        Err(StoreError::Disk("injected fault".to_owned()))
    }

    fn forget_undo(&self, up_to: u64) {
        self.inner.forget_undo(up_to);
    }
}
