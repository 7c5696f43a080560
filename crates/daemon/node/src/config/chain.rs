use std::collections::BTreeSet;

use super::{GasPrices, section};

section! {
    /// What this node asks of transactions beyond the rules of the chain.
    pub struct Chain in "chain" {
        /// Least price of a unit of gas, in any of these coins; empty takes transactions without a fee.
        min_gas_prices: GasPrices = GasPrices::parse("0.025uakt").unwrap_or_default(),
        /// Most gas that a simulation may use where the chain itself sets no limit for a block.
        simulation_gas: u64 = akash_app::AppConfig::default().simulation_gas,
        /// Heights at which a planned upgrade is dropped and the block goes on without it, as all validators agreed.
        unsafe_skip_upgrades: BTreeSet<i64> = BTreeSet::new(),
    }
}
