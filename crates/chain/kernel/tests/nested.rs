//! Messages that run each other, authorizations of open kinds, and versions of modules' states.

use std::collections::BTreeMap;

use akash_kernel::testing::Bench;
use akash_kernel::{Acceptance, Ctx, Module, Modules, Registry, StoreName, TxError, sdk_error};
use akash_proto::cosmos::authz::v1beta1::{MsgExec, MsgExecResponse};
use akash_proto::cosmos::bank::v1beta1::{MsgSend, MsgSendResponse, SendAuthorization};
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_store::Item;
use akash_types::tx::encode_any;
use prost::{Message, Name};
use prost_types::Any;
use serde_json::Value;

const STORE: StoreName = "bank";
const LAST: Item<Coin> = Item::new(STORE, 1);

/// A send writes its receiver, and fails without one; the other message runs what it holds.
fn registry() -> Registry {
    let mut registry = Registry::default();
    registry.message(|_: &MsgSend| Ok(Vec::new()), check_send, send);
    registry.message(|_: &MsgExec| Ok(Vec::new()), |_| Ok(()), run_all);
    registry.authorization(|_: &SendAuthorization| "/cosmos.bank.v1beta1.MsgSend", check_right, use_right);
    registry
}

fn check_send(msg: &MsgSend) -> Result<(), TxError> {
    if msg.from_address.is_empty() { Err(sdk_error::invalid_address("from")) } else { Ok(()) }
}

fn send(ctx: &mut Ctx, msg: MsgSend) -> Result<MsgSendResponse, TxError> {
    LAST.put(ctx, &Coin { denom: msg.to_address.clone(), amount: String::new() })?;
    ctx.emit(&Coin { denom: msg.to_address.clone(), amount: String::new() });
    if msg.to_address.is_empty() { Err(sdk_error::logic("nobody")) } else { Ok(MsgSendResponse {}) }
}

fn run_all(ctx: &mut Ctx, msg: MsgExec) -> Result<MsgExecResponse, TxError> {
    let mut results = Vec::new();
    for message in &msg.msgs {
        // A failure within is this message's own affair.
        results.push(ctx.dispatch(message).map_or_else(|error| error.to_string().into_bytes(), |any| any.value));
    }
    Ok(MsgExecResponse { results })
}

fn check_right(right: &SendAuthorization) -> Result<(), TxError> {
    if right.allow_list.is_empty() { Err(sdk_error::invalid_request("no list")) } else { Ok(()) }
}

fn use_right(_: &mut Ctx, right: &SendAuthorization, _: &Any) -> Result<Acceptance<SendAuthorization>, TxError> {
    match right.allow_list.as_slice() {
        [_] => Ok(Acceptance::Delete),
        [_, rest @ ..] => Ok(Acceptance::Keep(SendAuthorization { allow_list: rest.to_vec(), ..right.clone() })),
        [] => Err(sdk_error::unauthorized("used up")),
    }
}

fn bench() -> Bench {
    Bench::new(&[STORE]).with_registry(registry())
}

fn to(receiver: &str) -> MsgSend {
    MsgSend { from_address: "a".to_owned(), to_address: receiver.to_owned(), amount: Vec::new() }
}

#[test]
fn what_fails_within_leaves_nothing_and_the_rest_stays() {
    let mut bench = bench();
    let ctx = &mut bench.ctx();
    let msgs = vec![encode_any(&to("one")), encode_any(&to("")), encode_any(&to("two")), encode_any(&to(""))];
    let answer = ctx.dispatch(&encode_any(&MsgExec { grantee: String::new(), msgs })).expect("it runs");
    let results = MsgExecResponse::decode(answer.value.as_slice()).expect("its answer").results;
    assert_eq!(results[1], b"nobody: internal logic error");
    assert_eq!(LAST.get(ctx).expect("readable").expect("written").denom, "two");
    assert_eq!(ctx.events().len(), 2, "those of the two that succeeded");
}

#[test]
fn nested_message_is_validated_and_must_be_known() {
    let mut bench = bench();
    let ctx = &mut bench.ctx();
    let invalid = MsgSend { from_address: String::new(), ..to("one") };
    assert_eq!(ctx.dispatch(&encode_any(&invalid)).unwrap_err().to_string(), "from: invalid address");
    let unknown = Any { type_url: "/a.b.MsgC".to_owned(), value: Vec::new() };
    let text = "no message handler found for *types.MsgC: unknown request";
    assert_eq!(ctx.dispatch(&unknown).unwrap_err().to_string(), text);
}

#[test]
fn context_without_a_registry_says_so() {
    let mut bench = bench();
    let block = bench.block.clone();
    let mut overlay = akash_store::Overlay::new(bench.view());
    let mut bare = Ctx::new(&mut overlay, &block, akash_kernel::Mode::Block, akash_kernel::GasMeter::unlimited());
    assert!(matches!(bare.dispatch(&encode_any(&to("one"))), Err(TxError::Fault(_))));
    assert!(bench.ctx().registry().is_ok());
}

#[test]
fn authorization_of_an_open_kind_counts_itself_down() {
    let mut bench = bench();
    let ctx = &mut bench.ctx();
    let two = SendAuthorization { allow_list: vec!["a".to_owned(), "b".to_owned()], ..SendAuthorization::default() };
    let message = encode_any(&to("one"));
    let bind = |ctx: &Ctx, right: &SendAuthorization| {
        let any = Any { type_url: SendAuthorization::type_url(), value: right.encode_to_vec() };
        ctx.registry().expect("it has one").bind_authorization(&any).expect("a known kind").expect("it decodes")
    };
    let bound = bind(ctx, &two);
    assert_eq!((bound.msg_type_url(), bound.validate()), (message.type_url.as_str(), Ok(())));
    let Acceptance::Keep(rest) = bound.accept(ctx, &message).expect("one is left") else { panic!("it keeps one") };
    let rest = SendAuthorization::decode(rest.value.as_slice()).expect("its own kind");
    assert_eq!(bind(ctx, &rest).accept(ctx, &message), Ok(Acceptance::Delete));
    assert!(bind(ctx, &SendAuthorization::default()).validate().is_err());
    let unknown = Any { type_url: "/a.b.C".to_owned(), value: Vec::new() };
    assert!(ctx.registry().expect("it has one").bind_authorization(&unknown).is_none());
}

/// A module at a version, whose migrations write down where they came from.
struct Versioned(u64);

impl Module for Versioned {
    fn name(&self) -> &'static str {
        "versioned"
    }

    fn stores(&self) -> &'static [StoreName] {
        &[STORE]
    }

    fn register(&self, _: &mut Registry) {}

    fn init_genesis(&self, ctx: &mut Ctx, _: &Value) -> Result<(), TxError> {
        LAST.put(ctx, &Coin { denom: "new".to_owned(), amount: String::new() })
    }

    fn export_genesis(&self, _: &mut Ctx) -> Result<Value, TxError> {
        Ok(Value::Null)
    }

    fn version(&self) -> u64 {
        self.0
    }

    fn migrate(&self, ctx: &mut Ctx, from: u64) -> Result<(), TxError> {
        let before = LAST.get(ctx)?.unwrap_or_default().denom;
        LAST.put(ctx, &Coin { denom: format!("{before}{from}"), amount: String::new() })
    }
}

#[test]
fn states_are_brought_to_their_version_step_by_step() {
    let migrated = |found: &[(&str, u64)]| {
        let mut bench = Bench::new(&[STORE]);
        let ctx = &mut bench.ctx();
        let found: BTreeMap<String, u64> = found.iter().map(|(name, version)| ((*name).to_owned(), *version)).collect();
        Modules::new(vec![Box::new(Versioned(4))]).migrate(ctx, &found)?;
        Ok::<_, TxError>(LAST.get(ctx)?.unwrap_or_default().denom)
    };
    assert_eq!(migrated(&[("versioned", 1)]).as_deref(), Ok("123"));
    assert_eq!(migrated(&[("versioned", 4)]).as_deref(), Ok(""));
    assert_eq!(migrated(&[]).as_deref(), Ok("new"), "a module that was not there begins");
    assert!(matches!(migrated(&[("versioned", 5)]), Err(TxError::Fault(_))), "nothing goes back");
}
