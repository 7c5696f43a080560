//! Each defect of the reference that the modules do not have, by its number in the list of chain behaviour, §17.

use akash_proto::akash::deployment::v1beta4::MsgStartGroup;
use akash_proto::akash::escrow::types::v1::State as EscrowState;
use akash_proto::akash::market::v1::lease::State as LeaseState;
use akash_proto::akash::market::v1beta5::bid::State as BidState;
use akash_proto::akash::market::v1beta5::{MsgUpdateParams, QueryOrdersRequest, QueryOrdersResponse};
use akash_proto::akash::provider::v1beta4::MsgDeleteProvider;
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use akash_types::address::Address;
use akash_types::id::DeploymentId;
use expect_test::expect;

use super::testnet::*;

#[test]
fn defect_1_every_losing_bid_is_lost_and_gets_its_deposit_back() {
    let mut net = Testnet::with_open_order();
    for provider in ["p1", "p2", "p3", "p4"] {
        net.bid(7, provider, "100uact").unwrap();
    }
    net.take(&bid(7, "p2")).unwrap();
    for loser in ["p1", "p3", "p4"] {
        assert_eq!(net.bid_of(&bid(7, loser)).state(), BidState::Lost);
        assert_eq!(net.change(loser, "uact"), 0);
    }
    assert_eq!(net.change("p2", "uact"), -500_000);
    net.end_block();
}

#[test]
fn defect_2_a_second_lease_keeps_what_the_first_provider_earned() {
    let mut net = Testnet::new();
    net.send(&create_deployment(7, &["100uact", "100uact"], "1000000uact")).unwrap();
    let second = DeploymentId::new(owner(), 7).group(2).order(1).bid(account("p2"));
    net.bid(7, "p1", "100uact").unwrap();
    net.bid_on(&second, "40uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_blocks(5);
    net.take(&second).unwrap();
    net.end_blocks(3);
    net.withdraw(&lease(7, "p1")).unwrap();
    net.withdraw(&second.clone().into()).unwrap();
    assert_eq!((net.change("p1", "uact") + 500_000, net.change("p2", "uact") + 500_000), (800, 120));
    net.end_block();
}

#[test]
fn defect_3_settling_dseq_12_leaves_dseq_123_alone() {
    let mut net = Testnet::new();
    for dseq in [12, 123] {
        net.deploy(dseq, "100uact", "1000000uact").unwrap();
        net.bid(dseq, "p1", "100uact").unwrap();
        net.take(&bid(dseq, "p1")).unwrap();
    }
    net.end_blocks(3);
    net.close(12).unwrap();
    assert_eq!(net.payment(&lease(123, "p1")).state(), EscrowState::Open);
    assert_eq!(net.lease_of(&lease(123, "p1")).state(), LeaseState::Active);
    net.end_block();
}

#[test]
fn defect_4_touching_an_account_twice_in_a_block_works() {
    let mut net = Testnet::with_lease();
    let lease = lease(7, "p1");
    net.withdraw(&lease).unwrap(); // in the block of the lease
    net.end_block();
    net.withdraw(&lease).unwrap();
    net.withdraw(&lease).unwrap();
    net.close_lease(&lease).unwrap();
    assert_eq!(net.payment(&lease).state(), EscrowState::Closed);
    assert_eq!(net.change("p1", "uact"), 100);
    net.close(7).unwrap();
    net.end_block();
    assert_eq!(net.change("owner", "uact"), -100);
}

/// There is no fallback to another denomination that could freeze an account: what is not in the denomination of the
/// prices waits untouched, and goes back.
#[test]
fn defect_5_money_in_another_denomination_freezes_nothing() {
    let mut net = Testnet::new();
    net.deploy(7, "100000uact", "500000uact").unwrap();
    net.bid(7, "p1", "100000uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.deposit(&account("stranger"), 7, "5000000uakt").unwrap();
    net.end_blocks(3);
    net.withdraw(&lease(7, "p1")).unwrap();
    net.deposit(&owner(), 7, "200000uact").unwrap();
    net.end_blocks(4);
    net.withdraw(&lease(7, "p1")).unwrap();
    assert_eq!(net.change("p1", "uact") + 500_000, 700_000);
    net.end_blocks(2);
    assert_eq!(net.lease_of(&lease(7, "p1")).state(), LeaseState::InsufficientFunds);
    assert_eq!((net.change("stranger", "uakt"), net.change("owner", "uact")), (0, -700_000));
}

#[test]
fn defect_6_a_fractional_rate_earns_however_often_it_is_settled() {
    let mut net = Testnet::with_open_order();
    net.bid(7, "p1", "0.4uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    for _ in 0..10 {
        net.end_block();
        net.withdraw(&lease(7, "p1")).unwrap();
    }
    assert_eq!(net.change("p1", "uact") + 500_000, 4);
}

#[test]
fn defect_7_payments_share_a_shortfall_in_proportion() {
    let mut net = Testnet::new();
    net.send(&create_deployment(7, &["200000uact", "100000uact"], "500000uact")).unwrap();
    let second = DeploymentId::new(owner(), 7).group(2).order(1).bid(account("p2"));
    net.bid(7, "p1", "200000uact").unwrap();
    net.bid_on(&second, "100000uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.take(&second).unwrap();
    net.end_blocks(3); // 300000 in the first block, 200000 of 300000 in the second
    assert_eq!((net.change("p1", "uact"), net.change("p2", "uact")), (333_333, 166_666));
    let unsettled = net.payment(&second.into()).unsettled;
    assert_eq!(dec(unsettled).to_string(), "33333.333333333333333334");
}

#[test]
fn defect_8_the_next_withdrawal_repeats_the_events_of_the_sweep_once() {
    let mut net = Testnet::new();
    net.deploy(7, "500000uact", "500000uact").unwrap();
    net.bid(7, "p1", "500000uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_blocks(5);
    assert_eq!(net.lease_of(&lease(7, "p1")).state(), LeaseState::InsufficientFunds);

    net.withdraw(&lease(7, "p1")).unwrap();
    assert_eq!(
        net.typed_events(),
        ["EventDeploymentClosed", "EventGroupClosed", "EventOrderClosed", "EventBidClosed", "EventLeaseClosed"]
    );
    assert_eq!(net.change("p1", "uact"), 500_000);
    assert!(!net.events.iter().any(|event| event.kind == "transfer"));
    check(net.withdraw(&lease(7, "p1")), expect!["escrow/7: payment closed"]);
    net.end_block();
}

/// A withdrawal that comes before the sweep in the same block finds the debt itself, and announces it itself.
#[test]
fn defect_8_a_withdrawal_may_find_the_debt_before_the_sweep() {
    let mut net = Testnet::new();
    net.deploy(7, "500000uact", "500000uact").unwrap();
    net.bid(7, "p1", "500000uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_blocks(2);
    net.withdraw(&lease(7, "p1")).unwrap();
    assert_eq!(
        net.typed_events(),
        ["EventDeploymentClosed", "EventGroupClosed", "EventOrderClosed", "EventBidClosed", "EventLeaseClosed"]
    );
    check(net.withdraw(&lease(7, "p1")), expect!["escrow/7: payment closed"]);
    net.end_block();
    assert_eq!(net.typed_events(), Vec::<&str>::new());
}

#[test]
fn defect_10_exactly_order_max_bids_open_bids_fit() {
    let mut net = Testnet::with_open_order();
    let authority = Address::module("gov").to_string();
    let params = akash_proto::akash::market::v1beta5::Params { order_max_bids: 2, ..crate::market::default_params() };
    net.send(&MsgUpdateParams { authority, params: Some(params) }).unwrap();
    net.bid(7, "p1", "100uact").unwrap();
    net.bid(7, "p2", "100uact").unwrap();
    check(net.bid(7, "p3", "100uact"), expect!["market/31: order already has 2 open bids: invalid bid"]);
    net.close_bid(&bid(7, "p1")).unwrap();
    net.bid(7, "p3", "100uact").unwrap();
}

#[test]
fn defect_11_a_bid_in_another_denomination_is_refused() {
    let mut net = Testnet::with_open_order();
    check(
        net.bid(7, "p1", "1uakt"),
        expect!["market/22: price is in uakt, the order's is in uact: bid price is invalid"],
    );
}

#[test]
fn defect_12_a_provider_bids_again_with_another_bseq() {
    let mut net = Testnet::with_open_order();
    net.bid(7, "p1", "100uact").unwrap();
    net.close_bid(&bid(7, "p1")).unwrap();
    check(net.bid(7, "p1", "90uact"), expect!["market/21: invalid bid: bid exists from provider"]);
    let mut again = bid(7, "p1");
    again.bseq = 1;
    net.bid_on(&again, "90uact").unwrap();
    net.take(&again).unwrap();
    net.end_blocks(2);
    net.withdraw(&again.into()).unwrap();
    assert_eq!(net.change("p1", "uact") + 500_000, 180);
    net.end_block();
}

#[test]
fn defect_13_no_group_of_a_closed_deployment_starts() {
    let mut net = Testnet::new();
    net.deploy(7, "500000uact", "500000uact").unwrap();
    net.bid(7, "p1", "500000uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_blocks(5);
    check(net.send(&MsgStartGroup { id: Some(group_of(7).into()) }), expect!["deployment/5: Deployment closed"]);
}

#[test]
fn defect_16_a_provider_may_leave_once_it_has_nothing_to_run() {
    let mut net = Testnet::with_lease();
    net.deploy(8, "100uact", "500000uact").unwrap();
    net.bid(8, "p1", "100uact").unwrap();
    let leave = MsgDeleteProvider { owner: account("p1").to_string() };
    check(net.send(&leave), expect!["provider/10: provider has active leases: internal error"]);
    net.close(7).unwrap();
    net.send(&leave).unwrap();
    assert_eq!(net.typed_events(), ["EventBidClosed", "EventProviderDeleted"]);
    assert_eq!((net.bid_of(&bid(8, "p1")).state(), net.change("p1", "uact")), (BidState::Closed, 0));
    net.end_block();
    assert!(net.send(&leave).is_err(), "it has left");
    net.register("p1").unwrap();
    net.end_block();
}

#[test]
fn defect_21_total_counts_all_rows_and_not_the_page() {
    let mut net = Testnet::new();
    for dseq in 1..=5 {
        net.deploy(dseq, "100uact", "500000uact").unwrap();
    }
    net.end_block();
    let pagination = Some(PageRequest { limit: 2, count_total: true, ..PageRequest::default() });
    let request = QueryOrdersRequest { filters: None, pagination };
    let answer: QueryOrdersResponse = net.query("/akash.market.v1beta5.Query/Orders", &request).unwrap();
    assert_eq!((answer.orders.len(), answer.pagination.unwrap().total), (2, 5));
}

/// Each module that keeps more than parameters says what holds of it, and the chain can be asked.
#[test]
fn defect_24_there_are_invariants() {
    let with: Vec<_> = crate::modules()
        .iter()
        .map(|module| (module.name(), module.invariants().len()))
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(with, [("audit", 2), ("cert", 1), ("deployment", 3), ("market", 7), ("escrow", 5)]);
    assert_eq!(Testnet::with_lease().violations(), Vec::<&str>::new());
}
