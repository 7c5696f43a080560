//! Coins: an amount of a denomination, and sorted sets of them.
//!
//! [`Coin`] and [`Coins`] count whole units, [`DecCoin`] and [`DecCoins`] fractions of them. The sets are sorted
//! by denomination, unique, and hold positive amounts only; an operation that would break this answers `None`.

mod dec_coin;
mod set;
#[cfg(test)]
mod tests;
mod wire;

pub use dec_coin::{DecCoin, DecCoins};
pub use set::Coins;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::num::{Dec, Int, NumError};

/// Why something is no coin or no set of coins. The texts are those of the Cosmos SDK where it has one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoinError {
    #[error("invalid denom: {0}")]
    Denom(String),
    #[error("invalid coin expression: {0:?}")]
    Expression(String),
    #[error("invalid coin amount: {0}")]
    Amount(#[from] NumError),
    #[error("negative coin amount: {0}")]
    Negative(String),
    #[error("coin {0} amount is not positive")]
    NotPositive(String),
    #[error("denomination {0} is not sorted")]
    NotSorted(String),
    #[error("duplicate denomination {0}")]
    Duplicate(String),
    #[error("sum of coins is out of range")]
    Range,
    #[error("more than {MAX_COINS} coins")]
    TooMany,
}

/// The most denominations in one set that comes from outside.
pub const MAX_COINS: usize = 1024;

const LONGEST_DENOM: usize = 128;

/// A letter, then 2 to 127 of letters, digits, `/`, `:`, `.`, `_` and `-`.
pub fn validate_denom(denom: &str) -> Result<(), CoinError> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"/:._-".contains(&b);
    let starts_well = denom.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    if starts_well && (3..=LONGEST_DENOM).contains(&denom.len()) && denom.bytes().all(legal) {
        return Ok(());
    }
    Err(CoinError::Denom(denom.chars().take(LONGEST_DENOM + 1).collect()))
}

/// An amount of one denomination; never negative, but possibly zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "CoinFields")]
pub struct Coin {
    pub denom: String,
    pub amount: Int,
}

#[derive(Deserialize)]
struct CoinFields {
    denom: String,
    amount: Int,
}

impl Coin {
    /// Checks denomination and sign.
    pub fn new(denom: impl Into<String>, amount: impl Into<Int>) -> Result<Self, CoinError> {
        let (denom, amount) = (denom.into(), amount.into());
        validate_denom(&denom)?;
        if amount.is_negative() {
            return Err(CoinError::Negative(amount.to_string()));
        }
        Ok(Self { denom, amount })
    }
}

impl TryFrom<CoinFields> for Coin {
    type Error = CoinError;

    fn try_from(fields: CoinFields) -> Result<Self, CoinError> {
        Self::new(fields.denom, fields.amount)
    }
}

impl fmt::Display for Coin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.denom)
    }
}

/// Reads `5uakt`. As with the SDK's tools, blanks may stand between the two and decimals are cut off.
impl FromStr for Coin {
    type Err = CoinError;

    fn from_str(text: &str) -> Result<Self, CoinError> {
        let (amount, denom) = split(text)?;
        Self::new(denom, amount.truncate())
    }
}

/// Splits `1.5 uakt` into number and denomination.
fn split(text: &str) -> Result<(Dec, &str), CoinError> {
    let text = text.trim();
    let expression = || CoinError::Expression(text.chars().take(2 * LONGEST_DENOM).collect());
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(expression)?;
    let (number, denom) = text.split_at(end);
    let denom = denom.trim_start();
    if number.is_empty() {
        return Err(expression());
    }
    validate_denom(denom)?;
    Ok((number.parse()?, denom))
}
