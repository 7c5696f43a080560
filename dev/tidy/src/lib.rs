//! House rules that no compiler checks, as tests.
//!
//! [`repository`] lists the files, [`sizes`], [`zones`] and [`leftovers`] find what breaks a rule, and [`ratchet`]
//! compares that with the debts on record: an old debt may shrink, a new one fails. Nothing here knows what code does.

pub mod leftovers;
pub mod ratchet;
pub mod repository;
pub mod sizes;
pub mod zones;

/// One broken rule in one file: `what` names the rule, `amount` how much (lines, occurrences), `line` where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub file: String,
    pub what: String,
    pub amount: usize,
    pub line: usize,
}
