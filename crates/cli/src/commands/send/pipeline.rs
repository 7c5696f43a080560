//! From messages to a block: terms, simulation, a question, the signature, broadcast, waiting.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use akash_client::error::Refusal;
use akash_client::{Broadcast, Client, ClientError, Fee, Gas, Terms};
use akash_node::config::{Client as Settings, Setting};
use akash_proto::cosmos::auth::v1beta1::BaseAccount;
use akash_proto::cosmos::base::abci::v1beta1::TxResponse;
use akash_proto::cosmos::tx::v1beta1::{AuthInfo, Fee as WireFee, GetTxRequest, GetTxResponse, Tx, TxBody, TxRaw};
use akash_types::address::Address;
use akash_types::coin::{Coins, DecCoins};
use akash_types::json::{encode_message, encode_message_text};
use akash_types::key::{PublicKey, SignerKey};
use akash_types::num::Dec;
use akash_types::tx::{self, SignerData, Unsigned};
use anyhow::{Context, Result};
use prost::Message;
use prost_types::{Any, Timestamp};
use serde_json::json;
use tokio::time::sleep;

use crate::args::{BroadcastMode, SignMode, TxFlags};
use crate::commands::keyring::Signer;
use crate::commands::online;
use crate::commands::session::explain;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

/// Gas of a transaction that nothing is known of.
const DEFAULT_GAS: u64 = 200_000;
/// Another transaction of the account may come in between.
const MAX_ATTEMPTS: u32 = 12;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A transaction to be: who signs it, on what terms, and the node that takes it.
pub struct Sending<'a> {
    flags: &'a TxFlags,
    output: &'a Output,
    /// Where the keys are.
    keys: Home,
    signer: Signer,
    settings: Settings,
    from: Address,
    /// As the key ring has it; an address alone can only be generated for.
    key: Option<SignerKey>,
    /// None with `--offline`.
    client: Option<Client>,
}

/// What a signature needs to know of the account.
#[derive(Default)]
struct Account {
    number: u64,
    sequence: u64,
    public_key: Option<PublicKey>,
}

impl<'a> Sending<'a> {
    /// Finds the signer's key and the node; asks nothing yet.
    pub fn open(home: &Home, flags: &'a TxFlags, output: &'a Output) -> Result<Self> {
        let settings = online::settings(home)?;
        let keys = flags.keyring_dir.as_deref().map_or_else(|| home.clone(), Home::new);
        let from = flags.from.clone().filter(|from| !from.is_empty());
        let from = from.or_else(|| Some(settings.from.clone()).filter(|from| !from.is_empty()));
        let from = from.ok_or_else(|| {
            let failure = Failure::new(Exit::Usage, "who signs is not known");
            failure.next("give --from NAME or AKASH_FROM; `akash keys list` shows the keys")
        })?;
        let signer = Signer::new(&keys, flags.keyring.keyring_backend, &from);
        let (from, key) = match Address::parse(&from) {
            // Without a key it can be made, but not signed.
            Ok(address) if flags.generate_only => (address, None),
            _ => signer.address_and_public().map(|(address, key)| (address, Some(key)))?,
        };
        let client = if flags.offline { None } else { Some(online::client(home, flags.node.as_deref())?) };
        Ok(Self { flags, output, keys, signer, settings, from, key, client })
    }

    /// The account that signs.
    pub fn from(&self) -> &Address {
        &self.from
    }

    /// The node; an error with `--offline`.
    pub fn client(&self) -> Result<&Client> {
        self.client.as_ref().ok_or_else(|| {
            let failure = Failure::new(Exit::Usage, "this has to ask a node, which --offline forbids");
            failure.next("leave --offline out, or give the values as flags").into()
        })
    }

    /// Where keys and certificates are.
    pub fn keys(&self) -> &Home {
        &self.keys
    }

    /// All the way, or as far as the flags say.
    pub async fn send(&self, messages: Vec<Any>) -> Result<()> {
        let terms = self.terms().await?;
        if self.flags.generate_only {
            let unsigned = self.unsigned(messages, &terms, &self.account().await?).await.map_err(explain)?;
            return self.output.document(&encode_message_text(&opened(&unsigned)));
        }
        if self.flags.dry_run {
            return self.show_cost(messages, &terms).await;
        }
        let chain_id = self.chain_id().await?;
        let mut is_agreed = self.flags.yes || self.flags.offline;
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            if attempt > 1 {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            let account = self.account().await?;
            let unsigned = match self.unsigned(messages.clone(), &terms, &account).await {
                Err(error) if self.may_repeat(&error, attempt) => continue,
                other => other.map_err(explain)?,
            };
            if !is_agreed {
                self.ask(&unsigned, &chain_id)?;
                is_agreed = true;
            }
            let signed = self.sign(&unsigned, &account, &chain_id)?;
            if self.flags.offline {
                let raw = TxRaw::decode(&*signed).context("what was signed cannot be read")?;
                return self.output.document(&encode_message_text(&reopened(&raw)?));
            }
            let client = self.client()?;
            let sent = hand_in(client, &signed, self.output).await?;
            if let Some(refusal) = &sent.refusal {
                let error = ClientError::from(refusal.clone());
                if self.may_repeat(&error, attempt) {
                    continue;
                }
                if refusal.is_known() {
                    return Err(explain(error));
                }
            }
            return follow(client, sent, &signed, self.mode()?, self.flags.wait, self.output).await;
        }
        Ok(())
    }

    /// Another transaction of the account may have come in between; the next look at the account tells. One with the
    /// very same bytes is another's too: signatures have no chance in them, and these bytes were never sent from here.
    fn may_repeat(&self, error: &ClientError, attempt: u32) -> bool {
        let came_first = matches!(error, ClientError::Refused(refusal) if refusal.is_sequence() || refusal.is_known());
        came_first && attempt < MAX_ATTEMPTS && self.flags.sequence.is_none() && !self.flags.unordered
    }

    /// How long to wait.
    pub fn mode(&self) -> Result<BroadcastMode> {
        if let Some(mode) = self.flags.broadcast_mode {
            return Ok(mode);
        }
        let text = &self.settings.broadcast_mode;
        <BroadcastMode as clap::ValueEnum>::from_str(text, true)
            .map_err(|_| usage(format!("client.broadcast_mode: {text:?} is none of block, sync, async")))
    }

    async fn terms(&self) -> Result<Terms> {
        let (flags, settings) = (self.flags, &self.settings);
        let address = |flag: &str, given: &Option<String>| -> Result<Option<Address>> {
            let parse = |text: &String| Address::parse(text).map_err(|error| usage(format!("--{flag}: {error}")));
            given.as_ref().map(parse).transpose()
        };
        let timeout = flags.timeout_duration.as_ref().map(|text| deadline(text)).transpose()?;
        Ok(Terms {
            gas: gas(
                flags.gas.as_ref().unwrap_or(&settings.gas),
                flags.gas_adjustment.as_ref().unwrap_or(&settings.gas_adjustment),
            )?,
            fee: self.fee().await?,
            memo: flags.note.clone(),
            payer: address("fee-payer", &flags.fee_payer)?,
            granter: address("fee-granter", &flags.fee_granter)?,
            timeout_height: flags.timeout_height,
            timeout,
            unordered: flags.unordered,
        })
    }

    /// Flags before settings, and what the node asks for when neither says anything.
    async fn fee(&self) -> Result<Fee> {
        let given = |flag: &Option<String>, setting: &String| {
            flag.clone().or_else(|| Some(setting.clone())).filter(|text| !text.is_empty())
        };
        let prices = self.flags.gas_prices.clone();
        if let (None, Some(fees)) = (&prices, given(&self.flags.fees, &self.settings.fees)) {
            let coins = Coins::parse(&fees).map_err(|error| usage(format!("--fees {fees:?}: {error}")))?;
            return Ok(Fee::Coins(coins));
        }
        if let Some(text) = given(&prices, &self.settings.gas_prices) {
            let prices = text.parse().map_err(|error| usage(format!("--gas-prices {text:?}: {error}")))?;
            return Ok(Fee::Prices(prices));
        }
        let Some(client) = &self.client else {
            let failure = Failure::new(Exit::Usage, "the fee is not known, and no node may be asked");
            return Err(failure.next("give --fees or --gas-prices").into());
        };
        let asked = client.min_gas_prices().await.map_err(explain)?;
        // Any one of them is enough.
        let first = asked.iter().find(|price| price.denom == "uakt").or_else(|| asked.iter().next()).cloned();
        Ok(Fee::Prices(DecCoins::from_vec(first.into_iter().collect()).unwrap_or_default()))
    }

    /// What the flags say, else what the chain says.
    async fn account(&self) -> Result<Account> {
        let public_key = match &self.key {
            Some(SignerKey::Secp256k1(key)) => Some(*key),
            _ => None,
        };
        let (number, sequence) = (self.flags.account_number, self.flags.sequence);
        let Some(client) = &self.client else {
            let Some((number, sequence)) = number.zip(sequence.or(self.flags.unordered.then_some(0))) else {
                if self.flags.generate_only {
                    return Ok(Account { public_key, ..Account::default() });
                }
                let failure = Failure::new(Exit::Usage, "account number and sequence are not known with --offline");
                return Err(failure.next("give --account-number and --sequence").into());
            };
            return Ok(Account { number, sequence, public_key });
        };
        let found = client.account(&self.from).await.map_err(explain)?;
        let BaseAccount { account_number, sequence: stated, pub_key, .. } = match found {
            Some(account) => account,
            None if self.flags.generate_only => BaseAccount::default(),
            None => return Err(explain(ClientError::NoAccount { address: self.from.to_string() })),
        };
        let known = || pub_key.as_ref().and_then(|any| PublicKey::from_any(any).ok());
        Ok(Account {
            number: number.unwrap_or(account_number),
            sequence: if self.flags.unordered { 0 } else { sequence.unwrap_or(stated) },
            public_key: public_key.or_else(known),
        })
    }

    async fn unsigned(&self, messages: Vec<Any>, terms: &Terms, account: &Account) -> Result<Unsigned, ClientError> {
        match (&self.client, &account.public_key, terms.gas) {
            (_, _, Gas::Fixed(gas)) => terms.with_gas(messages, gas),
            (Some(client), Some(key), _) => client.prepare(messages, terms, key, account.sequence).await,
            // A simulation has to know the key.
            _ => terms.with_gas(messages, DEFAULT_GAS),
        }
    }

    async fn show_cost(&self, messages: Vec<Any>, terms: &Terms) -> Result<()> {
        let account = self.account().await?;
        if matches!(terms.gas, Gas::Auto { .. }) && (self.client.is_none() || account.public_key.is_none()) {
            return Err(usage("gas is estimated with a node and the signer's public key; give --gas".to_owned()));
        }
        let unsigned = self.unsigned(messages, terms, &account).await.map_err(explain)?;
        let text = format!("gas estimate: {}\nfee: {}", unsigned.gas_limit, unsigned.fee);
        self.output.result(text, &json!({ "gas_estimate": unsigned.gas_limit, "fee": unsigned.fee.to_string() }))
    }

    /// What is signed for is what the node runs, so a wrong network is found before.
    async fn chain_id(&self) -> Result<String> {
        let given = self.flags.chain_id.clone().or_else(|| Some(self.settings.chain_id.clone()));
        let given = given.filter(|id| !id.is_empty());
        let Some(client) = &self.client else {
            return given.ok_or_else(|| {
                Failure::new(Exit::Usage, "the network is not known with --offline").next("give --chain-id").into()
            });
        };
        let found = client.rpc().status().await.map_err(explain)?.chain_id;
        match given {
            Some(given) if given != found => {
                let text = format!("{} runs {found}, not {given}", client.rpc().url());
                Err(Failure::new(Exit::Config, text).next("give the --node of the right network").into())
            }
            _ => Ok(found),
        }
    }

    fn ask(&self, unsigned: &Unsigned, chain_id: &str) -> Result<()> {
        for message in &unsigned.messages {
            let shown = encode_message(&TxBody { messages: vec![message.clone()], ..TxBody::default() });
            self.output.note(shown["messages"][0].to_string());
        }
        let fee = if unsigned.fee.is_empty() { "no fee".to_owned() } else { format!("a fee of {}", unsigned.fee) };
        self.output.confirm(&format!("Sign and send to {chain_id} for {} with {fee}?", self.from))
    }

    fn sign(&self, unsigned: &Unsigned, account: &Account, chain_id: &str) -> Result<Vec<u8>> {
        let key = self.signer.key()?;
        let data = SignerData { chain_id, account_number: account.number, sequence: account.sequence };
        match self.flags.sign_mode {
            SignMode::Direct => Ok(tx::sign_direct(unsigned, &key.secret, chain_id, account.number, account.sequence)),
            SignMode::AminoJson => {
                tx::sign_amino(unsigned, &key.secret, &data).map_err(|error| usage(error.to_string()))
            }
        }
    }
}

/// Hands signed bytes to a node, waits as long as was asked for, and prints what became of them.
pub async fn broadcast(client: &Client, signed: &[u8], mode: BroadcastMode, wait: u64, output: &Output) -> Result<()> {
    let sent = hand_in(client, signed, output).await?;
    follow(client, sent, signed, mode, wait, output).await
}

/// If no answer comes, it is unknown whether the node has it: so its hash is told before.
async fn hand_in(client: &Client, signed: &[u8], output: &Output) -> Result<Broadcast> {
    output.note(format!("transaction {}", hex::encode_upper(tx::hash(signed))));
    client.rpc().broadcast_sync(signed).await.map_err(explain)
}

async fn follow(
    client: &Client,
    sent: Broadcast,
    signed: &[u8],
    mode: BroadcastMode,
    wait: u64,
    output: &Output,
) -> Result<()> {
    let Broadcast { hash, refusal } = sent;
    if let Some(refusal) = refusal.filter(|refusal| !refusal.is_known()) {
        let Refusal { codespace, code, log: raw_log } = refusal.clone();
        print(&TxResponse { txhash: hash, codespace, code, raw_log, ..TxResponse::default() }, output)?;
        return Err(explain(refusal.into()));
    }
    if mode != BroadcastMode::Block {
        return print(&TxResponse { txhash: hash, ..TxResponse::default() }, output);
    }
    output.waiting(format!("waiting for a block with {hash}"));
    let result = client.confirm(&tx::hash(signed), Duration::from_secs(wait)).await.map_err(explain)?;
    let gas = format!("{} of {} gas", result.gas_used, result.gas_wanted);
    output.step(format!("{hash} in block {}, {gas}", result.height));
    let request = GetTxRequest { hash };
    let answer = client.ask::<_, GetTxResponse>("/cosmos.tx.v1beta1.Service/GetTx", request).await.map_err(explain)?;
    print(&answer.tx_response.unwrap_or_default(), output)?;
    result.refusal.map_or(Ok(()), |refusal| Err(explain(refusal.into())))
}

/// JSON is what the Go client prints here when nothing is said, and scripts count on it.
fn print(response: &TxResponse, output: &Output) -> Result<()> {
    output.document(&encode_message_text(response))
}

fn usage(text: String) -> anyhow::Error {
    Failure::new(Exit::Usage, text).into()
}

fn gas(text: &str, adjustment: &str) -> Result<Gas> {
    if text == "auto" || text.is_empty() {
        let factor: Option<Dec> = adjustment.parse().ok().filter(|factor: &Dec| factor.is_positive());
        let wrong = || usage(format!("--gas-adjustment {adjustment:?} is no factor such as 1.5"));
        return Ok(Gas::Auto { adjustment: factor.ok_or_else(wrong)? });
    }
    let gas = text.parse().map_err(|_| usage(format!("--gas {text:?} is neither auto nor a number")))?;
    Ok(Gas::Fixed(gas))
}

fn deadline(text: &str) -> Result<Timestamp> {
    let mut duration = Duration::ZERO;
    duration.set(text).map_err(|reason| usage(format!("--timeout-duration: {reason}")))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock of this machine is before 1970")?;
    let end = now.checked_add(duration).context("--timeout-duration is too long")?;
    let nanos = i32::try_from(end.subsec_nanos()).context("a second has a thousand million parts")?;
    Ok(Timestamp { seconds: end.as_secs().try_into()?, nanos })
}

/// The parts of a transaction that nobody signed.
fn opened(unsigned: &Unsigned) -> Tx {
    let text = |address: &Option<Address>| address.as_ref().map(ToString::to_string).unwrap_or_default();
    let body = TxBody {
        messages: unsigned.messages.clone(),
        memo: unsigned.memo.clone(),
        timeout_height: unsigned.timeout_height,
        unordered: unsigned.unordered,
        timeout_timestamp: unsigned.timeout_timestamp,
        ..TxBody::default()
    };
    let fee = WireFee {
        amount: (&unsigned.fee).into(),
        gas_limit: unsigned.gas_limit,
        payer: text(&unsigned.payer),
        granter: text(&unsigned.granter),
    };
    Tx { body: Some(body), auth_info: Some(AuthInfo { fee: Some(fee), ..AuthInfo::default() }), signatures: Vec::new() }
}

fn reopened(raw: &TxRaw) -> Result<Tx> {
    let body = TxBody::decode(&*raw.body_bytes).context("the body cannot be read")?;
    let auth_info = AuthInfo::decode(&*raw.auth_info_bytes).context("the fee cannot be read")?;
    Ok(Tx { body: Some(body), auth_info: Some(auth_info), signatures: raw.signatures.clone() })
}
