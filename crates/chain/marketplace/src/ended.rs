//! How many objects have ended, by state: what has ended only ever grows, and no query should have to count it.

use std::collections::BTreeMap;

use akash_kernel::{Ctx, QueryCtx, QueryError, TxError};
use akash_store::{Index, Key, Map, key_bytes};

use crate::{fault, list, rows};

/// Numbers by the beginning of a key of the index that they count.
pub type Ended<K> = Map<K, u64>;

/// One more has ended.
pub fn add<K: Key>(ctx: &mut Ctx, ended: &Ended<K>, key: &K) -> Result<(), TxError> {
    let count = ended.get(ctx, key)?.unwrap_or(0).checked_add(1).ok_or_else(|| fault::broken("number of ends"))?;
    ended.put(ctx, key, &count)
}

/// All objects in a state: those that ended are known, the others are counted.
pub fn total<K: Key, I: Key>(
    ctx: &mut QueryCtx,
    ended: &Ended<K>,
    index: &Index<I>,
    keys: &[K],
) -> Result<u64, QueryError> {
    let mut total = 0u64;
    for key in keys {
        let known = ended.get(ctx, key)?;
        let count = match known {
            Some(count) => count,
            None => list::count(ctx, index, &key_bytes(key))?,
        };
        total = total.saturating_add(count);
    }
    Ok(total)
}

/// Whether the numbers are those of what has ended, given by the key of each.
pub fn check<K: Key>(
    ctx: &mut Ctx,
    name: &str,
    ended: &Ended<K>,
    keys: impl Iterator<Item = K>,
) -> Result<Result<(), String>, TxError> {
    let mut expected: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    for key in keys {
        let count = expected.entry(key_bytes(&key)).or_insert(0);
        *count = count.saturating_add(1);
    }
    let found: BTreeMap<Vec<u8>, u64> =
        rows::all(ctx, ended)?.into_iter().map(|(key, count)| (key_bytes(&key), count)).collect();
    if found == expected {
        return Ok(Ok(()));
    }
    Ok(Err(format!("numbers of {name} that have ended are not those of the records")))
}
