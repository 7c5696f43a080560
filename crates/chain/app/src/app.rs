//! The application: genesis, blocks, and the views that others read.

use std::sync::Arc;

use akash_cosmos::upgrade::api as plans;
use akash_kernel::{BlockInfo, Ctx, Event, Mode, Time, TxError, Violation};
use akash_proto::tendermint::types::ConsensusParams;
use akash_store::{ByteStore, ChainStore, Overlay};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::block::{BlockInput, BlockOutcome, InitOutcome, Verdict};
use crate::check::CheckState;
use crate::core::{AppConfig, Core};
use crate::genesis::Genesis;
use crate::outcome::{Fault, TxOutcome};
use crate::run::BlockGas;
use crate::upgrade::UpgradeNeeded;
use crate::view::AppView;
use crate::{batch, consensus, header, proposal, upgrade};

/// The state machine. One owner executes; everyone else reads [`AppView`]s.
pub struct App {
    core: Arc<Core>,
    store: ChainStore,
    view: AppView,
    /// Genesis until the first block is committed.
    genesis: Option<Overlay>,
    /// The block that was executed and waits for its commit.
    executed: Option<(i64, Overlay)>,
}

impl App {
    /// The state of the last committed height; without one, [`App::init_chain`] comes first.
    pub fn open(bytes: Arc<dyn ByteStore>, config: AppConfig) -> Result<Self, Fault> {
        let core = Core::new(config);
        let store = ChainStore::open_with(bytes, &core.modules.stores(), core.config.store)?;
        upgrade::check_program(&core, &mut store.latest())?;
        let view = view_of(&core, &store, None)?;
        Ok(Self { core, store, view, genesis: None, executed: None })
    }

    /// The last committed height; 0 before the first block.
    #[must_use]
    pub fn height(&self) -> i64 {
        self.view.height()
    }

    #[must_use]
    pub fn app_hash(&self) -> [u8; 32] {
        self.view.app_hash()
    }

    /// Empty before genesis.
    #[must_use]
    pub fn chain_id(&self) -> &str {
        self.view.chain_id()
    }

    /// In force for the next block.
    #[must_use]
    pub fn consensus_params(&self) -> ConsensusParams {
        self.view.consensus_params().clone()
    }

    /// The number that headers carry; upgrades raise it.
    #[must_use]
    pub fn app_version(&self) -> u64 {
        self.view.consensus_params().version.map_or(0, |version| version.app)
    }

    /// Why this program cannot execute the next block, if it is for a plan that it does not know. [`App::execute`] then
    /// fails with the same text; ask here first to write down what is needed.
    pub fn upgrade_needed(&self) -> Result<Option<UpgradeNeeded>, Fault> {
        upgrade::needed(&self.core, &mut self.view.overlay(), self.height().saturating_add(1))
    }

    #[must_use]
    pub fn view(&self) -> AppView {
        self.view.clone()
    }

    #[must_use]
    pub fn check_state(&self) -> CheckState {
        self.view.check_state()
    }

    /// Makes the first state. It waits in memory and becomes durable with the first block, so that a node which stops
    /// before that calls this again.
    pub fn init_chain(&mut self, genesis: &Genesis) -> Result<InitOutcome, Fault> {
        if self.height() > 0 {
            return Err(Fault(format!("genesis cannot follow height {}", self.height())));
        }
        genesis.validate().map_err(|error| Fault(error.to_string()))?;
        let block = BlockInfo {
            chain_id: genesis.chain_id.clone(),
            height: 0,
            time: genesis.genesis_time,
            proposer: Vec::new(),
        };
        let mut overlay = Overlay::new(self.store.latest());
        // The header says where the chain stands: one before its first height.
        let last = BlockInfo { height: genesis.initial_height - 1, ..block.clone() };
        header::write(&mut overlay, &last)?;
        consensus::set(&mut overlay, &genesis.consensus_params)?;
        let empty = Map::new();
        let app_state = match &genesis.app_state {
            Value::Object(app_state) => app_state,
            Value::Null => &empty,
            _ => return Err(Fault("genesis: app_state is not an object".to_owned())),
        };
        let mut ctx = self.core.ctx(&mut overlay, &block, Mode::Genesis);
        self.core.modules.init_genesis(&mut ctx, app_state).map_err(|error| Fault(format!("genesis: {error}")))?;
        plans::set_versions(&mut ctx, &self.core.modules.versions()).map_err(to_fault)?;
        // An exported state has heights up to the last one, and is judged as it was there.
        let mut ctx = self.core.ctx(&mut overlay, &last, Mode::Genesis);
        let violations = self.core.modules.check_invariants(&mut ctx).map_err(to_fault)?;
        if let Some(Violation { invariant, found, .. }) = violations.first() {
            return Err(Fault(format!("genesis: {invariant}: {found}")));
        }

        self.view = view_of(&self.core, &self.store, Some(&overlay))?;
        self.genesis = Some(overlay);
        let validators = genesis.validators.iter().map(|validator| (validator.public_key, validator.power)).collect();
        Ok(InitOutcome { validators, app_hash: self.app_hash().to_vec() })
    }

    /// Picks transactions for a proposal, in the order of the candidates.
    #[must_use]
    pub fn build_proposal(&self, _height: i64, _time: Time, candidates: Vec<Bytes>, max_bytes: u64) -> Vec<Bytes> {
        proposal::build(self.view.consensus_params(), candidates, max_bytes)
    }

    /// Whether somebody's proposal may be voted for.
    #[must_use]
    pub fn judge_proposal(&self, block: &BlockInput) -> Verdict {
        proposal::judge(self.view.consensus_params(), block)
    }

    /// Executes a decided block. What it changes waits for [`App::commit`]; executing again replaces it.
    pub fn execute(&mut self, input: &BlockInput) -> Result<BlockOutcome, Fault> {
        let mut overlay = self.genesis.clone().unwrap_or_else(|| Overlay::new(self.store.latest()));
        let block = self.next_block(&mut overlay, input)?;
        upgrade::before_block(&self.core, &mut overlay, &block)?;
        header::write(&mut overlay, &block)?;

        let modules = &self.core.modules;
        let mut events = self.hooks(&mut overlay, &block, |ctx| {
            let mut events = modules.pre_block(ctx)?;
            events.extend(modules.begin_block(ctx)?);
            Ok(events)
        })?;
        let tx_results = self.run_txs(&mut overlay, &block, &input.txs)?;
        events.extend(self.hooks(&mut overlay, &block, |ctx| modules.end_block(ctx))?);

        let consensus_params = consensus::params(&mut overlay)?;
        self.executed = Some((block.height, overlay));
        Ok(BlockOutcome { tx_results, events, validator_updates: Vec::new(), consensus_params })
    }

    /// Makes the executed block durable, as a whole or not at all, and gives the new app hash.
    pub fn commit(&mut self) -> Result<[u8; 32], Fault> {
        let (height, overlay) =
            self.executed.take().ok_or_else(|| Fault("there is no executed block to commit".to_owned()))?;
        let height = u64::try_from(height).map_err(|_| Fault(format!("height {height} is negative")))?;

        let app_hash = self.store.commit(overlay.into_changes(), height)?;

        self.genesis = None;
        self.view = view_of(&self.core, &self.store, None)?;
        Ok(app_hash)
    }

    /// As [`AppView::check_invariants`], on the committed state, or on that of genesis.
    pub fn check_invariants(&self) -> Result<Vec<Violation>, Fault> {
        self.view.check_invariants()
    }

    /// As [`AppView::export_genesis`], of the committed state.
    pub fn export_genesis(&self) -> Result<Value, Fault> {
        self.view.export_genesis()
    }

    pub(crate) fn core(&self) -> Arc<Core> {
        self.core.clone()
    }

    pub(crate) fn store_mut(&mut self) -> &mut ChainStore {
        &mut self.store
    }

    /// Shows what the store has now.
    pub(crate) fn refresh(&mut self) -> Result<(), Fault> {
        self.view = view_of(&self.core, &self.store, None)?;
        Ok(())
    }

    fn next_block(&self, overlay: &mut Overlay, input: &BlockInput) -> Result<BlockInfo, Fault> {
        let last = header::read(overlay)?.ok_or_else(|| Fault("there is no state, genesis comes first".to_owned()))?;
        let expected = last.height.checked_add(1).ok_or_else(|| Fault("heights are used up".to_owned()))?;
        if input.height != expected {
            return Err(Fault(format!("block {} cannot follow height {}", input.height, last.height)));
        }
        if input.time < last.time {
            return Err(Fault(format!("the time of block {} goes back", input.height)));
        }
        let (height, time, proposer) = (input.height, input.time, input.proposer_address.clone());
        Ok(BlockInfo { chain_id: last.chain_id, height, time, proposer })
    }

    fn hooks(
        &self,
        overlay: &mut Overlay,
        block: &BlockInfo,
        run: impl FnOnce(&mut Ctx) -> Result<Vec<Event>, TxError>,
    ) -> Result<Vec<Event>, Fault> {
        run(&mut self.core.ctx(overlay, block, Mode::Block)).map_err(to_fault)
    }

    fn run_txs(&self, overlay: &mut Overlay, block: &BlockInfo, txs: &[Bytes]) -> Result<Vec<TxOutcome>, Fault> {
        // The parameters of the last height hold for the whole block, whatever its transactions change.
        let mut gas = BlockGas::new(consensus::max_gas(self.view.consensus_params()));
        let runner = self.core.runner(block, Mode::Deliver);
        let committed = self.genesis.clone().unwrap_or_else(|| Overlay::new(self.store.latest()));
        let mut outcomes = Vec::with_capacity(txs.len());
        batch::for_each(&self.core, block, &committed, txs, |read| {
            outcomes.push(runner.run_one(overlay, read, &mut gas)?.0);
            Ok(())
        })?;
        Ok(outcomes)
    }
}

fn view_of(core: &Arc<Core>, store: &ChainStore, pending: Option<&Overlay>) -> Result<AppView, Fault> {
    AppView::new(core.clone(), store.latest(), pending.cloned())
}

fn to_fault(error: TxError) -> Fault {
    Fault(error.to_string())
}
