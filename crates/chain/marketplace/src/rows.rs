//! Whole maps and indexes, for genesis export and invariants only.

use akash_kernel::{Ctx, TxError};
use akash_store::{Index, Key, Map, Range, RawKey, key_bytes};
use prost::Message;

use crate::fault;

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

/// What an invariant reads of a record with an id and a state: records are many, and most of them ended long ago.
#[derive(Clone, PartialEq, Message)]
struct StateOf {
    #[prost(int32, tag = "2")]
    state: i32,
}

/// The state of every record of a map.
pub fn states<K: Key, V: Message + Default, S: TryFrom<i32>>(
    ctx: &mut Ctx,
    map: &Map<K, V>,
) -> Result<Vec<(K, S)>, TxError> {
    let rows = all(ctx, &map.partly::<StateOf>())?.into_iter();
    rows.map(|(id, row)| Ok((id, S::try_from(row.state).map_err(|_| fault::broken("state"))?))).collect()
}

/// Every key of an index.
pub fn keys<K: Key>(ctx: &mut Ctx, index: &Index<K>) -> Result<Vec<K>, TxError> {
    keys_under(ctx, index, &())
}

/// Every key of an index that begins with `first`.
pub fn keys_under<K: Key, P: Key>(ctx: &mut Ctx, index: &Index<K>, first: &P) -> Result<Vec<K>, TxError> {
    let mut all = Vec::new();
    let mut range = Range::prefix(key_bytes(first));
    loop {
        let rows = index.scan_range(ctx, range.clone(), STEP_ROWS)?;
        let Some(last) = rows.last() else { return Ok(all) };
        range = range.after(&key_bytes(last));
        all.extend(rows);
    }
}

/// Whether an index holds exactly the keys that the records give.
pub fn check_index<K: Key>(
    ctx: &mut Ctx,
    name: &str,
    index: &Index<K>,
    expected: Vec<K>,
) -> Result<Result<(), String>, TxError> {
    let mut expected: Vec<RawKey> = expected.iter().map(|key| RawKey(key_bytes(key))).collect();
    expected.sort_unstable();
    let found = keys(ctx, &index.raw())?;
    if found == expected {
        return Ok(Ok(()));
    }
    Ok(Err(format!("index {name} has {} keys, the records give {} or others", found.len(), expected.len())))
}
