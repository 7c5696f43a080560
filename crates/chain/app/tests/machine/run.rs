//! Plays a history on a chain and looks at it after each block.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_app::{App, AppConfig, BlockInput, GenesisValidator, TxOutcome};
use akash_kernel::Time;
use akash_proto::akash::ext::{deployment::v1 as deployment_ext, escrow::v1 as escrow_ext, market::v1 as market_ext};
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

use super::known::{Known, ask};
use super::messages::message;
use super::step::{ACCOUNTS, AUTHORITY, Denom, Step};

const CHAIN_ID: &str = "machine-1";
const START: i64 = 1_700_000_000;
const GAS: u64 = 2_000_000;
const FEE: &str = "5000uakt";
const FUNDS: &str = "30000000uact,5000000000uakt";
/// Blocks between two restarts.
const RESTART_EVERY: i64 = 7;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Restarts {
    Never,
    Often,
}

/// What became of the steps of a kind.
#[derive(Debug, Default)]
pub struct Count {
    pub passed: u64,
    pub refused: u64,
    pub codes: BTreeMap<String, u64>,
}

pub type Counts = BTreeMap<String, Count>;

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
}

/// Plays the steps and gives a digest of all app hashes.
pub fn run(steps: &[Step], restarts: Restarts, counts: &mut Counts) -> Result<[u8; 32], Failure> {
    catch_unwind(AssertUnwindSafe(|| play(steps, restarts, counts))).unwrap_or_else(|cause| {
        let text = cause.downcast_ref::<String>().cloned();
        Err(Failure(format!("panic: {}", text.unwrap_or_else(|| "without a text".to_owned()))))
    })
}

fn play(steps: &[Step], restarts: Restarts, counts: &mut Counts) -> Result<[u8; 32], Failure> {
    let mut world = World::new();
    let mut digest = Sha256::new();
    let mut known = Known::default();
    let mut pending: Vec<(&Step, Vec<u8>)> = Vec::new();
    for step in steps {
        if let Step::EndBlock { seconds } = step {
            let outcomes = world.block(*seconds, pending.iter().map(|(_, tx)| tx.clone().into()).collect())?;
            for ((step, _), outcome) in pending.drain(..).zip(&outcomes) {
                count(counts, step, outcome)?;
            }
            digest.update(world.app.app_hash());
            if restarts == Restarts::Often && world.app.height() % RESTART_EVERY == 0 {
                world.restart()?;
            }
            world.look(outcomes.iter().all(TxOutcome::is_ok))?;
            known = Known::new(world.app.view());
        } else if let Some((signer, message)) = message(&world, &known, step) {
            pending.push((step, world.sign(signer, message)));
        }
    }
    Ok(digest.finalize().into())
}

fn count(counts: &mut Counts, step: &Step, outcome: &TxOutcome) -> Result<(), Failure> {
    let count = counts.entry(step.name()).or_default();
    if outcome.is_ok() {
        count.passed += 1;
        return Ok(());
    }
    count.refused += 1;
    *count.codes.entry(format!("{}/{}", outcome.codespace, outcome.code)).or_default() += 1;
    let is_ours = outcome.codespace == "undefined" || (outcome.codespace == "sdk" && outcome.code == 1);
    if is_ours { Err(Failure(format!("{step:?}: {}", outcome.log))) } else { Ok(()) }
}

impl World {
    fn new() -> Self {
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
        let mut world = Self { app, store, keys, sequences, time: START, supply: Vec::new() };
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
        Some((if price.denom == "uakt" { Denom::Uakt } else { Denom::Uact }, most))
    }

    pub fn escrow_params(&self) -> escrow_ext::Params {
        let answer: escrow_ext::QueryParamsResponse =
            ask(&self.app.view(), "/akash.ext.escrow.v1.Query/Params", &escrow_ext::QueryParamsRequest {});
        answer.params.unwrap()
    }

    pub fn market_params(&self) -> market_ext::Params {
        let answer: market_ext::QueryParamsResponse =
            ask(&self.app.view(), "/akash.ext.market.v1.Query/Params", &market_ext::QueryParamsRequest {});
        answer.params.unwrap()
    }

    pub fn deployment_params(&self) -> deployment_ext::Params {
        let answer: deployment_ext::QueryParamsResponse =
            ask(&self.app.view(), "/akash.ext.deployment.v1.Query/Params", &deployment_ext::QueryParamsRequest {});
        answer.params.unwrap()
    }

    fn sign(&mut self, signer: u8, message: prost_types::Any) -> Vec<u8> {
        let number = usize::from(signer);
        let unsigned = Unsigned {
            messages: vec![message],
            fee: Coins::parse(FEE).unwrap(),
            gas_limit: GAS,
            ..Unsigned::default()
        };
        let sequence = self.sequences[number];
        self.sequences[number] += 1;
        tx::sign_direct(&unsigned, &self.keys[number], CHAIN_ID, number as u64, sequence)
    }

    fn block(&mut self, seconds: u8, txs: Vec<Bytes>) -> Result<Vec<TxOutcome>, Failure> {
        self.time += i64::from(seconds);
        let time = Time { seconds: self.time, nanos: 0 };
        let input = BlockInput { height: self.height(), time, txs, ..BlockInput::default() };
        let at = |error: akash_app::Fault| Failure(format!("height {}: {error}", input.height));
        let outcome = self.app.execute(&input).map_err(at)?;
        self.app.commit().map_err(at)?;
        Ok(outcome.tx_results)
    }

    /// Nothing is lost when the process ends after a commit.
    fn restart(&mut self) -> Result<(), Failure> {
        let before = self.app.app_hash();
        self.app = App::open(self.store.clone(), AppConfig::default()).map_err(|error| Failure(error.to_string()))?;
        if self.app.app_hash() == before { Ok(()) } else { Err(Failure("a restart changes the app hash".into())) }
    }

    fn look(&mut self, all_passed: bool) -> Result<(), Failure> {
        let height = self.app.height();
        let violations = self.app.check_invariants().map_err(|error| Failure(error.to_string()))?;
        if let Some(violation) = violations.first() {
            return Err(Failure(format!("height {height}: {}: {}", violation.invariant, violation.found)));
        }
        let supply = self.read_supply();
        if supply != self.supply {
            return Err(Failure(format!("height {height}: the supply was {:?} and is {supply:?}", self.supply)));
        }
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
