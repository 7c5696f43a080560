//! Lists in pages, as clients of the Cosmos SDK ask for them.
//!
//! A request names a limit and either an offset or the key from which to go on. A filter sees the rows and keeps some;
//! limit, offset and total count what was kept. `next_key` is the first row that was not visited, opaque to clients.

use akash_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use akash_store::{Index, Key, Kv, Map, Range, key_bytes};
use prost::Message;

use crate::query::QueryError;

/// Limit of a request that names none.
pub const DEFAULT_LIMIT: u64 = 100;

/// Rows read in one step.
const STEP_ROWS: usize = 256;

/// A page of a map: `keep` decides what becomes of each record under `prefix` (raw bytes of leading key parts).
pub fn map<K: Key, V: Message + Default, S: Kv, T>(
    kv: &mut S,
    map: &Map<K, V>,
    prefix: &[u8],
    request: Option<&PageRequest>,
    mut keep: impl FnMut(&mut S, K, V) -> Result<Option<T>, S::Error>,
) -> Result<(Vec<T>, PageResponse), S::Error>
where
    S::Error: From<QueryError>,
{
    let fetch = |kv: &mut S, range, limit| -> Result<Keyed<(K, V)>, S::Error> {
        let rows = map.scan_range(kv, range, limit)?;
        Ok(rows.into_iter().map(|row| (key_bytes(&row.0), row)).collect())
    };
    page(kv, prefix, request, fetch, |kv, (key, value)| keep(kv, key, value))
}

/// A page of an index: `keep` usually reads the record behind the key.
pub fn index<K: Key, S: Kv, T>(
    kv: &mut S,
    index: &Index<K>,
    prefix: &[u8],
    request: Option<&PageRequest>,
    keep: impl FnMut(&mut S, K) -> Result<Option<T>, S::Error>,
) -> Result<(Vec<T>, PageResponse), S::Error>
where
    S::Error: From<QueryError>,
{
    let fetch = |kv: &mut S, range, limit| -> Result<Keyed<K>, S::Error> {
        let rows = index.scan_range(kv, range, limit)?;
        Ok(rows.into_iter().map(|key| (key_bytes(&key), key)).collect())
    };
    page(kv, prefix, request, fetch, keep)
}

/// Rows with their keys as bytes.
type Keyed<R> = Vec<(Vec<u8>, R)>;

/// What a request asks for, with the defaults filled in.
struct Plan {
    range: Range,
    skip: u64,
    limit: u64,
    count: bool,
}

fn plan(prefix: &[u8], request: Option<&PageRequest>) -> Result<Plan, QueryError> {
    let request = request.cloned().unwrap_or_default();
    if request.offset > 0 && !request.key.is_empty() {
        return Err(QueryError::invalid_argument("invalid request, either offset or key is expected, got both"));
    }
    let mut range = Range::prefix(prefix);
    if request.reverse {
        range = range.reversed();
    }
    let by_key = !request.key.is_empty();
    if by_key {
        range = range.from_key(&request.key);
    }
    // PARITY(page/default-counts): a request without a limit gets 100 rows and a total, asked for or not.
    // Vector: `request_without_a_limit_gets_a_hundred_and_the_total`.
    let (limit, count) = match request.limit {
        0 => (DEFAULT_LIMIT, true),
        limit => (limit, request.count_total),
    };
    Ok(Plan { range, skip: request.offset, limit, count: count && !by_key })
}

fn page<S: Kv, R, T>(
    kv: &mut S,
    prefix: &[u8],
    request: Option<&PageRequest>,
    fetch: impl Fn(&mut S, Range, usize) -> Result<Keyed<R>, S::Error>,
    mut keep: impl FnMut(&mut S, R) -> Result<Option<T>, S::Error>,
) -> Result<(Vec<T>, PageResponse), S::Error>
where
    S::Error: From<QueryError>,
{
    let Plan { mut range, skip, limit, count } = plan(prefix, request)?;
    let (mut kept, mut hits, mut next_key) = (Vec::new(), 0u64, Vec::new());
    loop {
        let rows = fetch(kv, range.clone(), STEP_ROWS)?;
        let Some((last, _)) = rows.last() else { break };
        range = range.after(last);
        for (key, row) in rows {
            let full = kept.len() as u64 == limit;
            if full && next_key.is_empty() {
                next_key = key;
                if !count {
                    return Ok((kept, PageResponse { next_key, total: 0 }));
                }
            }
            if let Some(item) = keep(kv, row)? {
                hits += 1;
                if hits > skip && !full {
                    kept.push(item);
                }
            }
        }
    }
    Ok((kept, PageResponse { next_key, total: if count { hits } else { 0 } }))
}
