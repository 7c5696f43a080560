//! Grants: given, used, used up, revoked, expired.

use akash_cosmos::authz;
use akash_kernel::testing::Bench;
use akash_proto::cosmos::authz::v1beta1::{
    GenericAuthorization, Grant, MsgExec, MsgExecResponse, MsgGrant, MsgRevoke, QueryGranteeGrantsRequest,
    QueryGranteeGrantsResponse, QueryGranterGrantsRequest, QueryGranterGrantsResponse, QueryGrantsRequest,
    QueryGrantsResponse,
};
use akash_proto::cosmos::bank::v1beta1::{MsgMultiSend, MsgSend, SendAuthorization};
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use akash_proto::cosmos::base::v1beta1::Coin;
use prost::{Message, Name};
use prost_types::{Any, Timestamp};

use crate::bench::{address, ask, balance, check_invariants, fund, modules, refused, run, with_genesis};

const SEND: &str = "/cosmos.bank.v1beta1.MsgSend";

fn any<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

fn send(from: u8, to: u8, amount: &str) -> MsgSend {
    let amount = vec![Coin { denom: "uakt".to_owned(), amount: amount.to_owned() }];
    MsgSend { from_address: address(from).to_string(), to_address: address(to).to_string(), amount }
}

fn generic(msg: &str) -> Any {
    any(&GenericAuthorization { msg: msg.to_owned() })
}

fn limited(amount: &str, allow_list: Vec<String>) -> Any {
    let spend_limit = vec![Coin { denom: "uakt".to_owned(), amount: amount.to_owned() }];
    any(&SendAuthorization { spend_limit, allow_list })
}

fn grant(granter: u8, grantee: u8, authorization: Any, seconds: Option<i64>) -> MsgGrant {
    let expiration = seconds.map(|seconds| Timestamp { seconds, nanos: 0 });
    MsgGrant {
        granter: address(granter).to_string(),
        grantee: address(grantee).to_string(),
        grant: Some(Grant { authorization: Some(authorization), expiration }),
    }
}

fn exec(grantee: u8, message: &impl Name) -> MsgExec {
    MsgExec { grantee: address(grantee).to_string(), msgs: vec![any(message)] }
}

/// Accounts 1 and 2, with 100 each.
fn chain() -> Bench {
    let mut bench = with_genesis(serde_json::json!({ "auth": {} })).expect("a sound genesis");
    fund(&mut bench, &address(1), "100uakt");
    fund(&mut bench, &address(2), "100uakt");
    bench
}

fn limit_left(bench: &mut Bench) -> Option<String> {
    let grant = authz::api::grant_of(&mut bench.ctx(), &address(1), &address(2), SEND).expect("readable")?;
    let send = SendAuthorization::decode(grant.authorization.value.as_slice()).expect("what was granted");
    Some(send.spend_limit[0].amount.clone())
}

#[test]
fn limit_counts_down_and_the_grant_ends_with_it() {
    let mut bench = chain();
    run(&mut bench, &grant(1, 2, limited("50", Vec::new()), None)).expect("a sound grant");
    let answer = run(&mut bench, &exec(2, &send(1, 3, "20"))).expect("granted");
    assert_eq!(MsgExecResponse::decode(answer.as_slice()).expect("an answer").results, vec![Vec::<u8>::new()]);
    assert_eq!(limit_left(&mut bench).as_deref(), Some("30"));
    assert_eq!(
        refused(&mut bench, &exec(2, &send(1, 3, "31"))),
        "sdk/5: requested amount is more than spend limit: insufficient funds"
    );
    run(&mut bench, &exec(2, &send(1, 3, "30"))).expect("granted");
    assert_eq!(limit_left(&mut bench), None);
    let (granter, grantee) = (address(1), address(2));
    assert_eq!(
        refused(&mut bench, &exec(2, &send(1, 3, "1"))),
        format!(
            "authz/2: failed to get grant with given granter: {granter}, grantee: {grantee} & msgType: {SEND} : \
             authorization not found"
        )
    );
    assert_eq!(balance(&mut bench, &address(3), "uakt"), "50");
    check_invariants(&mut bench);
}

#[test]
fn only_listed_receivers_get_anything() {
    let mut bench = chain();
    run(&mut bench, &grant(1, 2, limited("50", vec![address(3).to_string()]), None)).expect("a sound grant");
    run(&mut bench, &exec(2, &send(1, 3, "1"))).expect("granted");
    let text = format!("sdk/4: cannot send to {} address: unauthorized", address(4));
    assert_eq!(refused(&mut bench, &exec(2, &send(1, 4, "1"))), text);
}

#[test]
fn generic_grant_goes_on_until_it_is_revoked() {
    let mut bench = chain();
    run(&mut bench, &grant(1, 2, generic(SEND), None)).expect("a sound grant");
    for _ in 0..2 {
        run(&mut bench, &exec(2, &send(1, 3, "5"))).expect("granted");
    }
    let revoke =
        MsgRevoke { granter: address(1).to_string(), grantee: address(2).to_string(), msg_type_url: SEND.to_owned() };
    run(&mut bench, &revoke).expect("it is there");
    assert!(refused(&mut bench, &exec(2, &send(1, 3, "5"))).starts_with("authz/2: failed to get grant"));
    assert!(refused(&mut bench, &revoke).starts_with("authz/2: failed to delete grant with key "));
    check_invariants(&mut bench);
}

#[test]
fn own_messages_need_no_grant_and_failures_say_which_message() {
    let mut bench = chain();
    run(&mut bench, &exec(1, &send(1, 3, "5"))).expect("its own");
    assert_eq!(
        refused(&mut bench, &exec(1, &send(1, 3, "500"))),
        format!(
            "sdk/5: failed to execute message; message {SEND}: spendable balance 95uakt is smaller than 500uakt: \
             insufficient funds"
        )
    );
    let unsigned = MsgMultiSend::default();
    assert_eq!(
        refused(&mut bench, &exec(1, &unsigned)),
        "authz/9: authorization can be given to msg with only one signer"
    );
    let nothing = MsgExec { grantee: address(1).to_string(), msgs: Vec::new() };
    assert_eq!(refused(&mut bench, &nothing), "sdk/18: messages cannot be empty: invalid request");
}

#[test]
fn inner_events_name_their_message() {
    let mut bench = chain();
    let ctx = &mut bench.ctx();
    let own = exec(1, &send(1, 3, "5"));
    ctx.dispatch(&any(&own)).expect("its own");
    let indexes: Vec<_> = ctx.events().iter().map(|event| event.attribute("authz_msg_index")).collect();
    assert!(!indexes.is_empty() && indexes.iter().all(|index| *index == Some("0")), "{indexes:?}");
}

#[test]
fn messages_nest_no_deeper_than_the_bound() {
    let mut bench = chain();
    let mut nested = any(&exec(1, &send(1, 3, "1")));
    for _ in 0..8 {
        nested = any(&MsgExec { grantee: address(1).to_string(), msgs: vec![nested] });
    }
    bench.ctx().dispatch(&nested).expect("ten levels");
    let deeper = MsgExec { grantee: address(1).to_string(), msgs: vec![nested] };
    assert!(refused(&mut bench, &deeper).contains("messages are nested deeper than 10 levels"));
}

#[test]
fn expired_grants_give_no_right_and_go_at_the_next_block() {
    let mut bench = chain();
    let end = bench.block.time.seconds + 5;
    run(&mut bench, &grant(1, 2, generic(SEND), Some(end))).expect("a sound grant");
    bench.block.time.seconds = end + 1;
    assert_eq!(refused(&mut bench, &exec(2, &send(1, 3, "1"))), "authz/6: authorization expired");
    assert_eq!(authz::api::grant_of(&mut bench.ctx(), &address(1), &address(2), SEND).expect("readable"), None);
    modules().begin_block(&mut bench.ctx()).expect("hooks hold");
    assert!(refused(&mut bench, &exec(2, &send(1, 3, "1"))).starts_with("authz/2"));
    check_invariants(&mut bench);
}

#[test]
fn later_grant_replaces_the_earlier_one_with_its_end() {
    let mut bench = chain();
    let end = bench.block.time.seconds + 5;
    run(&mut bench, &grant(1, 2, limited("5", Vec::new()), Some(end))).expect("a sound grant");
    run(&mut bench, &grant(1, 2, limited("70", Vec::new()), None)).expect("a sound grant");
    bench.block.time.seconds = end + 1;
    modules().begin_block(&mut bench.ctx()).expect("hooks hold");
    assert_eq!(limit_left(&mut bench).as_deref(), Some("70"));
    check_invariants(&mut bench);
}

#[test]
fn unsound_grants_are_refused() {
    let mut bench = chain();
    let now = bench.block.time.seconds;
    let mut self_grant = grant(1, 2, generic(SEND), None);
    self_grant.grantee = self_grant.granter.to_uppercase();
    assert_eq!(refused(&mut bench, &self_grant), "authz/7: grantee and granter should be different");
    let unroutable = grant(1, 2, generic("/x.y.MsgZ"), None);
    assert_eq!(refused(&mut bench, &unroutable), "sdk/29: /x.y.MsgZ doesn't exist.: invalid type");
    assert!(refused(&mut bench, &grant(1, 2, any(&send(1, 2, "1")), None)).starts_with("sdk/29: expected "));
    assert_eq!(
        refused(&mut bench, &grant(1, 2, limited("0", Vec::new()), None)),
        "sdk/10: spend limit must be positive: invalid coins"
    );
    let twice = vec![address(3).to_string(); 2];
    assert_eq!(refused(&mut bench, &grant(1, 2, limited("1", twice), None)), "bank/8: duplicate entry");
    assert_eq!(
        refused(&mut bench, &grant(1, 2, generic(SEND), Some(now))),
        "authz/3: expiration must be after the current block time (2023-11-14T22:13:20Z), got 2023-11-14T22:13:20Z: \
         expiration time of authorization should be more than current time"
    );
    run(&mut bench, &grant(1, 9, generic(SEND), None)).expect("a new account may be granted to");
    assert!(akash_cosmos::auth::api::has_account(&mut bench.ctx(), &address(9)).expect("readable"));
}

#[test]
fn grants_are_listed_by_both_sides_in_pages() {
    let mut bench = chain();
    for (granter, grantee, url) in
        [(1, 2, SEND), (1, 2, "/cosmos.bank.v1beta1.MsgMultiSend"), (1, 3, SEND), (4, 2, SEND)]
    {
        run(&mut bench, &grant(granter, grantee, generic(url), None)).expect("a sound grant");
    }
    bench.commit();
    let path = "/cosmos.authz.v1beta1.Query/Grants";
    let mut request = QueryGrantsRequest {
        granter: address(1).to_string(),
        grantee: address(2).to_string(),
        ..QueryGrantsRequest::default()
    };
    let all: QueryGrantsResponse = ask(&bench, path, &request).expect("an answer");
    assert_eq!(all.grants.len(), 2);
    request.msg_type_url = "/x".to_owned();
    let error = ask::<_, QueryGrantsResponse>(&bench, path, &request).unwrap_err();
    assert_eq!(error.text, "authorization not found for /x type: authorization not found");

    let request = QueryGranterGrantsRequest { granter: address(1).to_string(), pagination: None };
    let path = "/cosmos.authz.v1beta1.Query/GranterGrants";
    let granted: QueryGranterGrantsResponse = ask(&bench, path, &request).expect("an answer");
    assert_eq!(granted.grants.len(), 3);

    let page = |key: Vec<u8>| {
        let pagination = Some(PageRequest { key, limit: 2, ..PageRequest::default() });
        let request = QueryGranteeGrantsRequest { grantee: address(2).to_string(), pagination };
        let path = "/cosmos.authz.v1beta1.Query/GranteeGrants";
        ask::<_, QueryGranteeGrantsResponse>(&bench, path, &request).expect("an answer")
    };
    let first = page(Vec::new());
    let second = page(first.pagination.expect("set").next_key);
    let granters: Vec<_> = first.grants.iter().chain(&second.grants).map(|grant| grant.granter.clone()).collect();
    let own = address(1).to_string();
    assert_eq!(granters, [own.clone(), own, address(4).to_string()]);
}

#[test]
fn grants_of_one_kind_are_walked_by_granter() {
    let mut bench = chain();
    for granter in [1, 4, 5] {
        run(&mut bench, &grant(granter, 2, generic(SEND), None)).expect("a sound grant");
    }
    let ctx = &mut bench.ctx();
    let first = authz::api::grants_to(ctx, &address(2), SEND, None, 2).expect("readable");
    let last = first.last().map(|(granter, _)| granter.clone());
    let second = authz::api::grants_to(ctx, &address(2), SEND, last.as_ref(), 2).expect("readable");
    let granters: Vec<_> = first.into_iter().chain(second).map(|(granter, _)| granter).collect();
    assert_eq!(granters, [address(1), address(4), address(5)]);
}

#[test]
fn grants_survive_export_and_import() {
    let mut bench = chain();
    let end = bench.block.time.seconds + 500;
    run(&mut bench, &grant(1, 2, limited("5", Vec::new()), Some(end))).expect("a sound grant");
    run(&mut bench, &grant(2, 1, generic(SEND), None)).expect("a sound grant");
    let exported = serde_json::Value::Object(modules().export_genesis(&mut bench.ctx()).expect("exports"));
    let mut again = with_genesis(exported.clone()).expect("what we export is sound");
    check_invariants(&mut again);
    let second = serde_json::Value::Object(modules().export_genesis(&mut again.ctx()).expect("exports"));
    assert_eq!(second, exported);
}
