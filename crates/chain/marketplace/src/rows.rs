//! Whole maps and indexes, for genesis export and invariants only.

use akash_kernel::{Ctx, TxError};
use akash_store::{Index, Key, Map, Range, key_bytes};
use prost::Message;

const STEP_ROWS: usize = 1000;

/// Every record of a map.
pub fn all<K: Key, V: Message + Default>(ctx: &mut Ctx, map: &Map<K, V>) -> Result<Vec<(K, V)>, TxError> {
    let mut all = Vec::new();
    let mut range = Range::all();
    loop {
        let rows = map.scan_range(ctx, range.clone(), STEP_ROWS)?;
        let Some((last, _)) = rows.last() else { return Ok(all) };
        range = range.after(&key_bytes(last));
        all.extend(rows);
    }
}

/// Every key of an index.
pub fn keys<K: Key>(ctx: &mut Ctx, index: &Index<K>) -> Result<Vec<K>, TxError> {
    let mut all = Vec::new();
    let mut range = Range::all();
    loop {
        let rows = index.scan_range(ctx, range.clone(), STEP_ROWS)?;
        let Some(last) = rows.last() else { return Ok(all) };
        range = range.after(&key_bytes(last));
        all.extend(rows);
    }
}

/// Whether an index holds exactly the keys that the records give.
pub fn check_index<K: Key + PartialEq>(
    ctx: &mut Ctx,
    name: &str,
    index: &Index<K>,
    mut expected: Vec<K>,
) -> Result<Result<(), String>, TxError> {
    expected.sort_by_key(key_bytes);
    let found = keys(ctx, index)?;
    if found == expected {
        return Ok(Ok(()));
    }
    Ok(Err(format!("index {name} has {} keys, the records give {} or others", found.len(), expected.len())))
}
