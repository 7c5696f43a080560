//! A registry and a set of modules with one small module in it.

use akash_kernel::testing::Bench;
use akash_kernel::{
    Ctx, Event, Invariant, Module, Modules, QueryCtx, QueryError, Registry, StoreName, TxError, sdk_error,
};
use akash_proto::cosmos::bank::v1beta1::{MsgSend, MsgSendResponse, QuerySupplyOfRequest, QuerySupplyOfResponse};
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_store::Item;
use akash_types::address::Address;
use akash_types::tx::encode_any;
use prost::Message;
use serde_json::{Value, json};

const STORE: StoreName = "count";
const SENT: Item<Coin> = Item::new(STORE, 1);
const SUPPLY_OF: &str = "/cosmos.bank.v1beta1.Query/SupplyOf";

/// Counts sends, and announces its hooks.
struct Counter(&'static str);

impl Module for Counter {
    fn name(&self) -> &'static str {
        self.0
    }

    fn stores(&self) -> &'static [StoreName] {
        if self.0 == "count" { &[STORE] } else { &[] }
    }

    fn register(&self, registry: &mut Registry) {
        registry.message(signers, validate, send);
        registry.query(SUPPLY_OF, supply_of);
    }

    fn init_genesis(&self, ctx: &mut Ctx, state: &Value) -> Result<(), TxError> {
        let sent = state["sent"].as_str().ok_or_else(|| sdk_error::json_unmarshal("sent"))?;
        SENT.put(ctx, &Coin { denom: String::new(), amount: sent.to_owned() })
    }

    fn export_genesis(&self, ctx: &mut Ctx) -> Result<Value, TxError> {
        Ok(json!({ "sent": SENT.get(ctx)?.unwrap_or_default().amount }))
    }

    fn begin_block(&self, ctx: &mut Ctx) -> Result<(), TxError> {
        ctx.emit_event(Event::new("begun", &[("height", "1")]));
        Ok(())
    }

    fn end_block(&self, _: &mut Ctx) -> Result<(), TxError> {
        Err(sdk_error::logic("end"))
    }

    fn invariants(&self) -> Vec<Invariant> {
        let few: fn(&mut Ctx) -> Result<Result<(), String>, TxError> = |ctx| {
            let sent = SENT.get(ctx)?.unwrap_or_default().amount;
            Ok(if sent.len() < 3 { Ok(()) } else { Err(format!("{sent} sent")) })
        };
        vec![Invariant { name: "few are sent", check: few }]
    }
}

fn signers(msg: &MsgSend) -> Result<Vec<Address>, TxError> {
    Ok(vec![Address::parse(&msg.from_address).map_err(|error| sdk_error::invalid_address(error.to_string()))?])
}

fn validate(msg: &MsgSend) -> Result<(), TxError> {
    if msg.amount.is_empty() { Err(sdk_error::invalid_coins("")) } else { Ok(()) }
}

fn send(ctx: &mut Ctx, msg: MsgSend) -> Result<MsgSendResponse, TxError> {
    SENT.put(ctx, &msg.amount[0])?;
    Ok(MsgSendResponse {})
}

fn supply_of(ctx: &mut QueryCtx, request: QuerySupplyOfRequest) -> Result<QuerySupplyOfResponse, QueryError> {
    let found = ctx.scratch(|ctx| SENT.get(ctx))?;
    let amount = found.ok_or_else(|| QueryError::not_found(format!("no {}", request.denom)))?;
    Ok(QuerySupplyOfResponse { amount: Some(amount) })
}

fn message() -> MsgSend {
    let coin = Coin { denom: "uakt".to_owned(), amount: "5".to_owned() };
    MsgSend { from_address: Address::module("a").to_string(), to_address: String::new(), amount: vec![coin] }
}

fn modules() -> Modules {
    Modules::new(vec![Box::new(Counter("count"))])
}

#[test]
fn message_is_bound_checked_and_run_by_its_type() {
    let registry = modules().registry();
    let mut bench = Bench::new(&modules().stores());
    let bound = registry.bind(&encode_any(&message())).unwrap();
    assert_eq!(bound.type_url(), "/cosmos.bank.v1beta1.MsgSend");
    assert_eq!(bound.signers(), Ok(vec![Address::module("a")]));
    assert_eq!(bound.validate(), Ok(()));
    let answer = bound.execute(&mut bench.ctx()).unwrap();
    assert_eq!(answer.type_url, "/cosmos.bank.v1beta1.MsgSendResponse");

    assert!(registry.query_route("/cosmos.bank.v1beta1.Query/Balance").is_none());
    let route = registry.query_route(SUPPLY_OF).unwrap();
    let request = QuerySupplyOfRequest { denom: "uakt".to_owned() }.encode_to_vec();
    assert_eq!(route.call(&mut bench.query_ctx(), &request).unwrap_err().text, "no uakt");
    bench.commit();
    let answer = route.call(&mut bench.query_ctx(), &request).unwrap();
    let coin = QuerySupplyOfResponse::decode(answer.as_slice()).unwrap().amount.unwrap();
    assert_eq!(coin.amount, "5");
    assert!(route.call(&mut bench.query_ctx(), &[0xff]).is_err());
}

#[test]
fn message_without_a_handler_is_refused_with_the_type_that_clients_know() {
    let message = prost_types::Any { type_url: "/cosmos.gov.v1.MsgVote".to_owned(), value: Vec::new() };
    let error = modules().registry().bind(&message).err().unwrap();
    assert_eq!(error.to_string(), "no message handler found for *types.MsgVote: unknown request");
    assert_eq!(error.reject().map(|reject| reject.code), Some(6));
}

#[test]
#[should_panic(expected = "message cosmos.bank.v1beta1.MsgSend is registered twice")]
fn message_registered_twice_stops_the_start() {
    let twice = Modules::new(vec![Box::new(Counter("count")), Box::new(Counter("another"))]);
    let _ = twice.registry();
}

#[test]
#[should_panic(expected = "store count belongs to two modules")]
fn store_of_two_modules_stops_the_start() {
    struct Thief;
    impl Module for Thief {
        fn name(&self) -> &'static str {
            "thief"
        }
        fn stores(&self) -> &'static [StoreName] {
            &[STORE]
        }
        fn register(&self, _: &mut Registry) {}
        fn init_genesis(&self, _: &mut Ctx, _: &Value) -> Result<(), TxError> {
            Ok(())
        }
        fn export_genesis(&self, _: &mut Ctx) -> Result<Value, TxError> {
            Ok(Value::Null)
        }
    }
    let _ = Modules::new(vec![Box::new(Counter("count")), Box::new(Thief)]);
}

#[test]
fn genesis_goes_in_and_comes_out() {
    let mut bench = Bench::new(&modules().stores());
    let mut ctx = bench.ctx();
    let state = json!({ "count": { "sent": "12" } });
    modules().init_genesis(&mut ctx, state.as_object().unwrap()).unwrap();
    assert_eq!(Value::Object(modules().export_genesis(&mut ctx).unwrap()), state);

    let unknown = json!({ "gold": {} });
    let error = modules().init_genesis(&mut ctx, unknown.as_object().unwrap()).unwrap_err();
    assert_eq!(error, TxError::Fault("genesis has state of an unknown module: gold".to_owned()));
    let broken = json!({ "count": {} });
    let error = modules().init_genesis(&mut ctx, broken.as_object().unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "count: sent: failed to unmarshal JSON bytes");
}

#[test]
fn hooks_mark_their_events_and_a_rejection_in_one_is_a_fault() {
    let mut bench = Bench::new(&modules().stores());
    let mut ctx = bench.ctx();
    let events = modules().begin_block(&mut ctx).unwrap();
    assert_eq!(events, [Event::new("begun", &[("height", "1"), ("mode", "BeginBlock")])]);
    assert!(modules().pre_block(&mut ctx).unwrap().is_empty());
    assert!(matches!(modules().end_block(&mut ctx), Err(TxError::Fault(text)) if text.starts_with("count: end")));
}

#[test]
fn broken_invariant_is_named() {
    let mut bench = Bench::new(&modules().stores());
    assert!(modules().check_invariants(&mut bench.ctx()).unwrap().is_empty());
    let mut msg = message();
    msg.amount[0].amount = "1000".to_owned();
    send(&mut bench.ctx(), msg).unwrap();
    let broken = modules().check_invariants(&mut bench.ctx()).unwrap();
    assert_eq!(
        (broken[0].module, broken[0].invariant, broken[0].found.as_str()),
        ("count", "few are sent", "1000 sent")
    );
}
