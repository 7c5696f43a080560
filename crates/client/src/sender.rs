//! Changes on chain: simulate for the gas, sign, broadcast, confirm by hash, and sign again when the sequence moved on.

use std::time::Duration;

use akash_types::address::Address;
use akash_types::coin::{Coin, Coins, DecCoin};
use akash_types::key::SecretKey;
use akash_types::num::{Dec, Int};
use akash_types::tx::{self, Unsigned};
use prost_types::Any;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};
use tracing::debug;

use crate::error::Refusal;
use crate::{Client, ClientError, Key, TxResult};

/// Gas is what the simulation used, times 13/10.
const GAS_MARGIN: (u64, u64) = (13, 10);
/// With the pauses between them, long enough for a block of a slow network.
const MAX_ATTEMPTS: u32 = 12;
const FIRST_POLL: Duration = Duration::from_millis(50);
const LONGEST_POLL: Duration = Duration::from_secs(1);

/// How much gas a transaction may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gas {
    /// What a simulation uses, with a margin.
    Auto,
    Fixed(u64),
}

#[derive(Debug, Clone)]
pub struct SendOptions {
    pub gas: Gas,
    pub memo: String,
    /// How long to wait for a block.
    pub confirm: Duration,
}

impl Default for SendOptions {
    fn default() -> Self {
        Self { gas: Gas::Auto, memo: String::new(), confirm: Duration::from_secs(60) }
    }
}

/// Sends for one key, one transaction after the other.
#[derive(Debug)]
pub struct Sender {
    client: Client,
    secret: SecretKey,
    address: Address,
    gas_price: DecCoin,
    /// Held while a transaction is on its way, so that sequences never cross.
    turn: Mutex<()>,
}

impl Sender {
    /// Fees are gas times `gas_price`, rounded up.
    #[must_use]
    pub fn new(client: Client, key: &Key, gas_price: DecCoin) -> Self {
        let (secret, address) = (key.secret.clone(), key.address.clone());
        Self { client, secret, address, gas_price, turn: Mutex::new(()) }
    }

    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Sends messages as one transaction and waits until a block has it.
    ///
    /// # Errors
    /// [`ClientError::Refused`] when the chain did not accept it; an unknown error when no answer came, and then the
    /// transaction may or may not be in a block.
    pub async fn send(&self, messages: Vec<Any>, options: &SendOptions) -> Result<TxResult, ClientError> {
        let _turn = self.turn.lock().await;
        let chain_id = self.client.rpc().status().await?.chain_id;
        let (mut attempt, mut pause) = (1, FIRST_POLL);
        loop {
            let signed = self.sign(&messages, options, &chain_id).await;
            let sent = match signed {
                Ok(tx) => self.broadcast(&tx, options.confirm).await,
                Err(error) => Err(error),
            };
            match sent {
                Err(ClientError::Refused(refusal)) if refusal.is_sequence() && attempt < MAX_ATTEMPTS => {
                    debug!(attempt, %refusal, "signing again with the present sequence");
                    sleep(pause).await;
                    (attempt, pause) = (attempt + 1, (pause * 2).min(LONGEST_POLL));
                }
                other => return other,
            }
        }
    }

    async fn sign(&self, messages: &[Any], options: &SendOptions, chain_id: &str) -> Result<Vec<u8>, ClientError> {
        let account = self.client.account(&self.address).await?;
        let account = account.ok_or_else(|| ClientError::NoAccount { address: self.address.to_string() })?;
        let mut unsigned = Unsigned { messages: messages.to_vec(), memo: options.memo.clone(), ..Unsigned::default() };
        unsigned.gas_limit = match options.gas {
            Gas::Fixed(gas) => gas,
            Gas::Auto => {
                // Paying a fee takes gas too, so the draft pays the least there is.
                unsigned.fee = fee(&self.gas_price, 1)?;
                let draft = tx::unsigned_for_simulation(&unsigned, &self.secret.public(), account.sequence);
                let used = self.client.simulate(&draft).await?;
                used.saturating_mul(GAS_MARGIN.0) / GAS_MARGIN.1
            }
        };
        unsigned.fee = fee(&self.gas_price, unsigned.gas_limit)?;
        Ok(tx::sign_direct(&unsigned, &self.secret, chain_id, account.account_number, account.sequence))
    }

    async fn broadcast(&self, tx: &[u8], confirm: Duration) -> Result<TxResult, ClientError> {
        let sent = self.client.rpc().broadcast_sync(tx).await?;
        if let Some(refusal) = sent.refusal
            && !is_known(&refusal)
        {
            return Err(refusal.into());
        }
        let result = self.confirm(&tx::hash(tx), confirm).await?;
        result.refusal.clone().map_or(Ok(result), |refusal| Err(refusal.into()))
    }

    /// Asks for the transaction until a block has it or the time is over.
    async fn confirm(&self, hash: &[u8; 32], limit: Duration) -> Result<TxResult, ClientError> {
        let deadline = Instant::now() + limit;
        let mut pause = FIRST_POLL;
        loop {
            match self.client.rpc().tx(hash).await {
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

/// The very same bytes are in the mempool already: that is what was wanted.
fn is_known(refusal: &Refusal) -> bool {
    refusal.codespace == "sdk" && refusal.code == 19
}

fn fee(price: &DecCoin, gas: u64) -> Result<Coins, ClientError> {
    let too_much = || ClientError::Key { name: "gas price".to_owned(), reason: "the fee is too large".to_owned() };
    let amount = price.amount.checked_mul_int(Int::from(gas)).map(Dec::ceil).ok_or_else(too_much)?;
    let coin = Coin::new(price.denom.clone(), amount).map_err(|_| too_much())?;
    Coins::from_vec(if coin.amount.is_zero() { Vec::new() } else { vec![coin] }).map_err(|_| too_much())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fee_is_rounded_up() {
        let price = DecCoin::new("uakt", "0.025".parse::<Dec>().unwrap()).unwrap();
        assert_eq!(fee(&price, 100_001).unwrap().to_string(), "2501uakt");
        assert_eq!(fee(&price, 0).unwrap().to_string(), "");
    }
}
