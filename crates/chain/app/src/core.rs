//! What never changes while a node runs: modules, their code by name, the node's own settings.

use std::collections::BTreeSet;
use std::sync::Arc;

use akash_kernel::{BlockInfo, Ctx, GasMeter, Mode, Module, Modules, Registry};
use akash_store::Overlay;
use akash_types::coin::DecCoins;

use crate::ante::Environment;
use crate::cache::SignatureCache;
use crate::consensus::Consensus;
use crate::header::Header;
use crate::run::Runner;
use crate::upgrade::{UPGRADES, Upgrade};

/// A node's own wishes; none of them is consensus.
#[derive(Clone, Debug)]
pub struct AppConfig {
    /// A transaction must pay one of these for each unit of gas to be admitted. Empty: no minimum.
    pub min_gas_prices: DecCoins,
    /// How many heights stay readable and the like.
    pub store: akash_store::Options,
    /// The gas at which a simulation stops where blocks have no limit of gas; it bounds the time that one takes.
    pub simulation_gas: u64,
    /// The upgrades that this program can run.
    pub upgrades: Vec<Upgrade>,
    /// Heights at which a plan that is due is dropped instead, when everybody has agreed to.
    pub skipped_upgrades: BTreeSet<i64>,
}

/// Hundreds of the largest transactions that clients send.
const SIMULATION_GAS: u64 = 100_000_000;

impl Default for AppConfig {
    fn default() -> Self {
        let store = akash_store::Options::default();
        Self {
            min_gas_prices: DecCoins::default(),
            store,
            simulation_gas: SIMULATION_GAS,
            upgrades: UPGRADES.to_vec(),
            skipped_upgrades: BTreeSet::new(),
        }
    }
}

pub struct Core {
    pub modules: Modules,
    pub registry: Registry,
    pub config: AppConfig,
    pub signatures: SignatureCache,
}

impl Core {
    pub fn new(config: AppConfig) -> Arc<Self> {
        let modules = Modules::new(all_modules());
        let registry = modules.registry();
        Arc::new(Self { modules, registry, config, signatures: SignatureCache::default() })
    }

    /// A context for what is no transaction; it has no limit of gas.
    pub fn ctx<'a>(&'a self, overlay: &'a mut Overlay, block: &'a BlockInfo, mode: Mode) -> Ctx<'a> {
        Ctx::new(overlay, block, mode, GasMeter::unlimited()).with_registry(&self.registry)
    }

    pub fn environment(&self) -> Environment<'_> {
        Environment {
            min_gas_prices: &self.config.min_gas_prices,
            signatures: &self.signatures,
            simulation_gas: self.config.simulation_gas,
        }
    }

    pub fn runner<'a>(&'a self, block: &'a BlockInfo, mode: Mode) -> Runner<'a> {
        Runner { registry: &self.registry, environment: self.environment(), block, mode }
    }
}

/// In the order of genesis and of block hooks.
fn all_modules() -> Vec<Box<dyn Module>> {
    let mut modules: Vec<Box<dyn Module>> = vec![Box::new(Header), Box::new(Consensus)];
    modules.extend(akash_cosmos::modules());
    modules.extend(akash_marketplace::modules());
    modules
}
