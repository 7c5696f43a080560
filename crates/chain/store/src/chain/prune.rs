//! Giving up readable heights, all that are too many at once; a commit does it a few at a time.

use super::READABLE_HEIGHTS_MIN;
use super::record::Latest;
use crate::bytes::{Batch, ByteStore, Table};
use crate::error::StoreError;

/// Heights that one batch gives up.
const HEIGHTS_AT_ONCE: u64 = 10_000;

/// Which heights are readable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readable {
    pub lowest: u64,
    pub newest: u64,
}

/// Leaves the newest `keep` heights readable, at least two. It tells `progress` how many have gone. No
/// [`super::ChainStore`] may be open.
pub fn prune(bytes: &dyn ByteStore, keep: u64, progress: &mut dyn FnMut(u64)) -> Result<Readable, StoreError> {
    let mut gone = 0;
    loop {
        let latest = Latest::read(bytes.snapshot()?.as_ref())?.ok_or(StoreError::NothingCommitted)?;
        let wanted = (latest.height + 1).saturating_sub(keep.max(READABLE_HEIGHTS_MIN));
        let lowest = wanted.min(latest.lowest.saturating_add(HEIGHTS_AT_ONCE));
        if lowest <= latest.lowest {
            bytes.forget_undo(latest.lowest);
            return Ok(Readable { lowest: latest.lowest, newest: latest.height });
        }
        let listed_from = latest.listed_from.max(lowest + 1);
        let mut batch = Batch::default();
        for height in latest.lowest..lowest {
            batch.delete(Table::Height, height.to_be_bytes().to_vec());
        }
        for height in latest.listed_from..listed_from {
            batch.delete(Table::Changed, height.to_be_bytes().to_vec());
        }
        Latest { lowest, listed_from, ..latest }.write(&mut batch);
        bytes.write(batch)?;
        gone += lowest - latest.lowest;
        progress(gone);
    }
}
