use super::{GasPrices, section};

section! {
    /// What this node asks of transactions beyond the rules of the chain.
    pub struct Chain in "chain" {
        /// Least price of a unit of gas, in any of these coins; empty takes transactions without a fee.
        min_gas_prices: GasPrices = GasPrices::parse("0.025uakt").unwrap_or_default(),
    }
}
