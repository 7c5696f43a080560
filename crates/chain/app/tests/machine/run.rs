//! Plays a history on a chain and looks at it after each block.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_app::{App, AppConfig, AppView, BlockInput, BlockOutcome, GenesisValidator, TxOutcome};
use akash_kernel::Time;
use akash_proto::akash::market::v1beta5::{QueryOrderRequest, QueryOrderResponse};
use akash_proto::cosmos::auth::v1beta1::{QueryAccountInfoRequest, QueryAccountInfoResponse};
use akash_proto::cosmos::bank::v1beta1::{QueryTotalSupplyRequest, QueryTotalSupplyResponse};
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_store::{ByteStore, MemoryStore};
use akash_types::address::Address;
use akash_types::coin::Coins;
use akash_types::id::OrderId;
use akash_types::key::{ConsensusKey, SecretKey};
use akash_types::num::Dec;
use akash_types::tx::{self, Unsigned};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::grants::{Books, Compared, Pair};
use super::known::{Known, ask};
use super::messages::message;
use super::step::{ACCOUNTS, AUTHORITY, Denom, Step, TENANTS};

const CHAIN_ID: &str = "machine-1";
const START: i64 = 1_700_000_000;
const GAS: u64 = 2_000_000;
const FEE: &str = "5000uakt";
/// Of the stable coin, [`super::step::STABLE`], as much as of `uact`.
const FUNDS: &str = "30000000ibc/170C677610AC31DF0904FFE09CD3B5C657492170E7E52372E48756B71E56F2F1,\
    30000000uact,5000000000uakt";
/// Blocks between two restarts.
const RESTART_EVERY: i64 = 7;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Restarts {
    Never,
    Often,
}

/// What became of the messages of a type.
#[derive(Debug, Default)]
pub struct Count {
    pub passed: u64,
    pub refused: u64,
    pub codes: BTreeMap<String, u64>,
}

/// What histories did, to tell what they test.
#[derive(Default)]
pub struct Counts {
    pub messages: BTreeMap<String, Count>,
    /// By type; ends of leases by reason as well.
    pub events: BTreeMap<String, u64>,
    pub grants: Compared,
}

/// Where it went wrong and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The chain, its accounts, and what their next transactions count.
pub struct World {
    app: App,
    store: Arc<dyn ByteStore>,
    keys: Vec<SecretKey>,
    sequences: Vec<u64>,
    time: i64,
    supply: Vec<Coin>,
    books: Books,
}

/// Plays the steps and gives a digest of all app hashes.
pub fn run(steps: &[Step], restarts: Restarts, counts: &mut Counts) -> Result<[u8; 32], Failure> {
    catch_unwind(AssertUnwindSafe(|| play(steps, restarts, counts))).unwrap_or_else(|cause| {
        let text = cause.downcast_ref::<String>().cloned();
        Err(Failure(format!("panic: {}", text.unwrap_or_else(|| "without a text".to_owned()))))
    })
}

/// A transaction that waits for its block.
struct Pending<'a> {
    step: &'a Step,
    message: String,
    tx: Vec<u8>,
}

fn play(steps: &[Step], restarts: Restarts, counts: &mut Counts) -> Result<[u8; 32], Failure> {
    let mut world = World::new();
    let mut digest = Sha256::new();
    let mut known = Known::default();
    let mut pending: Vec<Pending> = Vec::new();
    for step in steps {
        if let Step::EndBlock { seconds } = step {
            let outcome = world.block(*seconds, pending.iter().map(|waiting| waiting.tx.clone().into()).collect())?;
            let mut changed = Vec::new();
            for (waiting, result) in pending.drain(..).zip(&outcome.tx_results) {
                count(counts, &waiting, result)?;
                changed.extend(grant_changed(&world, waiting.step));
            }
            count_events(counts, &outcome);
            digest.update(world.app.app_hash());
            if restarts == Restarts::Often && world.app.height() % RESTART_EVERY == 0 {
                world.restart()?;
            }
            world.look(outcome.tx_results.iter().all(TxOutcome::is_ok), &changed, &mut counts.grants)?;
            known = Known::new(world.app.view());
        } else if let Some((signer, message)) = message(&world, &known, step) {
            let name = message.type_url.trim_start_matches('/').to_owned();
            let tx = match step {
                Step::Forged { signer: forger, .. } if *forger == signer => continue,
                Step::Forged { signer: forger, .. } => world.sign_as(*forger, signer, message),
                _ => world.sign(signer, message),
            };
            pending.push(Pending { step, message: name, tx });
        }
    }
    Ok(digest.finalize().into())
}

fn count(counts: &mut Counts, waiting: &Pending, outcome: &TxOutcome) -> Result<(), Failure> {
    let count = counts.messages.entry(waiting.message.clone()).or_default();
    let step = waiting.step;
    if outcome.is_ok() {
        count.passed += 1;
        let is_forged = matches!(step, Step::Forged { .. });
        return if is_forged { Err(Failure(format!("{step:?}: a forged signature passes"))) } else { Ok(()) };
    }
    count.refused += 1;
    *count.codes.entry(format!("{}/{}", outcome.codespace, outcome.code)).or_default() += 1;
    let is_ours = outcome.codespace == "undefined" || (outcome.codespace == "sdk" && outcome.code == 1);
    if is_ours { Err(Failure(format!("{step:?}: {}", outcome.log))) } else { Ok(()) }
}

fn count_events(counts: &mut Counts, outcome: &BlockOutcome) {
    let of_txs = outcome.tx_results.iter().flat_map(|result| &result.events);
    for event in of_txs.chain(&outcome.events).filter(|event| event.kind.starts_with("akash.")) {
        let reason = event.attributes.iter().find(|(key, _)| key == "reason");
        let name = reason.map_or_else(|| event.kind.clone(), |(_, reason)| format!("{} {reason}", event.kind));
        *counts.events.entry(name).or_default() += 1;
    }
}

/// The pair whose grant a step gives, takes back or spends by `MsgExec`.
fn grant_changed(world: &World, step: &Step) -> Option<Pair> {
    let (granter, grantee) = match step {
        Step::Grant { granter, grantee, .. }
        | Step::Revoke { granter, grantee }
        | Step::DepositFor { granter, grantee, .. } => (*granter, *grantee),
        _ => return None,
    };
    Some((world.address(granter).to_string(), world.address(grantee).to_string()))
}

impl World {
    pub fn new() -> Self {
        let keys: Vec<SecretKey> = (1..=ACCOUNTS).map(|n| SecretKey::from_bytes(&[n; 32]).unwrap()).collect();
        let coins = Coins::parse(FUNDS).unwrap();
        let genesis = play_genesis(PlayGenesis {
            chain_id: CHAIN_ID.into(),
            time: Time { seconds: START, nanos: 0 },
            accounts: keys.iter().map(|key| (key.address(), coins.clone())).collect(),
            validators: vec![GenesisValidator {
                public_key: *ConsensusKey::from_seed([9; 32]).public().as_bytes(),
                power: 10,
                name: "machine".into(),
            }],
            authority: Some(keys[usize::from(AUTHORITY)].address()),
        });
        let store: Arc<dyn ByteStore> = Arc::new(MemoryStore::new());
        let mut app = App::open(store.clone(), AppConfig::default()).unwrap();
        app.init_chain(&genesis.unwrap()).unwrap();
        let sequences = vec![0; keys.len()];
        let mut world = Self { app, store, keys, sequences, time: START, supply: Vec::new(), books: Books::default() };
        world.block(1, Vec::new()).unwrap();
        world.supply = world.read_supply();
        world
    }

    pub fn address(&self, number: u8) -> Address {
        self.keys[usize::from(number)].address()
    }

    pub fn number_of(&self, address: &Address) -> u8 {
        (0..ACCOUNTS).find(|number| self.address(*number) == *address).unwrap()
    }

    /// The next block's.
    pub fn height(&self) -> i64 {
        self.app.height() + 1
    }

    /// What an order pays per block at most.
    pub fn highest_price(&self, order: &OrderId) -> Option<(Denom, Dec)> {
        let request = QueryOrderRequest { id: Some(order.into()) };
        let answer: QueryOrderResponse = ask(&self.app.view(), "/akash.market.v1beta5.Query/Order", &request);
        let spec = answer.order?.spec?;
        let unit = spec.resources.first()?;
        let price = unit.price.as_ref()?;
        let most = Dec::from_wire(&price.amount).ok()?.checked_mul_int(unit.count.into())?;
        Some((Denom::named(&price.denom)?, most))
    }

    /// As of the last block.
    pub fn view(&self) -> AppView {
        self.app.view()
    }

    fn sign(&mut self, signer: u8, message: prost_types::Any) -> Vec<u8> {
        let tx = self.sign_as(signer, signer, message);
        self.sequences[usize::from(signer)] += 1;
        tx
    }

    /// With one account's key for another one.
    fn sign_as(&self, key: u8, signer: u8, message: prost_types::Any) -> Vec<u8> {
        let unsigned = Unsigned {
            messages: vec![message],
            fee: Coins::parse(FEE).unwrap(),
            gas_limit: GAS,
            ..Unsigned::default()
        };
        let sequence = self.sequences[usize::from(signer)];
        tx::sign_direct(&unsigned, &self.keys[usize::from(key)], CHAIN_ID, signer.into(), sequence)
    }

    fn block(&mut self, seconds: u32, txs: Vec<Bytes>) -> Result<BlockOutcome, Failure> {
        self.time += i64::from(seconds);
        let time = Time { seconds: self.time, nanos: 0 };
        let input = BlockInput { height: self.height(), time, txs, ..BlockInput::default() };
        let at = |error: akash_app::Fault| Failure(format!("height {}: {error}", input.height));
        let outcome = self.app.execute(&input).map_err(at)?;
        self.app.commit().map_err(at)?;
        Ok(outcome)
    }

    /// Nothing is lost when the process ends after a commit.
    fn restart(&mut self) -> Result<(), Failure> {
        let before = self.app.app_hash();
        self.app = App::open(self.store.clone(), AppConfig::default()).map_err(|error| Failure(error.to_string()))?;
        if self.app.app_hash() == before { Ok(()) } else { Err(Failure("a restart changes the app hash".into())) }
    }

    fn look(&mut self, all_passed: bool, changed: &[Pair], seen: &mut Compared) -> Result<(), Failure> {
        let height = self.app.height();
        let violations = self.app.check_invariants().map_err(|error| Failure(error.to_string()))?;
        if let Some(violation) = violations.first() {
            return Err(Failure(format!("height {height}: {}: {}", violation.invariant, violation.found)));
        }
        let supply = self.read_supply();
        if supply != self.supply {
            return Err(Failure(format!("height {height}: the supply was {:?} and is {supply:?}", self.supply)));
        }
        let view = self.app.view();
        let granters: Vec<String> = (0..TENANTS).map(|tenant| self.address(tenant).to_string()).collect();
        let books = Books::read(&view, &granters);
        let checked = self.books.check(&view, &books, changed, seen);
        checked.map_err(|found| Failure(format!("height {height}: grants: {found}")))?;
        self.books = books;
        if !all_passed {
            // A transaction that is refused at the door does not count.
            self.sequences = (0..ACCOUNTS).map(|number| self.read_sequence(number)).collect();
        }
        Ok(())
    }

    fn read_supply(&self) -> Vec<Coin> {
        let request = QueryTotalSupplyRequest { pagination: None };
        let answer: QueryTotalSupplyResponse =
            ask(&self.app.view(), "/cosmos.bank.v1beta1.Query/TotalSupply", &request);
        answer.supply
    }

    fn read_sequence(&self, number: u8) -> u64 {
        let request = QueryAccountInfoRequest { address: self.address(number).to_string() };
        let answer: QueryAccountInfoResponse =
            ask(&self.app.view(), "/cosmos.auth.v1beta1.Query/AccountInfo", &request);
        answer.info.map_or(0, |info| info.sequence)
    }
}
