//! The modules on pending state, with what tests of several areas need.

use akash_kernel::testing::Bench;
use akash_kernel::{Modules, QueryError, TxError};
use akash_types::address::Address;
use akash_types::coin::Coins;
use prost::{Message, Name};
use prost_types::Any;
use serde_json::{Map, Value};

pub fn modules() -> Modules {
    Modules::new(akash_cosmos::modules())
}

/// An empty chain.
pub fn empty() -> Bench {
    Bench::new(&modules().stores()).with_registry(modules().registry())
}

/// A chain with this `app_state`.
pub fn with_genesis(state: Value) -> Result<Bench, TxError> {
    let mut bench = empty();
    let state: Map<String, Value> = state.as_object().expect("an object").clone();
    modules().init_genesis(&mut bench.ctx(), &state)?;
    Ok(bench)
}

/// Runs a message as a transaction does, without asking who signed it.
pub fn run<M: Message + Name>(bench: &mut Bench, message: &M) -> Result<Vec<u8>, TxError> {
    let any = Any { type_url: M::type_url(), value: message.encode_to_vec() };
    Ok(bench.ctx().dispatch(&any)?.value)
}

/// As [`run`], giving codespace, code and text of the refusal.
pub fn refused<M: Message + Name>(bench: &mut Bench, message: &M) -> String {
    let error = run(bench, message).expect_err("it was taken");
    let reject = error.reject().expect("a refusal, no fault").clone();
    format!("{}/{}: {}", reject.codespace, reject.code, reject.text)
}

/// Gives an account coins and, with them, its existence.
pub fn fund(bench: &mut Bench, to: &Address, amount: &str) {
    let ctx = &mut bench.ctx();
    akash_cosmos::bank::api::mint(ctx, "bme", &coins(amount)).expect("bme mints");
    akash_cosmos::bank::api::module_to_account(ctx, "bme", to, &coins(amount)).expect("it has them");
}

/// What an account has of one denomination.
pub fn balance(bench: &mut Bench, of: &Address, denom: &str) -> String {
    akash_cosmos::bank::api::balance(&mut bench.ctx(), of, denom).expect("readable").to_string()
}

/// Asks the committed state.
pub fn ask<Q: Message, R: Message + Default>(bench: &Bench, path: &str, request: &Q) -> Result<R, QueryError> {
    let registry = modules().registry();
    let route = registry.query_route(path).expect("the path is served");
    let answer = route.call(&mut bench.query_ctx(), &request.encode_to_vec())?;
    Ok(R::decode(answer.as_slice()).expect("an answer of that type"))
}

/// Panics with the first invariant that does not hold.
pub fn check_invariants(bench: &mut Bench) {
    let violations = modules().check_invariants(&mut bench.ctx()).expect("the state is readable");
    assert_eq!(violations, Vec::new());
}

pub fn address(number: u8) -> Address {
    Address::from_bytes(&[number; 20]).expect("20 bytes")
}

pub fn coins(text: &str) -> Coins {
    Coins::parse(text).expect("coins")
}
