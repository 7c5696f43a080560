//! Reading whole maps, as genesis files and invariants do.

use akash_kernel::{Ctx, Time, TxError};
use akash_store::{Index, Key, Map, Range, key_bytes};
use prost::Message;

/// Rows of one step; the whole map is read however long it is.
const STEP_ROWS: usize = 10_000;

/// All records of a map in key order. Never for a transaction: its cost has no bound.
pub fn all<K: Key, V: Message + Default>(ctx: &mut Ctx, map: &Map<K, V>) -> Result<Vec<(K, V)>, TxError> {
    let mut rows = Vec::new();
    let mut range = Range::all();
    loop {
        let step = map.scan_range(ctx, range.clone(), STEP_ROWS)?;
        match step.last() {
            Some((key, _)) => range = range.after(&key_bytes(key)),
            None => return Ok(rows),
        }
        rows.extend(step);
    }
}

/// The number of keys of an index. Never for a transaction either.
pub fn count<K: Key>(ctx: &mut Ctx, index: &Index<K>) -> Result<usize, TxError> {
    let (mut count, mut range) = (0, Range::all());
    loop {
        let step = index.scan_range(ctx, range.clone(), STEP_ROWS)?;
        match step.last() {
            Some(key) => range = range.after(&key_bytes(key)),
            None => return Ok(count),
        }
        count += step.len();
    }
}

/// The range of keys that begin with a time (seconds, nanoseconds) before `now`.
pub fn before(now: Time) -> Range {
    Range { start: Vec::new(), end: Some(key_bytes(&(now.seconds, now.nanos))), reverse: false }
}

/// The same up to `now`.
pub fn until(now: Time) -> Range {
    Range { start: Vec::new(), end: Some(key_bytes(&(now.seconds, now.nanos.saturating_add(1)))), reverse: false }
}
