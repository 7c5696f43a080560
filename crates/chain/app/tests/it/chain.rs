//! One helper that touches the API, so that tests speak of accounts and transactions.

use std::sync::Arc;

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_app::{
    App, AppConfig, BlockInput, BlockOutcome, CheckKind, CheckState, Genesis, GenesisValidator, TxOutcome,
};
use akash_kernel::Time;
use akash_proto::akash::base::deposit::v1::{Deposit, Source};
use akash_proto::akash::base::resources::v1beta4::{Cpu, Gpu, Memory, ResourceValue, Resources, Storage};
use akash_proto::akash::deployment::v1beta4::{GroupSpec, ResourceUnit};
use akash_proto::cosmos::bank::v1beta1::{MsgSend, QueryBalanceRequest, QueryBalanceResponse};
use akash_proto::cosmos::base::v1beta1::{Coin, DecCoin};
use akash_store::{ByteStore, MemoryStore};
use akash_types::address::Address;
use akash_types::coin::Coins;
use akash_types::key::{ConsensusKey, SecretKey};
use akash_types::tx::{self, Unsigned};
use bytes::Bytes;
use prost::Message;

pub const CHAIN_ID: &str = "akash-play-1";
pub const GAS: u64 = 200_000;
/// What [`GAS`] costs at the play network's price.
pub const FEE: u64 = 5_000;
pub const FUNDS: u64 = 1_000_000_000;

/// A chain with three funded accounts: 0, 1, 2.
pub struct Chain {
    pub app: App,
    pub check: CheckState,
    pub store: Arc<dyn ByteStore>,
    pub keys: Vec<SecretKey>,
    time: i64,
}

impl Chain {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// A chain whose genesis is changed before it starts.
    pub fn with(change: impl FnOnce(&mut Genesis)) -> Self {
        Self::try_with(change).expect("genesis is good")
    }

    /// As [`Self::with`], or why it does not start.
    pub fn try_with(change: impl FnOnce(&mut Genesis)) -> Result<Self, String> {
        let keys: Vec<SecretKey> = (1..=4).map(key).collect();
        let mut genesis = genesis(&keys[..3]);
        change(&mut genesis);
        let store: Arc<dyn ByteStore> = Arc::new(MemoryStore::new());
        let mut app = App::open(store.clone(), config()).expect("memory does not fail");
        app.init_chain(&genesis).map_err(|fault| fault.0)?;
        let check = app.check_state();
        Ok(Self { app, check, store, keys, time: genesis.genesis_time.seconds })
    }

    pub fn address(&self, index: usize) -> Address {
        self.keys[index].address()
    }

    /// A send of `amount` uakt with the play network's fee.
    pub fn send(&self, from: usize, to: &Address, amount: u64, sequence: u64) -> Vec<u8> {
        self.sign(from, sequence, &send_tx(&self.address(from), to, amount))
    }

    /// Account numbers are those of genesis: the index.
    pub fn sign(&self, from: usize, sequence: u64, tx: &Unsigned) -> Vec<u8> {
        tx::sign_direct(tx, &self.keys[from], CHAIN_ID, from as u64, sequence)
    }

    pub fn check_new(&mut self, tx: &[u8]) -> TxOutcome {
        self.check.check_tx(tx, CheckKind::New)
    }

    /// Executes and commits a block five seconds after the last.
    pub fn block(&mut self, txs: &[Vec<u8>]) -> BlockOutcome {
        self.time += 5;
        let input = BlockInput {
            height: self.app.view().block().height + 1,
            time: Time { seconds: self.time, nanos: 0 },
            txs: txs.iter().cloned().map(Bytes::from).collect(),
            ..BlockInput::default()
        };
        let outcome = self.app.execute(&input).expect("the state is sound");
        self.app.commit().expect("memory does not fail");
        self.check.reset(&self.app.view());
        assert_eq!(self.app.check_invariants(), Ok(Vec::new()));
        outcome
    }

    /// A block with one transaction, and what became of it.
    pub fn deliver(&mut self, tx: &[u8]) -> TxOutcome {
        self.block(&[tx.to_vec()]).tx_results.remove(0)
    }

    /// A text in which addresses are replaced by names and signatures by dots, with long lines broken.
    pub fn named(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for index in 0..self.keys.len() {
            text = text.replace(&self.address(index).to_string(), &format!("<{index}>"));
        }
        let text = text.replace(&Address::module("fee_collector").to_string(), "<fees>");
        let shorten = |line: &str| match line.split_once("signature=") {
            Some((kept, _)) => format!("{kept}signature=…"),
            None => wrap(line),
        };
        text.lines().map(shorten).collect::<Vec<_>>().join("\n")
    }

    pub fn balance(&self, address: &Address) -> String {
        let request = QueryBalanceRequest { address: address.to_string(), denom: "uakt".to_owned() };
        let answer = self.app.view().query("/cosmos.bank.v1beta1.Query/Balance", &request.encode_to_vec(), 0, false);
        assert_eq!(answer.code, 0, "{}", answer.log);
        let balance = QueryBalanceResponse::decode(answer.value.as_slice()).expect("an answer").balance;
        balance.expect("always set").amount
    }
}

pub fn config() -> AppConfig {
    AppConfig { min_gas_prices: "0.025uakt".parse().expect("a price"), ..AppConfig::default() }
}

pub fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; 32]).expect("a key")
}

pub fn genesis(keys: &[SecretKey]) -> Genesis {
    let coins = Coins::parse(&format!("{FUNDS}uakt,{FUNDS}uact")).expect("coins");
    play_genesis(PlayGenesis {
        chain_id: CHAIN_ID.to_owned(),
        time: Time { seconds: 1_700_000_000, nanos: 0 },
        accounts: keys.iter().map(|key| (key.address(), coins.clone())).collect(),
        validators: vec![GenesisValidator {
            public_key: *ConsensusKey::from_seed([9; 32]).public().as_bytes(),
            power: 10,
            name: "play".to_owned(),
        }],
        authority: Some(keys[0].address()),
    })
    .expect("a sound genesis")
}

pub fn send_tx(from: &Address, to: &Address, amount: u64) -> Unsigned {
    let message = MsgSend {
        from_address: from.to_string(),
        to_address: to.to_string(),
        amount: vec![Coin { denom: "uakt".to_owned(), amount: amount.to_string() }],
    };
    Unsigned {
        messages: vec![tx::encode_any(&message)],
        fee: Coins::parse(&format!("{FEE}uakt")).expect("coins"),
        gas_limit: GAS,
        ..Unsigned::default()
    }
}

/// `codespace/code: log`, or `ok`.
pub fn verdict(outcome: &TxOutcome) -> String {
    match outcome.code {
        0 => "ok".to_owned(),
        code => format!("{}/{code}: {}", outcome.codespace, outcome.log),
    }
}

/// One line for each event.
pub fn events(outcome: &TxOutcome) -> String {
    let attributes = |event: &akash_kernel::Event| {
        event.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
    };
    outcome.events.iter().map(|event| format!("{}: {}\n", event.kind, attributes(event))).collect()
}

fn wrap(line: &str) -> String {
    const COLUMNS: usize = 80;
    let (mut text, mut column) = (String::new(), 0);
    for word in line.split_inclusive(' ') {
        if column + word.len() > COLUMNS {
            text = format!("{}\n    ", text.trim_end());
            column = 4;
        }
        text.push_str(word);
        column += word.len();
    }
    text
}

/// One small unit at 100uact a block.
pub fn group(name: &str) -> GroupSpec {
    let value = |number: u64| Some(ResourceValue { val: number.to_string().into_bytes() });
    let resource = Resources {
        id: 1,
        cpu: Some(Cpu { units: value(100), ..Cpu::default() }),
        memory: Some(Memory { quantity: value(1 << 26), ..Memory::default() }),
        gpu: Some(Gpu { units: value(0), ..Gpu::default() }),
        storage: vec![Storage { name: "default".into(), quantity: value(1 << 26), ..Storage::default() }],
        endpoints: Vec::new(),
    };
    let unit = ResourceUnit { resource: Some(resource), count: 1, price: Some(price("100")) };
    GroupSpec { name: name.into(), requirements: None, resources: vec![unit] }
}

pub fn price(amount: &str) -> DecCoin {
    let amount: akash_types::num::Dec = amount.parse().expect("a decimal");
    DecCoin { denom: "uact".into(), amount: amount.to_wire() }
}

/// Paid from the balance, in uact.
pub fn deposit(amount: u64) -> Deposit {
    let amount = Coin { denom: "uact".into(), amount: amount.to_string() };
    Deposit { amount: Some(amount), sources: vec![Source::Balance.into()] }
}
