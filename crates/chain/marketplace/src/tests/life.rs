//! The life cycle, with every coin counted.

use akash_proto::akash::deployment::v1beta4::{MsgCloseGroup, MsgPauseGroup, MsgStartGroup, MsgUpdateDeployment};
use akash_proto::akash::escrow::types::v1::State as EscrowState;
use akash_proto::akash::market::v1::lease::State as LeaseState;
use akash_proto::akash::market::v1beta5::{bid::State as BidState, order::State as OrderState};
use akash_types::id::DeploymentId;
use expect_test::expect;

use super::testnet::*;

#[test]
fn refund_is_the_deposit_less_price_times_blocks() {
    let mut net = Testnet::with_open_order();
    net.bid(7, "p1", "90uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    assert_eq!(net.typed_events(), ["EventLeaseCreated"]);
    net.end_blocks(10);

    net.close(7).unwrap();
    assert_eq!(
        net.typed_events(),
        ["EventDeploymentClosed", "EventGroupClosed", "EventOrderClosed", "EventBidClosed", "EventLeaseClosed"]
    );
    net.end_block();

    assert_eq!(net.change("owner", "uact"), -900);
    assert_eq!(net.change("p1", "uact"), 900);
    assert_eq!(net.balance(&akash_types::address::Address::module("escrow"), "uact").to_string(), "0");
    let lease = net.lease_of(&lease(7, "p1"));
    assert_eq!((lease.state(), lease.reason, lease.created_at + 10), (LeaseState::Closed, 1, lease.closed_on));
}

#[test]
fn withdrawal_pays_whole_units_and_keeps_the_fraction() {
    let mut net = Testnet::with_open_order();
    net.bid(7, "p1", "10.4uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    let lease = lease(7, "p1");
    for paid in [10, 20, 31, 41, 52] {
        net.end_block();
        net.withdraw(&lease).unwrap();
        assert_eq!(net.change("p1", "uact") + 500_000, paid);
    }
    net.close(7).unwrap();
    assert_eq!(net.change("p1", "uact"), 52);
    assert_eq!(net.change("owner", "uact"), -52);
}

#[test]
fn an_account_that_runs_dry_is_settled_paid_and_closed_by_the_block() {
    let mut net = Testnet::new();
    net.deploy(7, "150000uact", "500000uact").unwrap();
    net.bid(7, "p1", "150000uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_blocks(4); // three blocks are covered, the end of the fourth finds the debt
    assert_eq!(net.typed_events(), Vec::<&str>::new());
    net.end_block();
    assert_eq!(
        net.typed_events(),
        ["EventDeploymentClosed", "EventGroupClosed", "EventOrderClosed", "EventBidClosed", "EventLeaseClosed"]
    );

    assert_eq!(net.change("owner", "uact"), -500_000);
    assert_eq!(net.change("p1", "uact"), 500_000);
    let lease_id = lease(7, "p1");
    let lease = net.lease_of(&lease_id);
    assert_eq!((lease.state(), lease.reason), (LeaseState::InsufficientFunds, 20_000));
    let payment = net.payment(&lease_id);
    assert_eq!(payment.state(), EscrowState::Overdrawn);
    assert_eq!(dec(payment.unsettled).to_string(), "100000.000000000000000000");
    assert_eq!(net.escrow_account(7).state(), EscrowState::Overdrawn);
    assert_eq!(net.bid_of(&bid(7, "p1")).state(), BidState::Closed);
}

#[test]
fn a_deposit_in_the_last_block_saves_the_deployment() {
    let mut net = Testnet::new();
    net.deploy(7, "150000uact", "500000uact").unwrap();
    net.bid(7, "p1", "150000uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_blocks(4);
    net.deposit(&account("stranger"), 7, "100001uact").unwrap();
    net.end_block();
    assert_eq!(net.lease_of(&lease(7, "p1")).state(), LeaseState::Active);

    net.close(7).unwrap();
    net.end_block();
    assert_eq!(net.change("p1", "uact"), 600_001, "the fifth block was not covered");
}

#[test]
fn refunds_go_back_in_the_order_of_the_deposits() {
    let mut net = Testnet::with_lease();
    net.deposit(&account("stranger"), 7, "1000uact").unwrap();
    net.deposit(&owner(), 7, "500uact").unwrap();
    net.end_blocks(3);
    net.close(7).unwrap();
    assert_eq!(net.change("owner", "uact"), -300, "the oldest deposit is used first");
    assert_eq!(net.change("stranger", "uact"), 0);
    let transfers = net.events.iter().filter(|event| event.kind == "transfer");
    let amounts: Vec<_> = transfers.filter_map(|event| event.attribute("amount")).collect();
    assert_eq!(amounts, ["300uact", "999700uact", "1000uact", "500uact", "500000uact"]);
}

#[test]
fn two_economies_by_parameter() {
    let mut net = Testnet::new();
    net.deploy(7, "100uakt", "500000uakt").unwrap();
    net.bid(7, "p1", "100uakt").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_blocks(2);
    net.close(7).unwrap();
    assert_eq!(net.change("owner", "uakt"), -200);
    assert_eq!(net.change("p1", "uakt"), 200);
    assert_eq!(net.change("p1", "uact"), 0);
}

#[test]
fn owner_who_leaves_a_provider_gets_a_new_order_at_once() {
    let mut net = Testnet::with_lease();
    net.end_block();
    net.close_lease(&lease(7, "p1")).unwrap();
    assert_eq!(net.typed_events(), ["EventOrderClosed", "EventBidClosed", "EventLeaseClosed", "EventOrderCreated"]);
    let next = group_of(7).order(2);
    assert_eq!(net.order(&next).state(), OrderState::Open);
    net.bid_on(&next.bid(account("p2")), "50uact").unwrap();
    net.take(&next.bid(account("p2"))).unwrap();
    net.end_block();
    net.close(7).unwrap();
    assert_eq!((net.change("owner", "uact"), net.change("p1", "uact"), net.change("p2", "uact")), (-150, 100, 50));
}

#[test]
fn provider_that_leaves_pauses_the_group_until_its_owner_starts_it() {
    let mut net = Testnet::with_lease();
    net.end_block();
    net.close_bid(&bid(7, "p1")).unwrap();
    assert_eq!(net.typed_events(), ["EventOrderClosed", "EventBidClosed", "EventLeaseClosed", "EventGroupPaused"]);
    assert_eq!(net.lease_of(&lease(7, "p1")).reason, 10_000);
    net.end_block();

    net.send(&MsgStartGroup { id: Some(group_of(7).into()) }).unwrap();
    assert_eq!(net.typed_events(), ["EventGroupStarted", "EventOrderCreated"]);
    net.end_block();
    net.send(&MsgPauseGroup { id: Some(group_of(7).into()) }).unwrap();
    assert_eq!(net.typed_events(), ["EventGroupPaused", "EventOrderClosed"]);
    net.end_block();
    net.send(&MsgCloseGroup { id: Some(group_of(7).into()) }).unwrap();
    assert_eq!(net.typed_events(), ["EventGroupClosed"]);
    net.end_block();
    net.close(7).unwrap();
    assert_eq!(net.typed_events(), ["EventDeploymentClosed"]);
    net.end_block();
    assert_eq!(net.change("owner", "uact"), -100);
}

#[test]
fn update_changes_the_hash_alone() {
    let mut net = Testnet::with_open_order();
    let id = Some(DeploymentId::new(owner(), 7).into());
    net.send(&MsgUpdateDeployment { id: id.clone(), hash: vec![8; 32] }).unwrap();
    assert_eq!(net.typed_events(), ["EventDeploymentUpdated"]);
    check(
        net.send(&MsgUpdateDeployment { id, hash: vec![8; 32] }),
        expect!["deployment/10: the hash is the present one: Invalid: deployment hash"],
    );
}

#[test]
fn events_carry_their_fields() {
    let mut net = Testnet::with_open_order();
    net.bid(7, "p1", "90.5uact").unwrap();
    let event = net.events.iter().find(|event| event.kind == "akash.market.v1.EventBidCreated").unwrap();
    let owner = owner();
    let provider = account("p1");
    assert_eq!(
        event.attribute("id").unwrap(),
        format!(r#"{{"owner":"{owner}","dseq":"7","gseq":1,"oseq":1,"provider":"{provider}","bseq":0}}"#)
    );
    assert_eq!(event.attribute("price").unwrap(), r#"{"denom":"uact","amount":"90.500000000000000000"}"#);
}
