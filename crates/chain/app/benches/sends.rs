//! Bank sends through decoding, signature check, execution and commit: blocks of 1,000 over 100,000 accounts.
//!
//! `cargo bench -p akash-app --bench sends`. Signing is not measured. The state is in memory; what a disk adds is
//! measured with the node. Every sender signs for the first time, so that its key is checked and stored too.

use std::cell::RefCell;
use std::sync::Arc;

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_app::{App, AppConfig, BlockInput, CheckKind};
use akash_kernel::Time;
use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_store::MemoryStore;
use akash_types::coin::Coins;
use akash_types::key::SecretKey;
use akash_types::tx::{self, Unsigned};
use bytes::Bytes;
use divan::Bencher;
use divan::counter::ItemsCount;

const CHAIN_ID: &str = "bench-1";
const ACCOUNTS: usize = 100_000;
const BLOCK_TXS: usize = 1_000;
const GAS: u64 = 200_000;
/// Coprime to the number of accounts, so that senders and receivers are spread over all of them.
const STRIDE: usize = 7_919;

fn main() {
    divan::main();
}

#[divan::bench(args = [1, 2], sample_count = 40, sample_size = 1)]
fn decode_verify_execute_commit(bencher: Bencher, threads: usize) {
    let chain = RefCell::new(Chain::new(threads));
    bencher
        .counter(ItemsCount::new(BLOCK_TXS))
        .with_inputs(|| chain.borrow_mut().next_block())
        .bench_local_values(|block| chain.borrow_mut().run(&block));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn admission_one_core(bencher: Bencher) {
    let chain = RefCell::new(Chain::new(1));
    bencher.counter(ItemsCount::new(BLOCK_TXS)).with_inputs(|| chain.borrow_mut().next_block()).bench_local_values(
        |block| {
            let mut check = chain.borrow().app.check_state();
            assert!(block.txs.iter().all(|tx| check.check_tx(tx, CheckKind::New).is_ok()));
            drop(check);
            chain.borrow_mut().rewind();
        },
    );
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn execute_admitted(bencher: Bencher) {
    let chain = RefCell::new(Chain::new(1));
    let admitted = || {
        let block = chain.borrow_mut().next_block();
        chain.borrow().preverify(&block);
        block
    };
    bencher
        .counter(ItemsCount::new(BLOCK_TXS))
        .with_inputs(admitted)
        .bench_local_values(|block| chain.borrow_mut().execute(&block));
}

struct Chain {
    app: App,
    keys: Vec<SecretKey>,
    sequences: Vec<u64>,
    next_sender: usize,
    height: i64,
}

impl Chain {
    /// A chain whose program works with this many threads.
    fn new(threads: usize) -> Self {
        let keys: Vec<SecretKey> = (1..=ACCOUNTS).map(key).collect();
        let coins = Coins::parse("1000000000uakt").expect("coins");
        let genesis = play_genesis(PlayGenesis {
            chain_id: CHAIN_ID.to_owned(),
            time: Time { seconds: 1_700_000_000, nanos: 0 },
            accounts: keys.iter().map(|key| (key.address(), coins.clone())).collect(),
            validators: Vec::new(),
            authority: None,
        })
        .expect("a sound genesis");
        let store = akash_store::Options { threads, ..akash_store::Options::default() };
        let config = AppConfig { store, ..AppConfig::default() };
        let mut app = App::open(Arc::new(MemoryStore::new()), config).expect("memory does not fail");
        app.init_chain(&genesis).expect("a sound genesis");
        let mut chain = Self { app, keys, sequences: vec![0; ACCOUNTS], next_sender: 0, height: 0 };
        let first = chain.next_block();
        chain.run(&first);
        chain
    }

    fn next_block(&mut self) -> BlockInput {
        let txs = (0..BLOCK_TXS).map(|_| Bytes::from(self.next_send())).collect();
        let height = self.app.height() + 1;
        let time = Time { seconds: 1_700_000_000 + height, nanos: 0 };
        self.height = height;
        BlockInput { height, time, txs, ..BlockInput::default() }
    }

    fn next_send(&mut self) -> Vec<u8> {
        let from = self.next_sender;
        self.next_sender = (from + STRIDE) % ACCOUNTS;
        let message = MsgSend {
            from_address: self.keys[from].address().to_string(),
            to_address: self.keys[(from + ACCOUNTS / 2) % ACCOUNTS].address().to_string(),
            amount: vec![Coin { denom: "uakt".to_owned(), amount: "1".to_owned() }],
        };
        let unsigned = Unsigned {
            messages: vec![tx::encode_any(&message)],
            fee: Coins::parse("5000uakt").expect("coins"),
            gas_limit: GAS,
            ..Unsigned::default()
        };
        let signed = tx::sign_direct(&unsigned, &self.keys[from], CHAIN_ID, from as u64, self.sequences[from]);
        self.sequences[from] += 1;
        signed
    }

    /// Forgets the block that was made last.
    fn rewind(&mut self) {
        for _ in 0..BLOCK_TXS {
            self.next_sender = (self.next_sender + ACCOUNTS - STRIDE) % ACCOUNTS;
            self.sequences[self.next_sender] -= 1;
        }
    }

    fn preverify(&self, block: &BlockInput) {
        let view = self.app.view();
        block.txs.iter().for_each(|tx| view.preverify(tx));
    }

    fn execute(&mut self, block: &BlockInput) {
        let outcome = self.app.execute(block).expect("the state is sound");
        assert!(outcome.tx_results.iter().all(akash_app::TxOutcome::is_ok));
    }

    fn run(&mut self, block: &BlockInput) {
        self.execute(block);
        self.app.commit().expect("memory does not fail");
    }
}

fn key(number: usize) -> SecretKey {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&(number as u64).to_be_bytes());
    SecretKey::from_bytes(&bytes).expect("a key")
}
