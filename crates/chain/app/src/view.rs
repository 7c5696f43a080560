//! The committed state as servers see it: immutable, shared, never waiting for the writer.

use std::sync::Arc;

use akash_kernel::{BlockInfo, Mode, Violation};
use akash_proto::tendermint::types::ConsensusParams;
use akash_store::{Overlay, StoreError, View};
use serde_json::Value;

use crate::check::CheckState;
use crate::consensus;
use crate::core::Core;
use crate::header;
use crate::outcome::{Fault, TxOutcome};
use crate::prepared::PreparedTx;
use crate::simulate::{self, SimulationFailure, SimulationResult};

/// The last committed height, from which older ones are reached. Clones share everything.
#[derive(Clone)]
pub struct AppView {
    shared: Arc<Shared>,
}

struct Shared {
    core: Arc<Core>,
    newest: View,
    /// The newest height's block; genesis' own before the first block.
    block: BlockInfo,
    params: ConsensusParams,
    /// The state of genesis while it waits for the first block.
    pending: Option<Overlay>,
}

impl AppView {
    pub(crate) fn new(core: Arc<Core>, newest: View, pending: Option<Overlay>) -> Result<Self, Fault> {
        let mut overlay = pending.clone().unwrap_or_else(|| Overlay::new(newest.clone()));
        let block = header::read(&mut overlay)?.unwrap_or_default();
        let params = consensus::params(&mut overlay)?;
        Ok(Self { shared: Arc::new(Shared { core, newest, block, params, pending }) })
    }

    /// The last committed height; 0 before the first block.
    #[must_use]
    pub fn height(&self) -> i64 {
        if self.is_ready() { self.shared.block.height } else { 0 }
    }

    #[must_use]
    pub fn app_hash(&self) -> [u8; 32] {
        self.newest().app_hash()
    }

    #[must_use]
    pub fn chain_id(&self) -> &str {
        &self.shared.block.chain_id
    }

    /// The last committed block.
    #[must_use]
    pub fn block(&self) -> &BlockInfo {
        &self.shared.block
    }

    /// In force for the next block.
    #[must_use]
    pub fn consensus_params(&self) -> &ConsensusParams {
        &self.shared.params
    }

    /// The committed records, for writing them out.
    #[must_use]
    pub fn state(&self) -> &View {
        self.newest()
    }

    /// An older height, as far as the store keeps them.
    pub fn at_height(&self, height: i64) -> Result<Option<Self>, Fault> {
        let view = self.at(height.unsigned_abs())?;
        view.map(|view| Self::new(self.core().clone(), view, None)).transpose()
    }

    /// The lowest height that [`AppView::at_height`] still knows.
    #[must_use]
    pub fn lowest_height(&self) -> u64 {
        self.newest().lowest_height()
    }

    /// Checks the invariants of all modules and gives those that do not hold.
    pub fn check_invariants(&self) -> Result<Vec<Violation>, Fault> {
        let mut overlay = self.overlay();
        let mut ctx = self.core().ctx(&mut overlay, self.block(), Mode::Block);
        self.core().modules.check_invariants(&mut ctx).map_err(|error| Fault(error.to_string()))
    }

    /// The state in the form of a genesis file's `app_state`.
    pub fn export_genesis(&self) -> Result<Value, Fault> {
        let mut overlay = self.overlay();
        let mut ctx = self.core().ctx(&mut overlay, self.block(), Mode::Block);
        let mut state = self.core().modules.export_genesis(&mut ctx).map_err(|error| Fault(error.to_string()))?;
        state.retain(|_, part| !part.is_null());
        Ok(Value::Object(state))
    }

    /// A state for admission that starts here.
    #[must_use]
    pub fn check_state(&self) -> CheckState {
        CheckState::new(self)
    }

    /// Counts what a transaction would do on the committed state. See also [`CheckState::simulate`].
    pub fn simulate(&self, tx: &[u8]) -> Result<SimulationResult, SimulationFailure> {
        let max_gas = consensus::max_gas(&self.shared.params);
        simulate::run(self.core(), self.overlay(), &self.check_block(), max_gas, tx)
    }

    /// Reads and judges a transaction as far as a committed state allows: encoding, bounds, price, signatures, and
    /// then its messages without state. Costly, and needs no lock: call it from any thread before
    /// [`CheckState::check_prepared`], which has the last word.
    ///
    /// # Errors
    /// The outcome of a transaction that no later state could admit.
    pub fn prepare(&self, tx: &[u8]) -> Result<PreparedTx, Box<TxOutcome>> {
        PreparedTx::new(self.core(), &mut self.overlay(), &self.check_block(), tx)
    }

    /// As [`Self::prepare`], for the sake of the signatures alone: those that are good are known from now on, so that
    /// admission or execution need not verify them. Without any effect on results.
    pub fn preverify(&self, tx: &[u8]) {
        let _verdict = self.prepare(tx);
    }

    /// Whether a first block was committed.
    pub(crate) fn is_ready(&self) -> bool {
        self.shared.pending.is_none() && self.shared.block.height > 0
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.shared.core
    }

    pub(crate) fn newest(&self) -> &View {
        &self.shared.newest
    }

    /// An older height, as far as the store keeps them.
    pub(crate) fn at(&self, height: u64) -> Result<Option<View>, StoreError> {
        self.shared.newest.at(height)
    }

    /// Pending state on top of this height.
    pub(crate) fn overlay(&self) -> Overlay {
        self.shared.pending.clone().unwrap_or_else(|| Overlay::new(self.newest().clone()))
    }

    /// The block that admission sees: the last committed one. Before the first block it is as if that one were there,
    /// for at height 0 gas has no limit and accounts have no numbers.
    pub(crate) fn check_block(&self) -> BlockInfo {
        let mut block = self.shared.block.clone();
        block.height = block.height.max(1);
        block
    }
}
