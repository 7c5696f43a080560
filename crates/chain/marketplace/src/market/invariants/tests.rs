//! Each invariant is broken once, and says so.

use akash_kernel::Ctx;
use akash_proto::akash::ext::market::v1::OrderExpiry;
use akash_proto::akash::market::v1beta5::Order;

use super::*;
use crate::market::expiry;
use crate::tests::testnet::{Testnet, account, bid as bid_id, lease as lease_id, order as order_id};

/// A lease of deployment 7, an open order of deployment 8 with a bid, and an order of 9 that expires.
fn net() -> Testnet {
    let mut net = Testnet::with_lease();
    net.deploy(8, "100uact", "500000uact").unwrap();
    net.bid(8, "p2", "100uact").unwrap();
    net.deploy(9, "100uact", "500000uact").unwrap();
    expiry::set(&mut net.bench.ctx(), &order_id(9), Some(100)).unwrap();
    net.end_block();
    net
}

fn broken_by(change: impl FnOnce(&mut Ctx)) -> Vec<&'static str> {
    let mut net = net();
    change(&mut net.bench.ctx());
    net.violations()
}

const WHOLE: &str = "active lease, active bid, active order and open payment are one";
const INDEXES: &str = "indexes equal scans";

#[test]
fn nothing_is_broken_at_first() {
    assert_eq!(broken_by(|_| {}), Vec::<&str>::new());
}

#[test]
fn a_lease_without_its_bid_is_found() {
    let found = broken_by(|ctx| {
        let mut bid = state::BIDS.get(ctx, &bid_id(7, "p1")).unwrap().unwrap();
        bid.set_state(bid::State::Open);
        state::save_bid(ctx, &bid_id(7, "p1"), &bid, Some(bid::State::Active)).unwrap();
    });
    assert_eq!(found, [WHOLE]);
}

#[test]
fn a_lease_without_its_order_is_found() {
    let found = broken_by(|ctx| {
        let mut order = state::ORDERS.get(ctx, &order_id(7)).unwrap().unwrap();
        order.set_state(order::State::Open);
        state::save_order(ctx, &order_id(7), &order, Some(order::State::Active)).unwrap();
    });
    assert_eq!(found, [WHOLE]);
}

#[test]
fn a_lease_without_its_payment_is_found() {
    let found = broken_by(|ctx| {
        let id = lease_id(7, "p1");
        let mut lease = state::LEASES.get(ctx, &id).unwrap().unwrap();
        lease.set_state(lease::State::Closed);
        lease.reason = 1;
        lease.closed_on = 1;
        state::save_lease(ctx, &id, &lease, Some(lease::State::Active)).unwrap();
    });
    assert_eq!(found, [WHOLE]);
}

#[test]
fn a_second_live_order_is_found() {
    let found = broken_by(|ctx| {
        let id = order_id(8).group.order(2);
        let order = Order { id: Some((&id).into()), state: order::State::Open.into(), ..Order::default() };
        state::save_order(ctx, &id, &order, None).unwrap();
    });
    assert_eq!(found, ["a group has one live order"]);
}

#[test]
fn a_live_bid_without_a_deposit_is_found() {
    let found = broken_by(|ctx| {
        let mut bid = state::BIDS.get(ctx, &bid_id(8, "p2")).unwrap().unwrap();
        let id = order_id(8).bid(account("p3"));
        bid.id = Some((&id).into());
        state::save_bid(ctx, &id, &bid, None).unwrap();
    });
    assert_eq!(found, ["a live bid has an open account"]);
}

#[test]
fn a_live_bid_of_nobody_is_found() {
    let found = broken_by(|ctx| {
        let p2 = akash_store::Map::<Address, akash_proto::akash::provider::v1beta4::Provider>::new("provider", 0x11);
        p2.remove(ctx, &account("p2")).unwrap();
    });
    assert_eq!(found, ["a provider with a live bid is registered"]);
}

#[test]
fn a_lease_that_ends_silently_is_found() {
    let found = broken_by(|ctx| {
        let id = lease_id(7, "p1");
        let mut lease = state::LEASES.get(ctx, &id).unwrap().unwrap();
        lease.set_state(lease::State::Closed);
        lease.closed_on = 1;
        state::save_lease(ctx, &id, &lease, Some(lease::State::Active)).unwrap();
    });
    assert_eq!(found, [WHOLE, "a lease that ended has a reason"]);
}

#[test]
fn an_expiry_without_an_open_order_is_found() {
    let found = broken_by(|ctx| expiry::set(ctx, &order_id(7), Some(100)).unwrap());
    assert_eq!(found, ["only an open order expires"]);
}

#[test]
fn each_index_is_looked_at() {
    let changes: &[fn(&mut Ctx)] = &[
        |ctx| state::ORDERS_BY_STATE.insert(ctx, &(3, order_id(99))).unwrap(),
        |ctx| state::ORDERS_BY_STATE.insert(ctx, &(1, order_id(99).group.order(3))).unwrap(),
        |ctx| state::BIDS_BY_STATE.insert(ctx, &(3, bid_id(7, "p4"))).unwrap(),
        |ctx| state::BIDS_BY_PROVIDER.remove(ctx, &(account("p2"), 1, bid_id(8, "p2"))).unwrap(),
        |ctx| state::LEASES_BY_STATE.remove(ctx, &(1, lease_id(7, "p1"))).unwrap(),
        |ctx| state::LEASES_BY_PROVIDER.insert(ctx, &(account("p1"), 3, lease_id(7, "p1"))).unwrap(),
        |ctx| state::EXPIRIES_BY_HEIGHT.remove(ctx, &(100, order_id(9))).unwrap(),
        |ctx| {
            let expiry = OrderExpiry { id: Some((&order_id(9)).into()), expires_at: 101 };
            state::EXPIRIES.put(ctx, &order_id(9), &expiry).unwrap();
        },
        |ctx| state::UNANNOUNCED_BY_HEIGHT.insert(ctx, &(5, lease_id(7, "p1"))).unwrap(),
        |ctx| ended::add(ctx, &state::ENDED_ORDERS, &3).unwrap(),
        |ctx| ended::add(ctx, &state::ENDED_BIDS, &4).unwrap(),
        |ctx| ended::add(ctx, &state::ENDED_BIDS_OF, &(account("p1"), 3)).unwrap(),
        |ctx| ended::add(ctx, &state::ENDED_LEASES, &3).unwrap(),
        |ctx| ended::add(ctx, &state::ENDED_LEASES_OF, &(account("p1"), 3)).unwrap(),
    ];
    for (number, change) in changes.iter().enumerate() {
        let found = broken_by(change);
        assert!(found.contains(&INDEXES), "change {number}: {found:?}");
    }
}
