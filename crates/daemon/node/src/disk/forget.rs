//! Forgetting replaced values. They go when their files are merged anyway, which costs a block nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use akash_store::{Table, undo_height};
use fjall::compaction::filter::{CompactionFilter, CompactionFilterResult, Context, Factory, ItemAccessor, Verdict};

use super::keyspace_name;

/// Which factory a keyspace has, by its name.
type Factories = Arc<dyn Fn(&str) -> Option<Arc<dyn Factory>> + Send + Sync>;

/// Filters for the undo table alone.
pub(super) fn filters(forgotten: &Arc<AtomicU64>) -> Factories {
    let undo = keyspace_name(Table::Undo);
    let factory: Arc<dyn Factory> = Arc::new(Forget(Arc::clone(forgotten)));
    Arc::new(move |name| (name == undo).then(|| Arc::clone(&factory)))
}

struct Forget(Arc<AtomicU64>);

impl Factory for Forget {
    fn name(&self) -> &str {
        "forgotten heights"
    }

    fn make_filter(&self, _: &Context) -> Box<dyn CompactionFilter> {
        Box::new(ForgetUpTo(self.0.load(Ordering::SeqCst)))
    }
}

struct ForgetUpTo(u64);

impl CompactionFilter for ForgetUpTo {
    /// Nobody reads what goes, so that no older version of a row can come back either.
    fn filter_item(&mut self, item: ItemAccessor<'_>, _: &Context) -> CompactionFilterResult {
        let is_forgotten = undo_height(item.key()).is_some_and(|height| height <= self.0);
        Ok(if is_forgotten { Verdict::Destroy } else { Verdict::Keep })
    }
}
