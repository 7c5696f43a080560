use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Coin, CoinError, Coins, MAX_COINS, split, validate_denom};
use crate::num::Dec;

/// A fractional amount of one denomination, such as a price.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "DecCoinFields")]
pub struct DecCoin {
    pub denom: String,
    pub amount: Dec,
}

#[derive(Deserialize)]
struct DecCoinFields {
    denom: String,
    amount: Dec,
}

impl DecCoin {
    /// Checks denomination and sign.
    pub fn new(denom: impl Into<String>, amount: Dec) -> Result<Self, CoinError> {
        let denom = denom.into();
        validate_denom(&denom)?;
        if amount.is_negative() {
            return Err(CoinError::Negative(amount.to_string()));
        }
        Ok(Self { denom, amount })
    }

    /// Whole units and what is left of it.
    #[must_use]
    pub fn split(&self) -> (Coin, Self) {
        let whole = Coin { denom: self.denom.clone(), amount: self.amount.truncate() };
        (whole, Self { denom: self.denom.clone(), amount: self.amount.fract() })
    }
}

impl TryFrom<DecCoinFields> for DecCoin {
    type Error = CoinError;

    fn try_from(fields: DecCoinFields) -> Result<Self, CoinError> {
        Self::new(fields.denom, fields.amount)
    }
}

impl From<&Coin> for DecCoin {
    fn from(coin: &Coin) -> Self {
        Self { denom: coin.denom.clone(), amount: Dec::from_int(coin.amount).expect("every integer fits") }
    }
}

impl fmt::Display for DecCoin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.denom)
    }
}

/// Reads `0.025uakt`.
impl FromStr for DecCoin {
    type Err = CoinError;

    fn from_str(text: &str) -> Result<Self, CoinError> {
        let (amount, denom) = split(text)?;
        Self::new(denom, amount)
    }
}

/// A set of fractional coins: sorted by denomination, unique, each amount positive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<DecCoin>")]
pub struct DecCoins(Vec<DecCoin>);

impl DecCoins {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sorts, and drops zeros; refuses a denomination that occurs twice.
    pub fn from_vec(mut coins: Vec<DecCoin>) -> Result<Self, CoinError> {
        if coins.len() > MAX_COINS {
            return Err(CoinError::TooMany);
        }
        coins.retain(|coin| !coin.amount.is_zero());
        coins.sort_by(|a, b| a.denom.cmp(&b.denom));
        match coins.windows(2).find(|pair| pair[0].denom == pair[1].denom) {
            Some(pair) => Err(CoinError::Duplicate(pair[0].denom.clone())),
            None => Ok(Self(coins)),
        }
    }

    /// Reads `0.025uakt,1uact`; the order does not matter. An empty text is the empty set.
    pub fn parse(text: &str) -> Result<Self, CoinError> {
        if text.trim().is_empty() {
            return Ok(Self::new());
        }
        Self::from_vec(text.split(',').map(str::parse).collect::<Result<_, _>>()?)
    }

    /// How much of a denomination there is; zero if none.
    #[must_use]
    pub fn amount_of(&self, denom: &str) -> Dec {
        self.position(denom).map_or(Dec::ZERO, |at| self.0[at].amount)
    }

    /// The sum with one coin. `None` when the amount leaves its range.
    #[must_use]
    pub fn checked_add_coin(mut self, coin: &DecCoin) -> Option<Self> {
        match self.position(&coin.denom) {
            Ok(at) => self.0[at].amount = self.0[at].amount.checked_add(coin.amount)?,
            Err(_) if coin.amount.is_zero() => {}
            Err(at) => self.0.insert(at, coin.clone()),
        }
        Some(self)
    }

    /// The difference to one coin. `None` when there is less than is taken.
    #[must_use]
    pub fn checked_sub_coin(mut self, coin: &DecCoin) -> Option<Self> {
        if coin.amount.is_zero() {
            return Some(self);
        }
        let at = self.position(&coin.denom).ok()?;
        let rest = self.0[at].amount.checked_sub(coin.amount)?;
        if rest.is_negative() {
            return None;
        }
        if rest.is_zero() {
            self.0.remove(at);
        } else {
            self.0[at].amount = rest;
        }
        Some(self)
    }

    /// The whole units of everything.
    #[must_use]
    pub fn truncate(&self) -> Coins {
        let whole = self.0.iter().map(|coin| coin.split().0).collect();
        Coins::from_vec(whole).expect("sorted and unique already")
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn as_slice(&self) -> &[DecCoin] {
        &self.0
    }

    pub fn iter(&self) -> std::slice::Iter<'_, DecCoin> {
        self.0.iter()
    }

    fn position(&self, denom: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|coin| coin.denom.as_str().cmp(denom))
    }
}

impl TryFrom<Vec<DecCoin>> for DecCoins {
    type Error = CoinError;

    fn try_from(coins: Vec<DecCoin>) -> Result<Self, CoinError> {
        Self::from_vec(coins)
    }
}

impl<'a> IntoIterator for &'a DecCoins {
    type Item = &'a DecCoin;
    type IntoIter = std::slice::Iter<'a, DecCoin>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromStr for DecCoins {
    type Err = CoinError;

    fn from_str(text: &str) -> Result<Self, CoinError> {
        Self::parse(text)
    }
}

impl fmt::Display for DecCoins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_joined(f, &self.0)
    }
}

/// Joins by commas, without blanks.
pub(super) fn write_joined<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if at == 0 { "" } else { "," })?;
    }
    Ok(())
}
