//! Fee allowances: granted, used, used up, revoked, expired.

use akash_cosmos::feegrant;
use akash_kernel::testing::Bench;
use akash_kernel::{GrpcCode, TxError};
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_proto::cosmos::feegrant::v1beta1::{
    AllowedMsgAllowance, BasicAllowance, MsgGrantAllowance, MsgPruneAllowances, MsgRevokeAllowance, PeriodicAllowance,
    QueryAllowanceRequest, QueryAllowanceResponse, QueryAllowancesByGranterRequest, QueryAllowancesByGranterResponse,
    QueryAllowancesRequest, QueryAllowancesResponse,
};
use akash_types::address::Address;
use prost::Name;
use prost_types::{Any, Duration, Timestamp};
use serde_json::json;

use crate::bench::{address, ask, check_invariants, coins, fund, modules, refused, run, with_genesis};

const SEND: &str = "/cosmos.bank.v1beta1.MsgSend";

fn any<M: Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

fn uakt(amount: u64) -> Vec<Coin> {
    vec![Coin { denom: "uakt".to_owned(), amount: amount.to_string() }]
}

fn basic(limit: u64, end: Option<i64>) -> BasicAllowance {
    let spend_limit = if limit == 0 { Vec::new() } else { uakt(limit) };
    BasicAllowance { spend_limit, expiration: end.map(|seconds| Timestamp { seconds, nanos: 0 }) }
}

fn periodic(bench: &Bench, whole: u64, period: u64) -> PeriodicAllowance {
    PeriodicAllowance {
        basic: Some(basic(whole, None)),
        period: Some(Duration { seconds: 100, nanos: 0 }),
        period_spend_limit: uakt(period),
        period_can_spend: uakt(period),
        period_reset: Some(Timestamp { seconds: bench.block.time.seconds + 100, nanos: 0 }),
    }
}

fn grant(granter: u8, grantee: u8, allowance: Any) -> MsgGrantAllowance {
    let (granter, grantee) = (address(granter).to_string(), address(grantee).to_string());
    MsgGrantAllowance { granter, grantee, allowance: Some(allowance) }
}

fn revoke(granter: u8, grantee: u8) -> MsgRevokeAllowance {
    MsgRevokeAllowance { granter: address(granter).to_string(), grantee: address(grantee).to_string() }
}

fn chain() -> Bench {
    let mut bench = with_genesis(json!({ "auth": {} })).expect("a sound genesis");
    fund(&mut bench, &address(1), "100uakt");
    bench
}

/// Account 2 pays a fee by the allowance of account 1.
fn pay(bench: &mut Bench, fee: u64, message: &str) -> Result<(), TxError> {
    let fee = coins(&format!("{fee}uakt"));
    feegrant::api::use_allowance(&mut bench.ctx(), &address(1), &address(2), &fee, &[message.to_owned()])
}

fn pay_text(bench: &mut Bench, fee: u64, message: &str) -> String {
    match pay(bench, fee, message) {
        Ok(()) => "ok".to_owned(),
        Err(TxError::Reject(reject)) => format!("{}/{}: {}", reject.codespace, reject.code, reject.text),
        Err(TxError::Fault(text)) => panic!("{text}"),
    }
}

#[test]
fn limit_counts_down_and_the_allowance_ends_with_it() {
    let mut bench = chain();
    run(&mut bench, &grant(1, 2, any(&basic(50, None)))).expect("a sound allowance");
    assert_eq!(pay_text(&mut bench, 20, SEND), "ok");
    assert_eq!(pay_text(&mut bench, 31, SEND), "feegrant/2: basic allowance: fee limit exceeded");
    assert_eq!(pay_text(&mut bench, 30, SEND), "ok");
    assert_eq!(pay_text(&mut bench, 1, SEND), "sdk/38: fee-grant not found: not found");
    check_invariants(&mut bench);
}

#[test]
fn use_is_announced_as_clients_know_it() {
    let mut bench = chain();
    run(&mut bench, &grant(1, 2, any(&basic(50, None)))).expect("a sound allowance");
    let kinds = |bench: &mut Bench, fee: u64| {
        let ctx = &mut bench.ctx();
        let fee = coins(&format!("{fee}uakt"));
        feegrant::api::use_allowance(ctx, &address(1), &address(2), &fee, &[]).expect("it has them");
        ctx.take_events().into_iter().map(|event| event.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&mut bench, 10), ["use_feegrant", "update_feegrant"]);
    assert_eq!(kinds(&mut bench, 40), ["revoke_feegrant", "use_feegrant"]);
}

#[test]
fn allowance_without_a_limit_pays_until_its_end() {
    let mut bench = chain();
    let end = bench.block.time.seconds + 10;
    run(&mut bench, &grant(1, 2, any(&basic(0, Some(end))))).expect("a sound allowance");
    assert_eq!(pay_text(&mut bench, 1_000_000, SEND), "ok");
    bench.block.time.seconds = end;
    assert_eq!(pay_text(&mut bench, 1, SEND), "ok", "the end itself is included");
    bench.block.time.seconds = end + 1;
    assert_eq!(pay_text(&mut bench, 1, SEND), "feegrant/3: basic allowance: fee allowance expired");
    modules().end_block(&mut bench.ctx()).expect("hooks hold");
    assert!(pay_text(&mut bench, 1, SEND).starts_with("sdk/38"));
    check_invariants(&mut bench);
}

#[test]
fn period_comes_again_and_steps_from_its_own_time() {
    let mut bench = chain();
    let start = bench.block.time.seconds;
    let allowance = periodic(&bench, 25, 10);
    run(&mut bench, &grant(1, 2, any(&allowance))).expect("a sound allowance");
    assert_eq!(pay_text(&mut bench, 10, SEND), "ok");
    assert_eq!(pay_text(&mut bench, 1, SEND), "feegrant/2: period limit: fee limit exceeded");
    bench.block.time.seconds = start + 150;
    assert_eq!(pay_text(&mut bench, 10, SEND), "ok");
    bench.block.time.seconds = start + 199;
    assert_eq!(pay_text(&mut bench, 1, SEND), "feegrant/2: period limit: fee limit exceeded");
    bench.block.time.seconds = start + 200;
    assert_eq!(pay_text(&mut bench, 6, SEND), "feegrant/2: period limit: fee limit exceeded", "5 are left of all");
    assert_eq!(pay_text(&mut bench, 5, SEND), "ok");
    assert!(pay_text(&mut bench, 1, SEND).starts_with("sdk/38"), "it is used up");
}

#[test]
fn listed_messages_alone_are_paid_for() {
    let mut bench = chain();
    let allowance =
        AllowedMsgAllowance { allowance: Some(any(&basic(50, None))), allowed_messages: vec![SEND.to_owned()] };
    run(&mut bench, &grant(1, 2, any(&allowance))).expect("a sound allowance");
    assert_eq!(
        pay_text(&mut bench, 1, "/cosmos.bank.v1beta1.MsgMultiSend"),
        "feegrant/7: message does not exist in allowed messages: message not allowed"
    );
    assert_eq!(pay_text(&mut bench, 50, SEND), "ok");
    assert!(pay_text(&mut bench, 1, SEND).starts_with("sdk/38"));
}

#[test]
fn each_listed_and_each_sent_message_costs() {
    let mut bench = chain();
    let listed = |count: usize| {
        let allowed_messages = (1..count).map(|number| format!("/m{number}")).chain([SEND.to_owned()]).collect();
        grant(1, 2, any(&AllowedMsgAllowance { allowance: Some(any(&basic(0, None))), allowed_messages }))
    };
    assert_eq!(refused(&mut bench, &listed(1001)), "sdk/18: more than 1000 allowed messages: invalid request");
    run(&mut bench, &listed(1000)).expect("a sound allowance");
    let mut gas = |messages: usize| {
        let mut ctx = bench.ctx();
        let messages = vec![SEND.to_owned(); messages];
        feegrant::api::use_allowance(&mut ctx, &address(1), &address(2), &coins("1uakt"), &messages).expect("it pays");
        ctx.gas_used()
    };
    assert_eq!(gas(51) - gas(1), 500);
    assert!(gas(1) > 10_010);
}

#[test]
fn revoked_allowance_is_gone_with_its_end() {
    let mut bench = chain();
    let end = bench.block.time.seconds + 10;
    run(&mut bench, &grant(1, 2, any(&basic(5, Some(end))))).expect("a sound allowance");
    let again = refused(&mut bench, &grant(1, 2, any(&basic(6, None))));
    assert_eq!(again, "sdk/18: fee allowance already exists: invalid request");
    run(&mut bench, &revoke(1, 2)).expect("it is there");
    assert_eq!(refused(&mut bench, &revoke(1, 2)), "sdk/38: fee-grant not found: not found");
    run(&mut bench, &grant(1, 2, any(&basic(6, None)))).expect("a sound allowance");
    bench.block.time.seconds = end + 1;
    modules().end_block(&mut bench.ctx()).expect("hooks hold");
    assert_eq!(pay_text(&mut bench, 1, SEND), "ok", "the end of the earlier one means nothing to this one");
    check_invariants(&mut bench);
}

#[test]
fn anybody_prunes_what_expired() {
    let mut bench = chain();
    let end = bench.block.time.seconds + 10;
    for grantee in 10..=90 {
        run(&mut bench, &grant(1, grantee, any(&basic(5, Some(end))))).expect("a sound allowance");
    }
    bench.block.time.seconds = end + 1;
    run(&mut bench, &MsgPruneAllowances { pruner: address(1).to_string() }).expect("anybody may");
    bench.commit();
    let request = QueryAllowancesByGranterRequest { granter: address(1).to_string(), pagination: None };
    let path = "/cosmos.feegrant.v1beta1.Query/AllowancesByGranter";
    let left: QueryAllowancesByGranterResponse = ask(&bench, path, &request).expect("an answer");
    assert_eq!(left.allowances.len(), 81 - 75);
}

#[test]
fn unsound_allowances_are_refused() {
    let mut bench = chain();
    let now = bench.block.time.seconds;
    let refusals = [
        (grant(1, 1, any(&basic(5, None))), "sdk/7: cannot self-grant fee authorization: invalid address"),
        (
            grant(1, 2, any(&basic(5, Some(now - 1)))),
            "sdk/18: expiration is before current block time: invalid request",
        ),
        (grant(1, 2, any(&basic(5, Some(-1)))), "feegrant/4: expiration time cannot be negative: invalid duration"),
        (
            grant(1, 2, any(&BasicAllowance { spend_limit: [uakt(5), uakt(5)].concat(), expiration: None })),
            "sdk/10: send amount is invalid: 5uakt,5uakt: invalid coins",
        ),
        (
            grant(1, 2, any(&AllowedMsgAllowance { allowance: Some(any(&basic(5, None))), ..Default::default() })),
            "feegrant/6: allowed messages shouldn't be empty: allowed messages are empty",
        ),
        (
            grant(1, 2, any(&AllowedMsgAllowance { allowance: None, allowed_messages: vec![SEND.to_owned()] })),
            "feegrant/5: allowance should not be empty: no allowance",
        ),
        (
            grant(1, 2, any(&PeriodicAllowance { basic: Some(basic(5, None)), ..Default::default() })),
            "sdk/10: spend limit must be positive: invalid coins",
        ),
    ];
    for (message, expected) in refusals {
        assert_eq!(refused(&mut bench, &message), expected);
    }
    let mut to_module = grant(1, 2, any(&basic(5, None)));
    to_module.grantee = Address::module("escrow").to_string();
    run(&mut bench, &to_module).expect("module accounts exist from genesis on, so nothing is made for them");
    assert_eq!(refused(&mut bench, &revoke(1, 1)), "sdk/7: addresses must be different: invalid address");
}

#[test]
fn allowances_are_listed_by_both_sides() {
    let mut bench = chain();
    for (granter, grantee) in [(1, 2), (1, 3), (4, 2)] {
        run(&mut bench, &grant(granter, grantee, any(&basic(5, None)))).expect("a sound allowance");
    }
    bench.commit();
    let request = QueryAllowancesRequest { grantee: address(2).to_string(), pagination: None };
    let taken: QueryAllowancesResponse =
        ask(&bench, "/cosmos.feegrant.v1beta1.Query/Allowances", &request).expect("an answer");
    assert_eq!(taken.allowances.len(), 2);
    let request = QueryAllowancesByGranterRequest { granter: address(1).to_string(), pagination: None };
    let path = "/cosmos.feegrant.v1beta1.Query/AllowancesByGranter";
    let given: QueryAllowancesByGranterResponse = ask(&bench, path, &request).expect("an answer");
    assert_eq!(given.allowances.len(), 2);
}

#[test]
fn missing_allowance_is_an_internal_error() {
    let mut bench = chain();
    bench.commit();
    let request = QueryAllowanceRequest { granter: address(1).to_string(), grantee: address(2).to_string() };
    let path = "/cosmos.feegrant.v1beta1.Query/Allowance";
    let error = ask::<_, QueryAllowanceResponse>(&bench, path, &request).unwrap_err();
    assert_eq!((error.grpc_code, error.text.as_str()), (GrpcCode::Internal, "fee-grant not found: not found"));
}

#[test]
fn allowances_survive_export_and_import() {
    let mut bench = chain();
    let allowance = periodic(&bench, 25, 10);
    run(&mut bench, &grant(1, 2, any(&allowance))).expect("a sound allowance");
    let end = bench.block.time.seconds + 9;
    run(&mut bench, &grant(1, 3, any(&basic(0, Some(end))))).expect("a sound allowance");
    let exported = serde_json::Value::Object(modules().export_genesis(&mut bench.ctx()).expect("exports"));
    let mut again = with_genesis(exported.clone()).expect("what we export is sound");
    check_invariants(&mut again);
    assert_eq!(serde_json::Value::Object(modules().export_genesis(&mut again.ctx()).expect("exports")), exported);
}
