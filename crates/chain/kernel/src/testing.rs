//! A chain in memory for tests of modules: state, a block, and contexts over them.

use akash_store::{ChainStore, MemoryStore, Overlay, StoreName, View};
use std::sync::Arc;

use crate::block::{BlockInfo, Time};
use crate::ctx::{Ctx, Mode};
use crate::gas::GasMeter;
use crate::query::QueryCtx;
use crate::registry::Registry;

/// Pending state over an in-memory store. Tests write through [`Bench::ctx`], and [`Bench::commit`] ends the block.
pub struct Bench {
    store: ChainStore,
    overlay: Overlay,
    registry: Registry,
    /// The block in which contexts run; tests set height and time as they like.
    pub block: BlockInfo,
}

impl Bench {
    /// An empty chain with these stores, at height 1.
    ///
    /// # Panics
    /// When the names cannot be opened.
    #[must_use]
    pub fn new(stores: &[StoreName]) -> Self {
        let store = ChainStore::open(Arc::new(MemoryStore::new()), stores).expect("memory does not fail");
        let overlay = Overlay::new(store.latest());
        let time = Time { seconds: 1_700_000_000, nanos: 0 };
        let block = BlockInfo { chain_id: "test-1".to_owned(), height: 1, time, proposer: Vec::new() };
        Self { store, overlay, registry: Registry::default(), block }
    }

    /// Lets messages run each other.
    #[must_use]
    pub fn with_registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// A context as a transaction of a block has it, with gas that is counted and never ends.
    pub fn ctx(&mut self) -> Ctx<'_> {
        self.ctx_in(Mode::Deliver, GasMeter::unlimited())
    }

    /// A context in any mode.
    pub fn ctx_in(&mut self, mode: Mode, gas: GasMeter) -> Ctx<'_> {
        Ctx::new(&mut self.overlay, &self.block, mode, gas).with_registry(&self.registry)
    }

    /// Commits what is pending and goes to the next height, five seconds later.
    ///
    /// # Panics
    /// When the state cannot be committed.
    pub fn commit(&mut self) {
        let changes = std::mem::replace(&mut self.overlay, Overlay::new(self.store.latest())).into_changes();
        let height = self.store.latest().height() + 1;
        self.store.commit(changes, height).expect("memory does not fail");
        self.overlay = Overlay::new(self.store.latest());
        self.block.height += 1;
        self.block.time.seconds += 5;
    }

    /// The last committed height.
    #[must_use]
    pub fn view(&self) -> View {
        self.store.latest()
    }

    /// A query over the last committed height.
    #[must_use]
    pub fn query_ctx(&self) -> QueryCtx<'_> {
        QueryCtx::new(self.store.latest(), &self.block)
    }
}
