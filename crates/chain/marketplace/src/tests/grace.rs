//! Grace periods: what happens between the height at which an account runs dry and the end of its deployment.

use akash_proto::akash::deployment::v1beta4::{MsgCloseGroup, MsgPauseGroup};
use akash_proto::akash::escrow::types::v1::State as EscrowState;
use akash_proto::akash::ext::escrow::v1::{MsgUpdateParams, Params};
use akash_proto::akash::market::v1::lease::State as LeaseState;
use expect_test::expect;

use super::testnet::*;

/// Deployment 7 has money for five blocks since the present one, and a grace period.
fn with_five_blocks(grace: u64) -> Testnet {
    let mut net = Testnet::new();
    net.set_grace(grace);
    net.deploy(7, "100000uact", "500000uact").unwrap();
    net.bid(7, "p1", "100000uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net
}

fn state(net: &mut Testnet) -> LeaseState {
    net.lease_of(&lease(7, "p1")).state()
}

/// Defect 17 #9: without a deposit the sweep closes the deployment at the end of the grace period, and not before.
#[test]
fn defect_9_a_deployment_closes_at_the_end_of_its_grace_period() {
    let mut net = with_five_blocks(3);
    net.end_blocks(6); // the five that are covered, after the one of the lease
    assert_eq!(net.typed_events(), Vec::<&str>::new());
    net.end_block(); // the first that is not covered
    assert_eq!(net.typed_events(), ["EventGracePeriodStarted"]);
    net.end_blocks(2);
    assert_eq!(state(&mut net), LeaseState::Active);
    net.end_block();
    assert_eq!(state(&mut net), LeaseState::InsufficientFunds);
    assert_eq!(net.change("p1", "uact"), 500_000);
    let payment = net.payment(&lease(7, "p1"));
    assert_eq!(payment.state(), EscrowState::Overdrawn);
    assert_eq!(dec(payment.unsettled).to_string(), "400000.000000000000000000");
}

/// Defect 17 #9: a deposit that covers the debt lets everything go on.
#[test]
fn defect_9_a_deposit_that_covers_the_debt_saves_the_deployment() {
    let mut net = with_five_blocks(3);
    net.end_blocks(8);
    net.deposit(&account("stranger"), 7, "450000uact").unwrap(); // 300000 are owed by now
    net.end_blocks(2);
    assert_eq!(state(&mut net), LeaseState::Active);
    net.withdraw(&lease(7, "p1")).unwrap();
    assert_eq!(net.change("p1", "uact") + 500_000, 900_000, "no block is lost, none is paid twice");
    net.end_block();
}

/// A deposit that covers a part of the debt buys the blocks that it covers: never are more than the grace period owed.
#[test]
fn a_deposit_that_covers_a_part_moves_the_end_by_what_it_covers() {
    let mut net = with_five_blocks(3);
    net.end_blocks(9);
    net.deposit(&owner(), 7, "100000uact").unwrap();
    net.end_block();
    assert_eq!(state(&mut net), LeaseState::Active);
    net.end_block();
    assert_eq!(state(&mut net), LeaseState::InsufficientFunds);
    assert_eq!(net.change("p1", "uact"), 600_000);
}

#[test]
fn withdrawals_in_the_grace_period_pay_what_is_covered() {
    let mut net = with_five_blocks(3);
    net.end_blocks(8);
    for _ in 0..2 {
        net.withdraw(&lease(7, "p1")).unwrap();
        assert_eq!(net.change("p1", "uact") + 500_000, 500_000);
    }
    assert_eq!(state(&mut net), LeaseState::Active);
    net.end_block();
}

#[test]
fn what_needs_a_settled_account_waits_for_a_deposit() {
    let mut net = with_five_blocks(3);
    net.end_blocks(8);
    let overdrawn = || expect!["escrow/4: nothing left since height 8, deposit first: account overdrawn"];
    check(net.close_lease(&lease(7, "p1")), overdrawn());
    check(net.close_bid(&bid(7, "p1")), overdrawn());
    check(net.send(&MsgPauseGroup { id: Some(group_of(7).into()) }), overdrawn());
    check(net.send(&MsgCloseGroup { id: Some(group_of(7).into()) }), overdrawn());
    net.close(7).unwrap();
    assert_eq!(state(&mut net), LeaseState::InsufficientFunds);
    net.end_block();
}

#[test]
fn a_grace_period_that_is_taken_away_ends_at_once() {
    let mut net = with_five_blocks(1000);
    net.end_blocks(10);
    assert_eq!(state(&mut net), LeaseState::Active);
    net.set_grace(2);
    net.end_block();
    assert_eq!(state(&mut net), LeaseState::InsufficientFunds);
}

#[test]
fn params_of_escrow_have_bounds() {
    let mut net = Testnet::new();
    let mut check_params = |max_deposits, reserved_deposits, grace_period_blocks, expected: expect_test::Expect| {
        let params = Some(Params { max_deposits, reserved_deposits, grace_period_blocks });
        check(net.send(&MsgUpdateParams { authority: gov(), params }), expected);
    };
    check_params(1, 0, 0, expect!["ok"]);
    check_params(1000, 999, 1_000_000, expect!["ok"]);
    check_params(0, 0, 0, expect!["sdk/18: escrow: max_deposits 0 is not between 1 and 1000: invalid request"]);
    check_params(1001, 0, 0, expect!["sdk/18: escrow: max_deposits 1001 is not between 1 and 1000: invalid request"]);
    check_params(5, 5, 0, expect!["sdk/18: escrow: reserved_deposits 5 leave no room for others: invalid request"]);
    check_params(
        5,
        1,
        1_000_001,
        expect!["sdk/18: escrow: grace_period_blocks 1000001 is above 1000000: invalid request"],
    );
    let params = Some(Params { max_deposits: 1, reserved_deposits: 0, grace_period_blocks: 0 });
    assert!(net.send(&MsgUpdateParams { authority: owner().to_string(), params }).is_err());
}
