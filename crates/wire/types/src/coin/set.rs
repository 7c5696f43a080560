use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Coin, CoinError, MAX_COINS};
use crate::num::Int;

/// A set of coins: sorted by denomination, unique, each amount positive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Coin>")]
pub struct Coins(Vec<Coin>);

impl Coins {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sorts, and drops zeros; refuses a denomination that occurs twice.
    pub fn from_vec(mut coins: Vec<Coin>) -> Result<Self, CoinError> {
        coins.retain(|coin| !coin.amount.is_zero());
        coins.sort_by(|a, b| a.denom.cmp(&b.denom));
        Self::from_sorted(coins)
    }

    /// Takes coins that must be sorted, unique and positive already, as a message has to carry them.
    pub fn from_sorted(coins: Vec<Coin>) -> Result<Self, CoinError> {
        if coins.len() > MAX_COINS {
            return Err(CoinError::TooMany);
        }
        for coin in &coins {
            super::validate_denom(&coin.denom)?;
            if !coin.amount.is_positive() {
                return Err(CoinError::NotPositive(coin.to_string()));
            }
        }
        for pair in coins.windows(2) {
            match pair[0].denom.cmp(&pair[1].denom) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => return Err(CoinError::Duplicate(pair[1].denom.clone())),
                std::cmp::Ordering::Greater => return Err(CoinError::NotSorted(pair[1].denom.clone())),
            }
        }
        Ok(Self(coins))
    }

    /// Reads `1uakt,2uact`; the order does not matter. An empty text is the empty set.
    pub fn parse(text: &str) -> Result<Self, CoinError> {
        if text.trim().is_empty() {
            return Ok(Self::new());
        }
        if text.split(',').count() > MAX_COINS {
            return Err(CoinError::TooMany);
        }
        Self::from_vec(text.split(',').map(str::parse).collect::<Result<_, _>>()?)
    }

    /// How much of a denomination there is; zero if none.
    #[must_use]
    pub fn amount_of(&self, denom: &str) -> Int {
        self.position(denom).map_or(Int::ZERO, |at| self.0[at].amount)
    }

    /// The sum, made in place: adding many sets up costs no copies. `None` when an amount leaves its range, or the sum
    /// has more than [`MAX_COINS`] denominations.
    #[must_use]
    pub fn checked_add(self, other: &Self) -> Option<Self> {
        other.iter().try_fold(self, Self::checked_add_coin)
    }

    /// The difference. `None` when there is less of a denomination than is taken.
    #[must_use]
    pub fn checked_sub(self, other: &Self) -> Option<Self> {
        other.iter().try_fold(self, Self::checked_sub_coin)
    }

    /// The sum with one coin. `None` when the amount leaves its range, or the set its bound.
    #[must_use]
    pub fn checked_add_coin(mut self, coin: &Coin) -> Option<Self> {
        debug_assert!(!coin.amount.is_negative());
        match self.position(&coin.denom) {
            Ok(at) => self.0[at].amount = self.0[at].amount.checked_add(coin.amount)?,
            Err(_) if coin.amount.is_zero() => {}
            Err(_) if self.0.len() >= MAX_COINS => return None,
            Err(at) => self.0.insert(at, coin.clone()),
        }
        Some(self)
    }

    /// The difference to one coin. `None` when there is less than is taken.
    #[must_use]
    pub fn checked_sub_coin(mut self, coin: &Coin) -> Option<Self> {
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

    /// Whether there is at least as much of everything as in `other`.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.iter().all(|coin| self.amount_of(&coin.denom) >= coin.amount)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn as_slice(&self) -> &[Coin] {
        &self.0
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Coin> {
        self.0.iter()
    }

    fn position(&self, denom: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|coin| coin.denom.as_str().cmp(denom))
    }
}

impl From<Coin> for Coins {
    fn from(coin: Coin) -> Self {
        Self(if coin.amount.is_zero() { Vec::new() } else { vec![coin] })
    }
}

impl TryFrom<Vec<Coin>> for Coins {
    type Error = CoinError;

    fn try_from(coins: Vec<Coin>) -> Result<Self, CoinError> {
        Self::from_vec(coins)
    }
}

impl IntoIterator for Coins {
    type Item = Coin;
    type IntoIter = std::vec::IntoIter<Coin>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Coins {
    type Item = &'a Coin;
    type IntoIter = std::slice::Iter<'a, Coin>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromStr for Coins {
    type Err = CoinError;

    fn from_str(text: &str) -> Result<Self, CoinError> {
        Self::parse(text)
    }
}

impl fmt::Display for Coins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::dec_coin::write_joined(f, &self.0)
    }
}
