//! Admission: the state that the waiting transactions leave, and the trial of those that arrive.

use std::sync::Arc;

use akash_kernel::{BlockInfo, Mode};
use akash_store::Overlay;

use crate::consensus;
use crate::core::Core;
use crate::outcome::{Fault, TxOutcome, panicked};
use crate::prepared::PreparedTx;
use crate::run::Validity;
use crate::simulate::{self, SimulationFailure, SimulationResult};
use crate::transaction::Transaction;
use crate::view::AppView;

/// Why a transaction is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckKind {
    /// It arrived.
    New,
    /// It waited while a block was committed; its signatures are known to be good.
    Recheck,
}

/// The committed state with the fees and sequences of all admitted transactions on top. Reset after each block.
#[derive(Clone)]
pub struct CheckState {
    core: Arc<Core>,
    overlay: Overlay,
    block: BlockInfo,
    max_gas: Option<u64>,
}

impl CheckState {
    pub(crate) fn new(view: &AppView) -> Self {
        let mut overlay = view.overlay();
        // Unreadable parameters stop the next block with a clear text; until then nothing is limited.
        let params = consensus::params(&mut overlay).unwrap_or_else(|_| consensus::default_params());
        let block = view.check_block();
        Self { core: view.core().clone(), overlay, block, max_gas: consensus::max_gas(&params) }
    }

    /// Starts anew from a committed height. What still waits has to be checked again, in order.
    pub fn reset(&mut self, view: &AppView) {
        *self = Self::new(view);
    }

    /// Tries a transaction. Its fee and sequence stay in this state when it is admitted.
    pub fn check_tx(&mut self, tx: &[u8], kind: CheckKind) -> TxOutcome {
        match Transaction::read(&self.core.registry, tx) {
            Ok(tx) => self.admit(&tx, Validity::Unknown, kind),
            Err(unreadable) => TxOutcome::refused(unreadable.in_detail()),
        }
    }

    /// As [`Self::check_tx`], for a transaction that was read and judged before: what is left is cheap, so that others
    /// need not wait long for this state.
    pub fn check_prepared(&mut self, prepared: &PreparedTx, kind: CheckKind) -> TxOutcome {
        self.admit(&prepared.tx, prepared.validity, kind)
    }

    fn admit(&mut self, tx: &Transaction, validity: Validity, kind: CheckKind) -> TxOutcome {
        let (mode, validity) = match kind {
            CheckKind::New => (Mode::Check, validity),
            // What waits was valid when it arrived, and its messages have not changed since.
            CheckKind::Recheck => (Mode::Recheck, Validity::Known),
        };
        match self.core.runner(&self.block, mode).admit(&mut self.overlay, tx, validity, self.max_gas) {
            Ok(outcome) => outcome,
            // Admission must not stop the node; execution will, if the state is really broken.
            Err(Fault(text)) => TxOutcome::refused(panicked(&text)),
        }
    }

    /// Counts what a transaction would do after all that wait.
    pub fn simulate(&self, tx: &[u8]) -> Result<SimulationResult, SimulationFailure> {
        simulate::run(&self.core, self.overlay.clone(), &self.block, self.max_gas, tx)
    }
}
