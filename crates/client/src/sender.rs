//! Changes on chain: simulate for the gas, sign, broadcast, confirm by hash, and sign again when the sequence moved on.

use std::time::Duration;

use akash_types::address::Address;
use akash_types::coin::{DecCoin, DecCoins};
use akash_types::key::SecretKey;
use akash_types::tx;
use prost_types::Any;
use tokio::sync::Mutex;
use tokio::time::sleep;
use tracing::debug;

use crate::terms::{FIRST_POLL, Fee, Gas, LONGEST_POLL, Terms, too_much};
use crate::{Client, ClientError, Key, TxResult};

/// With the pauses between them, long enough for a block of a slow network.
const MAX_ATTEMPTS: u32 = 12;

#[derive(Debug, Clone)]
pub struct SendOptions {
    pub gas: Gas,
    pub memo: String,
    /// How long to wait for a block.
    pub confirm: Duration,
}

impl Default for SendOptions {
    fn default() -> Self {
        Self { gas: Gas::auto_tenths(13), memo: String::new(), confirm: Duration::from_secs(60) }
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
        let price = DecCoins::from_vec(vec![self.gas_price.clone()]).map_err(|_| too_much())?;
        let terms = Terms { gas: options.gas, memo: options.memo.clone(), ..Terms::at(Fee::Prices(price)) };
        let public_key = self.secret.public();
        let unsigned = self.client.prepare(messages.to_vec(), &terms, &public_key, account.sequence).await?;
        Ok(tx::sign_direct(&unsigned, &self.secret, chain_id, account.account_number, account.sequence))
    }

    async fn broadcast(&self, tx: &[u8], confirm: Duration) -> Result<TxResult, ClientError> {
        let sent = self.client.rpc().broadcast_sync(tx).await?;
        if let Some(refusal) = sent.refusal
            && !refusal.is_known()
        {
            return Err(refusal.into());
        }
        let result = self.client.confirm(&tx::hash(tx), confirm).await?;
        result.refusal.clone().map_or(Ok(result), |refusal| Err(refusal.into()))
    }
}
