//! Lists in pages, as clients of the Cosmos SDK ask for them, over keys alone: records are read only for the rows that
//! an answer holds, and a total counts keys, or is known.
//!
//! A list lies in one or several ranges, each the keys that begin with some bytes, in walking order. `next_key` is the
//! first key that was not visited, opaque to clients; the filters of a continued request go on to hold.

use std::collections::VecDeque;

use akash_kernel::page::Plan;
use akash_kernel::{QueryCtx, QueryError};
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
    let known = if plan.count { ctx.attempt(total)? } else { Some(None) };
    // What is too long to be counted has no total.
    let counting = plan.count && known == Some(None);
    let ranges = ranges(prefixes, request).into();
    let mut walk = Walked { plan, counting, ranges, kept: Vec::new(), hits: 0, next_key: Vec::new() };
    while walk.next_key.is_empty() && walk.step(ctx, source, &keep)? {}
    if counting && !walk.next_key.is_empty() {
        // Or says how far the count came.
        ctx.attempt(|ctx| {
            while walk.step(ctx, source, &keep)? {}
            Ok(())
        })?;
    }
    let total = if counting { walk.hits } else { known.flatten().unwrap_or(0) };
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
    /// What is not walked yet.
    ranges: VecDeque<Range>,
    kept: Vec<K>,
    hits: u64,
    /// Set once the page is full.
    next_key: Vec<u8>,
}

impl<K: Key> Walked<K> {
    /// Looks at the next keys; false when there is none, or none of interest.
    fn step(
        &mut self,
        ctx: &mut QueryCtx,
        source: &impl Keys<K>,
        keep: &impl Fn(&K) -> bool,
    ) -> Result<bool, QueryError> {
        let Some(range) = self.ranges.pop_front() else { return Ok(false) };
        let keys = source.keys(ctx, range.clone(), STEP_KEYS)?;
        let Some(last) = keys.last() else { return Ok(true) };
        self.ranges.push_front(range.after(&key_bytes(last)));
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
        Ok(true)
    }
}
