//! Lists in pages, as clients of the Cosmos SDK ask for them.
//!
//! A request names a limit and either an offset or the key from which to go on. A filter sees the rows and keeps some;
//! limit, offset and total count what was kept. `next_key` is the first row that was not visited, opaque to clients.

use akash_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use akash_store::{Index, Key, Map, Range, key_bytes};
use prost::Message;

use crate::query::{QueryCtx, QueryError};

/// Limit of a request that names none.
pub const DEFAULT_LIMIT: u64 = 100;

/// Rows of one page at most, whatever the request says; what remains is told by `next_key`.
pub const MAX_LIMIT: u64 = 10_000;

/// Rows read in the first step and in later ones, which grow: few rows of a large list may be as large as many others.
const FIRST_STEP_ROWS: usize = 16;
const STEP_ROWS: usize = 256;

/// A page of a map: `keep` decides what becomes of each record under `prefix` (raw bytes of leading key parts).
pub fn map<K: Key, V: Message + Default, T>(
    ctx: &mut QueryCtx,
    map: &Map<K, V>,
    prefix: &[u8],
    request: Option<&PageRequest>,
    mut keep: impl FnMut(&mut QueryCtx, K, V) -> Result<Option<T>, QueryError>,
) -> Result<(Vec<T>, PageResponse), QueryError> {
    let fetch = |ctx: &mut QueryCtx, range, limit| -> Result<Keyed<(K, V)>, QueryError> {
        let rows = map.scan_range(ctx, range, limit)?;
        Ok(rows.into_iter().map(|row| (key_bytes(&row.0), row)).collect())
    };
    page(ctx, prefix, request, fetch, |ctx, (key, value)| keep(ctx, key, value))
}

/// A page of an index: `keep` usually reads the record behind the key.
pub fn index<K: Key, T>(
    ctx: &mut QueryCtx,
    index: &Index<K>,
    prefix: &[u8],
    request: Option<&PageRequest>,
    keep: impl FnMut(&mut QueryCtx, K) -> Result<Option<T>, QueryError>,
) -> Result<(Vec<T>, PageResponse), QueryError> {
    let fetch = |ctx: &mut QueryCtx, range, limit| -> Result<Keyed<K>, QueryError> {
        let rows = index.scan_range(ctx, range, limit)?;
        Ok(rows.into_iter().map(|key| (key_bytes(&key), key)).collect())
    };
    page(ctx, prefix, request, fetch, keep)
}

/// Rows with the bytes of their keys.
type Keyed<R> = Vec<(Vec<u8>, R)>;

/// What a request asks for, with the defaults filled in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    /// Rows to be passed over.
    pub skip: u64,
    /// Rows of the page.
    pub limit: u64,
    /// Whether a total is wanted.
    pub count: bool,
}

impl Plan {
    /// Reads a request.
    pub fn of(request: Option<&PageRequest>) -> Result<Self, QueryError> {
        let request = request.cloned().unwrap_or_default();
        let by_key = !request.key.is_empty();
        if request.offset > 0 && by_key {
            return Err(QueryError::invalid_argument("invalid request, either offset or key is expected, got both"));
        }
        // PARITY(page/default-counts): a request without a limit gets 100 rows and a total, asked for or not.
        // Vector: `request_without_a_limit_gets_a_hundred_and_the_total`.
        let (limit, count) = match request.limit {
            0 => (DEFAULT_LIMIT, true),
            limit => (limit.min(MAX_LIMIT), request.count_total),
        };
        Ok(Self { skip: request.offset, limit, count: count && !by_key })
    }
}

fn range_of(prefix: &[u8], request: Option<&PageRequest>) -> Range {
    let range = Range::prefix(prefix);
    let Some(request) = request else { return range };
    let range = if request.reverse { range.reversed() } else { range };
    if request.key.is_empty() { range } else { range.from_key(&request.key) }
}

fn page<R, T>(
    ctx: &mut QueryCtx,
    prefix: &[u8],
    request: Option<&PageRequest>,
    fetch: impl Fn(&mut QueryCtx, Range, usize) -> Result<Keyed<R>, QueryError>,
    keep: impl FnMut(&mut QueryCtx, R) -> Result<Option<T>, QueryError>,
) -> Result<(Vec<T>, PageResponse), QueryError> {
    let plan = Plan::of(request)?;
    let (range, fetch_rows) = (range_of(prefix, request), FIRST_STEP_ROWS);
    let mut walk = Walk { plan, range, fetch_rows, fetch, keep, kept: Vec::new(), hits: 0, next_key: Vec::new() };
    while walk.next_key.is_empty() && walk.step(ctx)? {}
    if plan.count && !walk.next_key.is_empty() {
        // A list that is too long to be counted says how far the count came.
        ctx.attempt(|ctx| {
            while walk.step(ctx)? {}
            Ok(())
        })?;
    }
    Ok((walk.kept, PageResponse { next_key: walk.next_key, total: if plan.count { walk.hits } else { 0 } }))
}

/// How far a page has come.
struct Walk<F, K, T> {
    plan: Plan,
    range: Range,
    fetch_rows: usize,
    fetch: F,
    keep: K,
    kept: Vec<T>,
    hits: u64,
    /// Set once the page is full.
    next_key: Vec<u8>,
}

impl<F, K, T> Walk<F, K, T> {
    /// Looks at the next rows; false when there is none, or none of interest.
    fn step<R>(&mut self, ctx: &mut QueryCtx) -> Result<bool, QueryError>
    where
        F: Fn(&mut QueryCtx, Range, usize) -> Result<Keyed<R>, QueryError>,
        K: FnMut(&mut QueryCtx, R) -> Result<Option<T>, QueryError>,
    {
        let rows = (self.fetch)(ctx, self.range.clone(), self.fetch_rows)?;
        self.fetch_rows = (2 * self.fetch_rows).min(STEP_ROWS);
        let Some((last, _)) = rows.last() else { return Ok(false) };
        self.range = self.range.clone().after(last);
        for (key, row) in rows {
            let is_full = self.kept.len() as u64 == self.plan.limit;
            if is_full && self.next_key.is_empty() {
                self.next_key = key;
                if !self.plan.count {
                    return Ok(false);
                }
            }
            if let Some(item) = (self.keep)(ctx, row)? {
                self.hits += 1;
                if self.hits > self.plan.skip && !is_full {
                    self.kept.push(item);
                }
            }
        }
        Ok(true)
    }
}
