//! The modules on pending state, with what tests of several areas need.

use akash_kernel::testing::Bench;
use akash_kernel::{Modules, QueryError, TxError};
use akash_types::address::Address;
use akash_types::coin::Coins;
use prost::Message;
use serde_json::{Map, Value};

pub fn modules() -> Modules {
    Modules::new(akash_cosmos::modules())
}

/// An empty chain.
pub fn empty() -> Bench {
    Bench::new(&modules().stores())
}

/// A chain with this `app_state`.
pub fn with_genesis(state: Value) -> Result<Bench, TxError> {
    let mut bench = empty();
    let state: Map<String, Value> = state.as_object().expect("an object").clone();
    modules().init_genesis(&mut bench.ctx(), &state)?;
    Ok(bench)
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
