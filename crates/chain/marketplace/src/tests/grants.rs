//! Deposits out of grants: whose money is taken, in which order, what becomes of the grants, and where it goes back.

use akash_cosmos::authz;
use akash_kernel::TxError;
use akash_proto::akash::base::deposit::v1::{Deposit, Source};
use akash_proto::akash::escrow::v1::deposit_authorization::Scope;
use akash_proto::akash::escrow::v1::{DepositAuthorization, MsgAccountDeposit};
use akash_proto::cosmos::authz::v1beta1::{Grant, MsgExec, MsgGrant, MsgRevoke};
use akash_proto::cosmos::base::v1beta1::Coin as WireCoin;
use akash_types::address::Address;
use akash_types::coin::Coin;
use akash_types::id::DeploymentId;
use akash_types::num::Int;
use expect_test::expect;
use prost::{Message, Name};
use prost_types::Any;

use super::testnet::*;
use crate::escrow::api::AccountId;

const MESSAGE: &str = "/akash.escrow.v1.MsgAccountDeposit";

fn any<M: Message + Name>(message: &M) -> Any {
    Any { type_url: format!("/{}", M::full_name()), value: message.encode_to_vec() }
}

fn authorization(scopes: &[Scope], limits: &[&str]) -> DepositAuthorization {
    DepositAuthorization {
        spend_limit: None,
        scopes: scopes.iter().map(|scope| (*scope).into()).collect(),
        spend_limits: limits.iter().map(|limit| limit.parse::<Coin>().unwrap().into()).collect(),
    }
}

fn grant(net: &mut Testnet, granter: &Address, grantee: &Address, what: &DepositAuthorization) -> Result<(), TxError> {
    let grant = Grant { authorization: Some(any(what)), expiration: None };
    net.send(&MsgGrant { granter: granter.to_string(), grantee: grantee.to_string(), grant: Some(grant) })
}

fn for_deployments(net: &mut Testnet, granter: &Address, grantee: &Address, limits: &[&str]) {
    grant(net, granter, grantee, &authorization(&[Scope::Deployment], limits)).unwrap();
}

/// What is left of a grant, `gone` when it is not there.
fn left(net: &mut Testnet, granter: &Address, grantee: &Address) -> String {
    let stored = authz::api::grant_of(&mut net.bench.ctx(), granter, grantee, MESSAGE).unwrap();
    let Some(stored) = stored else { return "gone".to_owned() };
    let wire = DepositAuthorization::decode(stored.authorization.value.as_slice()).unwrap();
    let coins: Vec<String> = wire.spend_limits.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect();
    coins.join(",")
}

fn add(net: &mut Testnet, signer: &Address, amount: &str, sources: &[Source]) -> Result<(), TxError> {
    net.send(&deposit_of(signer, amount, sources))
}

fn deposit_of(signer: &Address, amount: &str, sources: &[Source]) -> MsgAccountDeposit {
    MsgAccountDeposit {
        signer: signer.to_string(),
        id: Some(AccountId::Deployment(DeploymentId::new(owner(), 7)).to_wire()),
        deposit: Some(Deposit {
            amount: Some(amount.parse::<Coin>().unwrap().into()),
            sources: sources.iter().map(|source| (*source).into()).collect(),
        }),
    }
}

/// Two granters in the order of their addresses, each with 1000uact.
fn granters(net: &mut Testnet) -> [Address; 2] {
    let mut granters = [account("g1"), account("g2")];
    granters.sort();
    for granter in &granters {
        net.fund(granter, "uact", 1000);
    }
    granters
}

#[test]
fn granters_pay_in_the_order_of_their_addresses_and_get_the_rest_back() {
    let mut net = Testnet::with_open_order();
    let [first, second] = granters(&mut net);
    for granter in [&second, &first] {
        for_deployments(&mut net, granter, &owner(), &["700uact"]);
    }
    add(&mut net, &owner(), "1500uact", &[Source::Grant, Source::Balance]).unwrap();

    let deposits = net.escrow_account(7).deposits;
    let shown: Vec<_> = deposits[1..]
        .iter()
        .map(|deposit| (deposit.owner.clone(), deposit.source(), dec(deposit.balance.clone()).to_string()))
        .collect();
    let amount = |text: &str| format!("{text}.000000000000000000");
    assert_eq!(
        shown,
        [
            (first.to_string(), Source::Grant, amount("700")),
            (second.to_string(), Source::Grant, amount("700")),
            (owner().to_string(), Source::Balance, amount("100")),
        ]
    );
    assert!(deposits.iter().all(|deposit| deposit.grantee.is_none()), "the account's owner goes without saying");
    assert_eq!((left(&mut net, &first, &owner()), left(&mut net, &second, &owner())), (String::new(), String::new()));

    net.close(7).unwrap();
    for granter in [&first, &second] {
        assert_eq!(net.balance(granter, "uact"), Int::from(1000u64));
        assert_eq!(left(&mut net, granter, &owner()), "700uact", "what comes back restores the grant");
    }
    net.end_block();
}

/// Granted = spent by leases + in escrow + left, at each moment.
#[test]
fn grant_spent_and_left_is_the_grant() {
    let mut net = Testnet::new();
    let granter = account("g1");
    net.fund(&granter, "uact", 1_000_000);
    for_deployments(&mut net, &granter, &owner(), &["800000uact"]);
    let mut message = create_deployment(7, &["100uact"], "600000uact");
    message.deposit.as_mut().unwrap().sources = vec![Source::Grant.into()];
    net.send(&message).unwrap();
    assert_eq!(left(&mut net, &granter, &owner()), "200000uact");
    net.bid(7, "p1", "100uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_blocks(10);
    net.close(7).unwrap();
    assert_eq!(net.change("p1", "uact"), 1000);
    assert_eq!(net.balance(&granter, "uact"), Int::from(999_000u64));
    assert_eq!(left(&mut net, &granter, &owner()), "799000uact");
    net.end_block();
}

#[test]
fn a_stranger_with_a_grant_gets_it_restored_and_not_the_owner() {
    let mut net = Testnet::with_open_order();
    let [granter, _] = granters(&mut net);
    for grantee in [account("stranger"), owner()] {
        for_deployments(&mut net, &granter, &grantee, &["500uact"]);
    }
    add(&mut net, &account("stranger"), "300uact", &[Source::Grant]).unwrap();
    assert_eq!(net.escrow_account(7).deposits[1].grantee, Some(account("stranger").to_string()));
    net.close(7).unwrap();
    assert_eq!(left(&mut net, &granter, &account("stranger")), "500uact");
    assert_eq!(left(&mut net, &granter, &owner()), "500uact");
    net.end_block();
}

#[test]
fn a_revoked_grant_is_not_restored_and_the_money_goes_back_all_the_same() {
    let mut net = Testnet::with_open_order();
    let [granter, _] = granters(&mut net);
    for_deployments(&mut net, &granter, &owner(), &["500uact"]);
    add(&mut net, &owner(), "500uact", &[Source::Grant]).unwrap();
    let revoke =
        MsgRevoke { granter: granter.to_string(), grantee: owner().to_string(), msg_type_url: MESSAGE.to_owned() };
    net.send(&revoke).unwrap();
    net.close(7).unwrap();
    assert_eq!(net.balance(&granter, "uact"), Int::from(1000u64));
    assert_eq!(left(&mut net, &granter, &owner()), "gone");
    net.end_block();
}

/// Defect 17 #26: a granter without coins is passed over, he does not block the whole deposit.
#[test]
fn defect_26_granters_without_coins_are_passed_over() {
    let mut net = Testnet::with_open_order();
    let mut all = [account("g1"), account("g2"), account("g3")];
    all.sort();
    let [poor, half, rich] = &all;
    for (granter, amount) in [(half, 200), (rich, 1000)] {
        net.fund(granter, "uact", amount);
    }
    for granter in [poor, half, rich] {
        for_deployments(&mut net, granter, &owner(), &["500uact"]);
    }
    add(&mut net, &owner(), "600uact", &[Source::Grant]).unwrap();
    assert_eq!(left(&mut net, poor, &owner()), "500uact");
    assert_eq!(left(&mut net, half, &owner()), "300uact");
    assert_eq!(left(&mut net, rich, &owner()), "100uact");
    net.end_block();
}

#[test]
fn a_grant_counts_within_its_scope_and_denominations() {
    let mut net = Testnet::with_open_order();
    let [granter, _] = granters(&mut net);
    let insufficient = || expect!["market/28: insufficient: deposit invalid"];
    grant(&mut net, &granter, &owner(), &authorization(&[Scope::Bid], &["500uact"])).unwrap();
    check(add(&mut net, &owner(), "1uact", &[Source::Grant]), insufficient());
    for_deployments(&mut net, &granter, &owner(), &["500uakt"]);
    check(add(&mut net, &owner(), "1uact", &[Source::Grant]), insufficient());
    for_deployments(&mut net, &granter, &owner(), &["500uact"]);
    check(add(&mut net, &owner(), "501uact", &[Source::Grant]), insufficient());
    assert_eq!(left(&mut net, &granter, &owner()), "500uact", "what fails takes nothing");
    check(add(&mut net, &owner(), "500uact", &[Source::Grant]), expect!["ok"]);
    net.end_block();
}

#[test]
fn a_bid_is_deposited_out_of_a_grant() {
    let mut net = Testnet::with_open_order();
    let granter = account("g1");
    net.fund(&granter, "uact", 500_000);
    grant(&mut net, &granter, &account("p1"), &authorization(&[Scope::Bid], &["500000uact"])).unwrap();
    let mut message = create_bid(&bid(7, "p1"), "100uact");
    message.deposit.as_mut().unwrap().sources = vec![Source::Grant.into()];
    net.send(&message).unwrap();
    assert_eq!(net.change("p1", "uact"), 0);
    net.close_bid(&bid(7, "p1")).unwrap();
    assert_eq!(net.balance(&granter, "uact"), Int::from(500_000u64));
    assert_eq!(left(&mut net, &granter, &account("p1")), "500000uact");
    net.end_block();
}

#[test]
fn a_deposit_is_executed_in_the_name_of_the_granter() {
    let mut net = Testnet::with_open_order();
    let [granter, _] = granters(&mut net);
    for_deployments(&mut net, &granter, &account("stranger"), &["500uact"]);
    let exec = |amount: &str| MsgExec {
        grantee: account("stranger").to_string(),
        msgs: vec![any(&deposit_of(&granter, amount, &[Source::Balance]))],
    };
    check(net.send(&exec("501uact")), expect!["sdk/5: requested amount is more than spend limit: insufficient funds"]);
    net.send(&exec("200uact")).unwrap();
    assert_eq!(left(&mut net, &granter, &account("stranger")), "300uact");
    net.send(&exec("300uact")).unwrap();
    assert_eq!(left(&mut net, &granter, &account("stranger")), "gone", "used up ends it here");
    let deposits = net.escrow_account(7).deposits;
    assert_eq!((deposits[1].owner.clone(), deposits[1].source()), (granter.to_string(), Source::Balance));
    net.end_block();
}

#[test]
fn grants_of_a_wrong_form_are_refused() {
    let mut net = Testnet::new();
    let mut check_grant = |what: DepositAuthorization, expected: expect_test::Expect| {
        check(grant(&mut net, &account("p1"), &owner(), &what), expected);
    };
    let both = [Scope::Deployment, Scope::Bid];
    check_grant(authorization(&both, &["1uact", "1uakt"]), expect!["ok"]);
    check_grant(authorization(&[], &["1uact"]), expect!["escrow/17: no scope: invalid authz scope"]);
    check_grant(authorization(&[Scope::Invalid], &["1uact"]), expect!["escrow/17: scope 0: invalid authz scope"]);
    check_grant(
        authorization(&[Scope::Bid, Scope::Bid], &["1uact"]),
        expect!["escrow/17: scope 2 is named twice: invalid authz scope"],
    );
    let many: Vec<String> = (100..165).map(|number| format!("1u{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    check_grant(authorization(&both, &many[1..]), expect!["ok"]);
    check_grant(
        authorization(&both, &many),
        expect!["sdk/10: spend limits: more than 64 denominations: invalid coins"],
    );
    check_grant(authorization(&both, &[]), expect!["sdk/10: spend limits: none: invalid coins"]);
    let old = Some(WireCoin { denom: "uact".to_owned(), amount: "1".to_owned() });
    check_grant(
        DepositAuthorization { spend_limit: old, ..authorization(&both, &["1uact"]) },
        expect!["sdk/10: spend limits: spend_limit is of the past, use spend_limits: invalid coins"],
    );
}

/// A grant that was filled up meanwhile stays as it is: what is stored can always be read again.
#[test]
fn a_refund_does_not_overfill_a_grant() {
    let mut net = Testnet::with_open_order();
    let [granter, _] = granters(&mut net);
    for_deployments(&mut net, &granter, &owner(), &["500uact"]);
    add(&mut net, &owner(), "500uact", &[Source::Grant]).unwrap();
    let many: Vec<String> = (100..164).map(|number| format!("1u{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for_deployments(&mut net, &granter, &owner(), &many);
    net.close(7).unwrap();
    assert_eq!(left(&mut net, &granter, &owner()), many.join(","));
    net.end_block();
}
