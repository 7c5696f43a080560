//! Modules put together: genesis, block hooks, invariants.

use std::collections::{BTreeMap, BTreeSet};

use akash_store::{Record, StoreName};
use serde_json::{Map, Value};

use crate::ctx::Ctx;
use crate::error::TxError;
use crate::event::Event;
use crate::module::Module;
use crate::registry::Registry;

/// All modules of a chain, in the order in which genesis and block hooks run.
pub struct Modules {
    modules: Vec<Box<dyn Module>>,
}

/// A statement that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The module that claims it.
    pub module: &'static str,
    /// The claim.
    pub invariant: &'static str,
    /// What contradicts it.
    pub found: String,
}

impl Modules {
    /// # Panics
    /// When two modules share a name or a store.
    #[must_use]
    pub fn new(modules: Vec<Box<dyn Module>>) -> Self {
        let (mut names, mut stores) = (BTreeSet::new(), BTreeSet::new());
        for module in &modules {
            assert!(names.insert(module.name()), "two modules are called {}", module.name());
            for store in module.stores() {
                assert!(stores.insert(*store), "store {store} belongs to two modules");
            }
        }
        Self { modules }
    }

    /// Every store, for opening the state.
    #[must_use]
    pub fn stores(&self) -> Vec<StoreName> {
        self.modules.iter().flat_map(|module| module.stores()).copied().collect()
    }

    /// Everything that the modules answer.
    #[must_use]
    pub fn registry(&self) -> Registry {
        let mut registry = Registry::default();
        for module in &self.modules {
            module.register(&mut registry);
        }
        registry
    }

    /// Makes the first state. A module without a key of its own in `app_state` is left out, as in the reference; a
    /// key without a module is refused.
    pub fn init_genesis(&self, ctx: &mut Ctx, app_state: &Map<String, Value>) -> Result<(), TxError> {
        for name in app_state.keys() {
            if !self.modules.iter().any(|module| module.name() == name) {
                return Err(TxError::Fault(format!("genesis has state of an unknown module: {name}")));
            }
        }
        for module in &self.modules {
            if let Some(state) = app_state.get(module.name()) {
                module.init_genesis(ctx, state).map_err(|error| error.context(module.name()))?;
            }
        }
        Ok(())
    }

    /// The whole state as genesis would make it again.
    pub fn export_genesis(&self, ctx: &mut Ctx) -> Result<Map<String, Value>, TxError> {
        let mut state = Map::new();
        for module in &self.modules {
            state.insert(module.name().to_owned(), module.export_genesis(ctx)?);
        }
        Ok(state)
    }

    /// Runs the hooks before a block. Their events are as the modules made them.
    pub fn pre_block(&self, ctx: &mut Ctx) -> Result<Vec<Event>, TxError> {
        self.hooks(ctx, None, |module, ctx| module.pre_block(ctx))
    }

    /// Runs the hooks at the beginning of a block. Events end in `mode`.
    pub fn begin_block(&self, ctx: &mut Ctx) -> Result<Vec<Event>, TxError> {
        self.hooks(ctx, Some("BeginBlock"), |module, ctx| module.begin_block(ctx))
    }

    /// Runs the hooks at the end of a block. Events end in `mode`.
    pub fn end_block(&self, ctx: &mut Ctx) -> Result<Vec<Event>, TxError> {
        self.hooks(ctx, Some("EndBlock"), |module, ctx| module.end_block(ctx))
    }

    /// Writes the index rows of one committed record, see [`Module::index`].
    pub fn index(&self, ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
        let owner = self.modules.iter().find(|module| module.stores().contains(&record.store));
        owner.map_or(Ok(()), |module| module.index(ctx, record))
    }

    /// The version of each module's state that this program reads and writes.
    #[must_use]
    pub fn versions(&self) -> BTreeMap<&'static str, u64> {
        self.modules.iter().map(|module| (module.name(), module.version())).collect()
    }

    /// Brings every module's state from the version in `found` to its own, step by step; a module that is not in it
    /// gets its first state.
    pub fn migrate(&self, ctx: &mut Ctx, found: &BTreeMap<String, u64>) -> Result<(), TxError> {
        for module in &self.modules {
            let (name, version) = (module.name(), module.version());
            match found.get(name) {
                Some(found) if *found > version => {
                    let text = format!("state of {name} has version {found}, this program knows {version}");
                    return Err(TxError::Fault(text));
                }
                Some(found) => (*found..version).try_for_each(|from| module.migrate(ctx, from))?,
                None => module.init_genesis(ctx, &Value::Null)?,
            }
        }
        Ok(())
    }

    /// Checks every invariant and gives those that do not hold.
    pub fn check_invariants(&self, ctx: &mut Ctx) -> Result<Vec<Violation>, TxError> {
        let mut violations = Vec::new();
        for module in &self.modules {
            for invariant in module.invariants() {
                if let Err(found) = (invariant.check)(ctx)? {
                    violations.push(Violation { module: module.name(), invariant: invariant.name, found });
                }
            }
        }
        Ok(violations)
    }

    /// No transaction stands behind a hook that fails, so a rejection there is a fault.
    fn hooks(
        &self,
        ctx: &mut Ctx,
        mode: Option<&str>,
        hook: impl Fn(&dyn Module, &mut Ctx) -> Result<(), TxError>,
    ) -> Result<Vec<Event>, TxError> {
        for module in &self.modules {
            hook(module.as_ref(), ctx).map_err(|error| TxError::Fault(format!("{}: {error}", module.name())))?;
        }
        let mut events = ctx.take_events();
        for event in &mut events {
            event.attributes.extend(mode.map(|mode| ("mode".to_owned(), mode.to_owned())));
        }
        Ok(events)
    }
}
