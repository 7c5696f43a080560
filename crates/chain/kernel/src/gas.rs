//! What work costs. The table starts from the Cosmos SDK's, so that clients with fixed limits fit.

use akash_store::Space;

use crate::error::TxError;
use crate::sdk_error;

/// Prices of one space.
pub(crate) struct Costs {
    pub(crate) has: u64,
    pub(crate) delete: u64,
    pub(crate) read: u64,
    pub(crate) read_byte: u64,
    pub(crate) write: u64,
    pub(crate) write_byte: u64,
    pub(crate) step: u64,
}

const STATE: Costs = Costs { has: 1000, delete: 1000, read: 1000, read_byte: 3, write: 2000, write_byte: 30, step: 30 };

/// The reference keeps no indexes of its own; they cost what its transient stores do.
const INDEX: Costs = Costs { has: 100, delete: 100, read: 100, read_byte: 0, write: 200, write_byte: 3, step: 3 };

impl Costs {
    pub(crate) const fn of(space: Space) -> &'static Self {
        match space {
            Space::State(_) => &STATE,
            Space::Index(_) => &INDEX,
        }
    }
}

/// Counts gas up to a limit.
///
/// Once the limit is passed every later charge fails too, so that code which swallows an error gets nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GasMeter {
    limit: Option<u64>,
    used: u64,
}

impl GasMeter {
    /// Stops behind `limit`.
    #[must_use]
    pub const fn limited(limit: u64) -> Self {
        Self { limit: Some(limit), used: 0 }
    }

    /// Counts only: genesis, block hooks, simulation.
    #[must_use]
    pub const fn unlimited() -> Self {
        Self { limit: None, used: 0 }
    }

    /// What was consumed, the charge that passed the limit included.
    #[must_use]
    pub const fn used(&self) -> u64 {
        self.used
    }

    /// The limit, if there is one.
    #[must_use]
    pub const fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// What may still be consumed.
    #[must_use]
    pub const fn remaining(&self) -> Option<u64> {
        match self.limit {
            Some(limit) => Some(limit.saturating_sub(self.used)),
            None => None,
        }
    }

    /// Charges; `descriptor` names the work in the error, as clients know it.
    pub fn consume(&mut self, amount: u64, descriptor: &'static str) -> Result<(), TxError> {
        self.used = self.used.saturating_add(amount);
        match self.limit {
            Some(limit) if self.used > limit => {
                let used = self.used;
                let text = format!("out of gas in location: {descriptor}; gasWanted: {limit}, gasUsed: {used}");
                Err(sdk_error::out_of_gas(text))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passing_the_limit_is_rejected_with_the_text_that_clients_know() {
        let mut meter = GasMeter::limited(10);
        assert_eq!(meter.consume(10, "txSize"), Ok(()));
        let error = meter.consume(5, "ReadFlat").unwrap_err();
        assert_eq!(error.to_string(), "out of gas in location: ReadFlat; gasWanted: 10, gasUsed: 15: out of gas");
        assert_eq!(error.reject().map(|reject| (reject.codespace, reject.code)), Some(("sdk", 11)));
        assert!(meter.consume(0, "ReadFlat").is_err(), "a meter that ran out stays so");
    }

    #[test]
    fn sum_of_charges_does_not_wrap() {
        let mut meter = GasMeter::limited(10);
        assert!(meter.consume(u64::MAX, "a").is_err());
        assert!(meter.consume(u64::MAX, "b").is_err());
        assert_eq!(meter.used(), u64::MAX);
    }
}
