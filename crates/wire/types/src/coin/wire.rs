//! Coins as protobuf messages.

use akash_proto::cosmos::base::v1beta1 as proto;

use super::{Coin, CoinError, Coins, DecCoin, DecCoins};
use crate::num::Dec;

impl TryFrom<&proto::Coin> for Coin {
    type Error = CoinError;

    fn try_from(coin: &proto::Coin) -> Result<Self, CoinError> {
        Self::new(coin.denom.clone(), coin.amount.parse::<crate::num::Int>()?)
    }
}

impl TryFrom<proto::Coin> for Coin {
    type Error = CoinError;

    fn try_from(coin: proto::Coin) -> Result<Self, CoinError> {
        Self::try_from(&coin)
    }
}

impl From<&Coin> for proto::Coin {
    fn from(coin: &Coin) -> Self {
        Self { denom: coin.denom.clone(), amount: coin.amount.to_string() }
    }
}

impl From<Coin> for proto::Coin {
    fn from(coin: Coin) -> Self {
        Self::from(&coin)
    }
}

impl TryFrom<&proto::DecCoin> for DecCoin {
    type Error = CoinError;

    fn try_from(coin: &proto::DecCoin) -> Result<Self, CoinError> {
        Self::new(coin.denom.clone(), Dec::from_wire(&coin.amount)?)
    }
}

impl TryFrom<proto::DecCoin> for DecCoin {
    type Error = CoinError;

    fn try_from(coin: proto::DecCoin) -> Result<Self, CoinError> {
        Self::try_from(&coin)
    }
}

impl From<&DecCoin> for proto::DecCoin {
    fn from(coin: &DecCoin) -> Self {
        Self { denom: coin.denom.clone(), amount: coin.amount.to_wire() }
    }
}

impl From<DecCoin> for proto::DecCoin {
    fn from(coin: DecCoin) -> Self {
        Self::from(&coin)
    }
}

/// Strict: what is not sorted, unique and positive is refused.
impl TryFrom<&[proto::Coin]> for Coins {
    type Error = CoinError;

    fn try_from(coins: &[proto::Coin]) -> Result<Self, CoinError> {
        if coins.len() > super::MAX_COINS {
            return Err(CoinError::TooMany);
        }
        Self::from_sorted(coins.iter().map(Coin::try_from).collect::<Result<_, _>>()?)
    }
}

impl From<&Coins> for Vec<proto::Coin> {
    fn from(coins: &Coins) -> Self {
        coins.iter().map(proto::Coin::from).collect()
    }
}

impl From<&DecCoins> for Vec<proto::DecCoin> {
    fn from(coins: &DecCoins) -> Self {
        coins.iter().map(proto::DecCoin::from).collect()
    }
}
