//! On what terms a transaction is sent: gas, fee, who pays, until when it may be in a block.

use std::time::Duration;

use akash_types::address::Address;
use akash_types::coin::{Coin, Coins, DecCoins};
use akash_types::key::PublicKey;
use akash_types::num::{Dec, Int};
use akash_types::tx::{self, Unsigned};
use prost_types::{Any, Timestamp};
use tokio::time::{Instant, sleep};
use tracing::debug;

use crate::{Client, ClientError, TxResult};

pub(crate) const FIRST_POLL: Duration = Duration::from_millis(50);
pub(crate) const LONGEST_POLL: Duration = Duration::from_secs(1);

/// How much gas a transaction may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gas {
    /// What a simulation uses, times this.
    Auto {
        adjustment: Dec,
    },
    Fixed(u64),
}

impl Gas {
    /// Between simulation and execution the state may change, so there is a margin: `numerator` tenths.
    #[must_use]
    pub fn auto_tenths(numerator: u64) -> Self {
        let adjustment = Dec::from_int(Int::from(numerator)).zip(Dec::from_int(Int::from(10u64)));
        let adjustment = adjustment.and_then(|(tenths, ten)| tenths.checked_quo(ten)).unwrap_or(Dec::ONE);
        Self::Auto { adjustment }
    }
}

/// What is paid for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fee {
    Coins(Coins),
    /// For each unit of gas, rounded up.
    Prices(DecCoins),
}

/// The terms of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    pub gas: Gas,
    pub fee: Fee,
    pub memo: String,
    /// Who pays the fee, if not the signer; must sign too.
    pub payer: Option<Address>,
    /// Whose allowance pays the fee.
    pub granter: Option<Address>,
    /// The last height at which it may be in a block; 0 for no limit.
    pub timeout_height: u64,
    /// The last moment at which it may be in a block.
    pub timeout: Option<Timestamp>,
    /// Whether it may be executed in any order; it needs a `timeout` then, and its sequence is 0.
    pub unordered: bool,
}

impl Terms {
    /// Gas by simulation, and nothing else that is special.
    #[must_use]
    pub fn at(fee: Fee) -> Self {
        Self {
            gas: Gas::auto_tenths(13),
            fee,
            memo: String::new(),
            payer: None,
            granter: None,
            timeout_height: 0,
            timeout: None,
            unordered: false,
        }
    }

    /// The transaction with this gas limit, and the fee that follows from it.
    ///
    /// # Errors
    /// When the fee would be larger than any number of coins.
    pub fn with_gas(&self, messages: Vec<Any>, gas_limit: u64) -> Result<Unsigned, ClientError> {
        let fee = match &self.fee {
            Fee::Coins(coins) => coins.clone(),
            Fee::Prices(prices) => fee(prices, gas_limit)?,
        };
        Ok(Unsigned {
            messages,
            memo: self.memo.clone(),
            timeout_height: self.timeout_height,
            unordered: self.unordered,
            timeout_timestamp: self.timeout,
            fee,
            gas_limit,
            payer: self.payer.clone(),
            granter: self.granter.clone(),
        })
    }
}

impl Client {
    /// A transaction that only has to be signed. Simulates it when the terms ask for that.
    ///
    /// # Errors
    /// [`ClientError::Refused`] when the simulation failed.
    pub async fn prepare(
        &self,
        messages: Vec<Any>,
        terms: &Terms,
        public_key: &PublicKey,
        sequence: u64,
    ) -> Result<Unsigned, ClientError> {
        let gas = match terms.gas {
            Gas::Fixed(gas) => gas,
            Gas::Auto { adjustment } => {
                // Paying a fee takes gas too, so the draft pays the least there is.
                let draft = terms.with_gas(messages.clone(), 1)?;
                let used = self.simulate(&tx::unsigned_for_simulation(&draft, public_key, sequence)).await?;
                adjusted(used, adjustment).ok_or_else(too_much)?
            }
        };
        terms.with_gas(messages, gas)
    }

    /// Asks for a transaction until a block has it or the time is over.
    ///
    /// # Errors
    /// [`ClientError::Unconfirmed`] when no block had it in time; it may still come.
    pub async fn confirm(&self, hash: &[u8; 32], limit: Duration) -> Result<TxResult, ClientError> {
        let deadline = Instant::now() + limit;
        let mut pause = FIRST_POLL;
        loop {
            match self.rpc().tx(hash).await {
                Ok(Some(result)) => return Ok(result),
                Ok(None) => {}
                Err(error) if error.is_unknown() => debug!(%error, "asking for the transaction again"),
                Err(error) => return Err(error),
            }
            if Instant::now() >= deadline {
                let hash = hex::encode_upper(hash);
                return Err(ClientError::Unconfirmed { hash, seconds: limit.as_secs() });
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_POLL);
        }
    }
}

pub(crate) fn too_much() -> ClientError {
    ClientError::Terms("the fee is too large".to_owned())
}

fn adjusted(used: u64, adjustment: Dec) -> Option<u64> {
    adjustment.checked_mul_int(Int::from(used))?.ceil().to_u64()
}

fn fee(prices: &DecCoins, gas: u64) -> Result<Coins, ClientError> {
    let mut coins = Vec::new();
    for price in prices.iter() {
        let amount = price.amount.checked_mul_int(Int::from(gas)).map(Dec::ceil).ok_or_else(too_much)?;
        coins.push(Coin::new(price.denom.clone(), amount).map_err(|_| too_much())?);
    }
    coins.retain(|coin| !coin.amount.is_zero());
    Coins::from_vec(coins).map_err(|_| too_much())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fee_is_rounded_up() {
        let prices: DecCoins = "0.025uakt".parse().unwrap();
        assert_eq!(fee(&prices, 100_001).unwrap().to_string(), "2501uakt");
        assert_eq!(fee(&prices, 0).unwrap().to_string(), "");
    }

    #[test]
    fn gas_is_multiplied_and_rounded_up() {
        let Gas::Auto { adjustment } = Gas::auto_tenths(13) else { panic!() };
        assert_eq!(adjusted(100_001, adjustment), Some(130_002));
        assert_eq!(adjusted(u64::MAX, adjustment), None);
    }
}
