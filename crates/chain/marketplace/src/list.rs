//! Lists in pages, as clients of the Cosmos SDK ask for them, over keys alone: records are read only for the rows that
//! an answer holds, and a total counts keys, or is known.
//!
//! A list lies in one or several ranges, each the keys that begin with some bytes, in walking order. `next_key` is the
//! first key that was not visited, opaque to clients; the filters of a continued request go on to hold.

use akash_kernel::{QueryCtx, QueryError, page};
use akash_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use akash_store::{Index, Key, Map, Range, key_bytes};
use prost::Message;

/// Keys read in one step.
const STEP_KEYS: usize = 256;

/// Something with keys in order.
pub trait Keys<K> {
    fn keys(&self, ctx: &mut QueryCtx, range: Range, limit: usize) -> Result<Vec<K>, QueryError>;
}

impl<K: Key> Keys<K> for Index<K> {
    fn keys(&self, ctx: &mut QueryCtx, range: Range, limit: usize) -> Result<Vec<K>, QueryError> {
        self.scan_range(ctx, range, limit)
    }
}

impl<K: Key, V: Message + Default> Keys<K> for Map<K, V> {
    fn keys(&self, ctx: &mut QueryCtx, range: Range, limit: usize) -> Result<Vec<K>, QueryError> {
        Ok(self.scan_range(ctx, range, limit)?.into_iter().map(|(key, _)| key).collect())
    }
}

/// One page of the keys under `prefixes` that `keep` keeps, and how many there are, where it is known without counting.
pub fn page<K: Key>(
    ctx: &mut QueryCtx,
    source: &impl Keys<K>,
    prefixes: Vec<Vec<u8>>,
    request: Option<&PageRequest>,
    total: impl FnOnce(&mut QueryCtx) -> Result<Option<u64>, QueryError>,
    keep: impl Fn(&K) -> bool,
) -> Result<(Vec<K>, PageResponse), QueryError> {
    let plan = Plan::of(request)?;
    let known = if plan.count { total(ctx)? } else { None };
    let mut walk = Walked { plan, counting: plan.count && known.is_none(), ..Walked::default() };
    for range in ranges(prefixes, request) {
        if !walk.range(ctx, source, range, &keep)? {
            break;
        }
    }
    let total = known.unwrap_or(if walk.counting { walk.hits } else { 0 });
    Ok((walk.kept, PageResponse { next_key: walk.next_key, total }))
}

/// Keys under some bytes, counted.
pub fn count<K: Key>(ctx: &mut QueryCtx, source: &impl Keys<K>, prefix: &[u8]) -> Result<u64, QueryError> {
    let (mut range, mut total) = (Range::prefix(prefix), 0u64);
    loop {
        let keys = source.keys(ctx, range.clone(), STEP_KEYS)?;
        let Some(last) = keys.last() else { return Ok(total) };
        range = range.after(&key_bytes(last));
        total = total.saturating_add(keys.len() as u64);
    }
}

/// What a request asks for, with the defaults filled in.
#[derive(Debug, Clone, Copy, Default)]
struct Plan {
    skip: u64,
    limit: u64,
    count: bool,
}

impl Plan {
    fn of(request: Option<&PageRequest>) -> Result<Self, QueryError> {
        let Some(request) = request else { return Ok(Self { skip: 0, limit: page::DEFAULT_LIMIT, count: true }) };
        let by_key = !request.key.is_empty();
        if request.offset > 0 && by_key {
            return Err(QueryError::invalid_argument("invalid request, either offset or key is expected, got both"));
        }
        // PARITY(page/default-counts): a request without a limit gets 100 rows and a total, asked for or not.
        // Vector: `default_request_counts`.
        let (limit, count) = match request.limit {
            0 => (page::DEFAULT_LIMIT, true),
            limit => (limit, request.count_total),
        };
        Ok(Self { skip: request.offset, limit, count: count && !by_key })
    }
}

/// The ranges that are still to be walked, in walking order.
fn ranges(mut prefixes: Vec<Vec<u8>>, request: Option<&PageRequest>) -> Vec<Range> {
    let (reverse, key) = request.map_or((false, &[][..]), |request| (request.reverse, request.key.as_slice()));
    if reverse {
        prefixes.reverse();
    }
    let is_behind = |prefix: &Vec<u8>| {
        let at_key = key.get(..prefix.len()).unwrap_or(key);
        if reverse { *at_key >= **prefix } else { *at_key <= **prefix }
    };
    let mut ranges = Vec::new();
    for prefix in prefixes {
        let range = Range::prefix(prefix.clone());
        let range = if reverse { range.reversed() } else { range };
        match key.is_empty() {
            true => ranges.push(range),
            false if key.starts_with(&prefix) => ranges.push(range.from_key(key)),
            false if is_behind(&prefix) => ranges.push(range),
            false => {}
        }
    }
    ranges
}

/// How far a walk has come.
struct Walked<K> {
    plan: Plan,
    /// The walk goes on behind the page, to count.
    counting: bool,
    kept: Vec<K>,
    hits: u64,
    next_key: Vec<u8>,
}

impl<K> Default for Walked<K> {
    fn default() -> Self {
        Self { plan: Plan::default(), counting: false, kept: Vec::new(), hits: 0, next_key: Vec::new() }
    }
}

impl<K: Key> Walked<K> {
    /// Walks one range; false when nothing more is wanted.
    fn range(
        &mut self,
        ctx: &mut QueryCtx,
        source: &impl Keys<K>,
        mut range: Range,
        keep: &impl Fn(&K) -> bool,
    ) -> Result<bool, QueryError> {
        loop {
            let keys = source.keys(ctx, range.clone(), STEP_KEYS)?;
            let Some(last) = keys.last() else { return Ok(true) };
            range = range.after(&key_bytes(last));
            for key in keys {
                if self.kept.len() as u64 == self.plan.limit && self.next_key.is_empty() {
                    self.next_key = key_bytes(&key);
                    if !self.counting {
                        return Ok(false);
                    }
                }
                if keep(&key) {
                    self.hits += 1;
                    if self.hits > self.plan.skip && self.next_key.is_empty() {
                        self.kept.push(key);
                    }
                }
            }
        }
    }
}
