//! The fee on what providers earn.

use akash_proto::akash::take::v1::{QueryParamsRequest, QueryParamsResponse};
use akash_types::address::Address;
use expect_test::expect;

use super::testnet::*;

fn collected(net: &mut Testnet) -> i64 {
    net.balance(&Address::module("fee_collector"), "uact").to_i64().unwrap()
}

#[test]
fn fee_goes_to_the_collector_at_withdrawal() {
    let mut net = Testnet::with_lease();
    net.set_take(20, &[("uakt", 2)]).unwrap();
    net.end_blocks(7);
    net.withdraw(&lease(7, "p1")).unwrap();
    assert_eq!((net.change("p1", "uact") + 500_000, collected(&mut net)), (560, 140));
    assert_eq!(net.payment(&lease(7, "p1")).withdrawn.unwrap().amount, "700");
    net.end_block();
}

#[test]
fn many_small_withdrawals_pay_the_fee_of_one() {
    let mut net = Testnet::with_open_order();
    net.set_take(20, &[]).unwrap();
    net.bid(7, "p1", "4uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    for _ in 0..25 {
        net.end_block();
        net.withdraw(&lease(7, "p1")).unwrap();
    }
    assert_eq!((net.change("p1", "uact") + 500_000, collected(&mut net)), (80, 20));
}

#[test]
fn every_end_pays_the_fee_and_refunds_are_free() {
    let mut net = Testnet::with_lease();
    net.set_take(10, &[]).unwrap();
    net.end_blocks(10);
    net.close(7).unwrap();
    assert_eq!((net.change("p1", "uact"), collected(&mut net)), (900, 100));
    assert_eq!(net.change("owner", "uact"), -1000);
    net.end_block();
}

#[test]
fn sweep_pays_the_fee() {
    let mut net = Testnet::new();
    net.set_take(100, &[]).unwrap();
    net.deploy(7, "500000uact", "500000uact").unwrap();
    net.bid(7, "p1", "500000uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_blocks(4);
    assert_eq!((net.change("p1", "uact"), collected(&mut net)), (0, 500_000));
}

#[test]
fn denominations_have_rates_of_their_own() {
    let mut net = Testnet::new();
    net.set_take(20, &[("uact", 1)]).unwrap();
    net.end_block();
    let answer: QueryParamsResponse = net.query("/akash.take.v1.Query/Params", &QueryParamsRequest {}).unwrap();
    let params = answer.params.unwrap();
    assert_eq!((params.default_take_rate, params.denom_take_rates[0].rate), (20, 1));
}

#[test]
fn rates_are_percentages_and_the_authoritys() {
    let mut net = Testnet::new();
    check(net.set_take(101, &[]), expect!["sdk/18: take: default_take_rate 101 is above 100: invalid request"]);
    check(net.set_take(0, &[("uakt", 101)]), expect!["sdk/18: take: rate 101 of uakt is above 100: invalid request"]);
    check(net.set_take(0, &[("uakt", 1), ("uakt", 2)]), expect!["sdk/18: take: uakt has two rates: invalid request"]);
    assert!(net.set_take(0, &[("!", 1)]).is_err());
    let params = Some(akash_proto::akash::take::v1::Params::default());
    let message = akash_proto::akash::take::v1::MsgUpdateParams { authority: owner().to_string(), params };
    assert!(net.send(&message).is_err());
}
