//! Making the modules' indexes again from their records, in pieces of bounded size. No state changes by it.

use akash_kernel::Mode;
use akash_store::{Overlay, StoreError};

use crate::app::App;
use crate::outcome::Fault;

/// Records whose rows are written in one batch.
const RECORDS_AT_ONCE: usize = 5_000;

/// How far it got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reindexed {
    /// Records that were looked at.
    pub records: u64,
    /// Index rows that were written.
    pub rows: u64,
}

impl App {
    /// Drops all rows of the modules' indexes and makes them again. When it was cut off, the application opens only
    /// with [`akash_store::Options::reindexing`], to do it all again.
    pub fn reindex(&mut self, progress: &mut dyn FnMut(Reindexed)) -> Result<Reindexed, Fault> {
        let core = self.core();
        self.store_mut().begin_reindex()?;
        let (view, block) = (self.view().newest().clone(), self.view().block().clone());
        let mut done = Reindexed::default();
        for store in core.modules.stores() {
            let mut records = match view.records(store) {
                Err(StoreError::UnknownStore(_)) => continue, // new with this version, so still empty
                records => records?,
            };
            loop {
                let some: Vec<_> = records.by_ref().take(RECORDS_AT_ONCE).collect::<Result<_, _>>()?;
                if some.is_empty() {
                    break;
                }
                let mut overlay = Overlay::new(view.clone());
                let mut ctx = core.ctx(&mut overlay, &block, Mode::Block);
                for record in &some {
                    core.modules.index(&mut ctx, record).map_err(|error| Fault(error.to_string()))?;
                }
                done.records += some.len() as u64;
                done.rows += self.store_mut().write_index(&overlay.into_changes())?;
                progress(done);
            }
        }
        self.store_mut().finish_reindex()?;
        self.refresh()?;
        Ok(done)
    }
}
