//! Limits as parameters: the authority changes them, the next order obeys.

use akash_kernel::TxError;
use akash_proto::akash::deployment::v1beta4::{MsgPauseGroup, MsgStartGroup, group};
use akash_proto::akash::ext::deployment::v1::{MsgUpdateParams, Params, QueryParamsRequest, QueryParamsResponse};
use akash_proto::akash::ext::{escrow::v1 as escrow, market::v1 as market};
use akash_proto::akash::market::v1beta5::order;
use expect_test::{Expect, expect};

use super::testnet::*;
use crate::deployment::spec::limits::{CEILING, DEFAULT};

fn set(net: &mut Testnet, limits: Params) -> Result<(), TxError> {
    net.send(&MsgUpdateParams { authority: gov(), params: Some(limits) })
}

/// Two groups; the first one of two units, each with two replicas, gpus, volumes and endpoints.
fn check_limit(change: fn(&mut Params), expected: Expect) {
    let mut net = Testnet::new();
    let mut limits = DEFAULT;
    change(&mut limits);
    set(&mut net, limits).unwrap();
    let mut message = create_deployment(7, &["100uact", "100uact"], "500000uact");
    let unit = &mut message.groups[0].resources[0];
    unit.count = 2;
    let resource = unit.resource.as_mut().unwrap();
    resource.storage.push(resource.storage[0].clone());
    resource.gpu.as_mut().unwrap().units.as_mut().unwrap().val = b"2".to_vec();
    resource.endpoints = vec![Default::default(); 2];
    let mut second = message.groups[0].resources[0].clone();
    second.resource.as_mut().unwrap().id = 2;
    message.groups[0].resources.push(second);
    check(net.send(&message), expected);
}

#[test]
fn each_limit_is_obeyed_by_the_next_order() {
    check_limit(|_| {}, expect!["ok"]);
    check_limit(|limits| limits.max_groups = 1, expect!["deployment/7: more than 1 groups: Invalid groups"]);
    check_limit(
        |limits| limits.max_units = 1,
        expect!["deployment/19: group group0: a group has 1 to 1 resource units: GroupSpec invalid"],
    );
    check_limit(
        |limits| limits.max_replicas = 1,
        expect!["deployment/19: group group0: more than 1 replicas: GroupSpec invalid"],
    );
    check_limit(
        |limits| limits.max_unit_cpu_milli = 99,
        expect!["deployment/19: group group0: cpu 100 is not between 10 and 99: GroupSpec invalid"],
    );
    check_limit(
        |limits| limits.max_unit_gpu = 1,
        expect!["deployment/19: group group0: gpu 2 is not between 0 and 1: GroupSpec invalid"],
    );
    check_limit(
        |limits| limits.max_unit_memory_bytes = 1 << 25,
        expect!["deployment/19: group group0: memory 67108864 is not between 1048576 and 33554432: GroupSpec invalid"],
    );
    check_limit(
        |limits| limits.max_volume_bytes = 1 << 25,
        expect!["deployment/19: group group0: storage 67108864 is not between 5242880 and 33554432: GroupSpec invalid"],
    );
    check_limit(
        |limits| limits.max_volumes = 1,
        expect!["deployment/19: group group0: more than 1 volumes: GroupSpec invalid"],
    );
    check_limit(
        |limits| limits.max_endpoints = 1,
        expect!["deployment/19: group group0: more than 1 endpoints: GroupSpec invalid"],
    );
    check_limit(
        |limits| limits.max_group_cpu_milli = 399,
        expect!["deployment/19: group group0: total cpu 400 is not in 1..=399: GroupSpec invalid"],
    );
    check_limit(
        |limits| limits.max_group_gpu = 7,
        expect!["deployment/19: group group0: total gpu 8 is not in 0..=7: GroupSpec invalid"],
    );
    check_limit(
        |limits| limits.max_group_memory_bytes = 268_435_455,
        expect!["deployment/19: group group0: total memory 268435456 is not in 1..=268435455: GroupSpec invalid"],
    );
    check_limit(
        |limits| limits.max_group_storage_bytes = 536_870_911,
        expect!["deployment/19: group group0: total storage 536870912 is not in 0..=536870911: GroupSpec invalid"],
    );
    check_limit(
        |limits| limits.max_unit_price = 99,
        expect!["deployment/19: group group0: price 100.000000000000000000uact is above 99: GroupSpec invalid"],
    );
}

#[test]
fn a_group_beyond_the_new_limits_does_not_start_again() {
    let mut net = Testnet::with_open_order();
    net.send(&MsgPauseGroup { id: Some(group_of(7).into()) }).unwrap();
    set(&mut net, Params { max_unit_cpu_milli: 50, ..DEFAULT }).unwrap();
    check(
        net.send(&MsgStartGroup { id: Some(group_of(7).into()) }),
        expect!["deployment/19: group group0: cpu 100 is not between 10 and 50: GroupSpec invalid"],
    );
    set(&mut net, DEFAULT).unwrap();
    check(net.send(&MsgStartGroup { id: Some(group_of(7).into()) }), expect!["ok"]);
}

/// An owner can always leave a provider; only the new order depends on the limits.
#[test]
fn an_owner_leaves_a_provider_whatever_the_limits() {
    let mut net = Testnet::with_lease();
    set(&mut net, Params { max_unit_cpu_milli: 50, ..DEFAULT }).unwrap();
    net.end_block();
    net.close_lease(&lease(7, "p1")).unwrap();
    assert_eq!(net.order(&order(7)).state(), order::State::Closed);
    let group = crate::deployment::api::group(&mut net.bench.ctx(), &group_of(7)).unwrap().unwrap();
    assert_eq!(group.state(), group::State::Paused);
    assert_eq!(net.typed_events().last(), Some(&"EventGroupPaused"));
    net.end_block();
}

#[test]
fn limits_have_bounds_and_are_the_authoritys() {
    let mut net = Testnet::new();
    check(set(&mut net, CEILING), expect!["ok"]);
    check(
        set(&mut net, Params { max_groups: CEILING.max_groups + 1, ..DEFAULT }),
        expect!["deployment/22: max_groups 101 is not between 1 and 100: parameter invalid"],
    );
    check(
        set(&mut net, Params { max_volume_bytes: 1, ..DEFAULT }),
        expect!["deployment/22: max_volume_bytes 1 is not between 5242880 and 1152921504606846976: parameter invalid"],
    );
    check(
        set(&mut net, Params::default()),
        expect!["deployment/22: max_groups 0 is not between 1 and 100: parameter invalid"],
    );
    assert!(net.send(&MsgUpdateParams { authority: owner().to_string(), params: Some(DEFAULT) }).is_err());
    net.end_block();
    let answer: QueryParamsResponse =
        net.query("/akash.ext.deployment.v1.Query/Params", &QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(CEILING));
}

#[test]
fn a_provider_has_so_many_open_bids_on_an_order() {
    let mut net = Testnet::with_open_order();
    let bids: Vec<_> = (0..4)
        .map(|bseq| {
            let mut id = bid(7, "p1");
            id.bseq = bseq;
            id
        })
        .collect();
    for id in &bids[..3] {
        net.bid_on(id, "100uact").unwrap();
    }
    let full = || expect!["market/31: provider already has 3 open bids on the order: invalid bid"];
    check(net.bid_on(&bids[3], "100uact"), full());
    net.bid(7, "p2", "100uact").unwrap();
    net.close_bid(&bids[1]).unwrap();
    net.bid_on(&bids[3], "100uact").unwrap();

    let params = Some(market::Params { order_max_bids_per_provider: 0, max_order_lifetime_blocks: 1 });
    check(
        net.send(&market::MsgUpdateParams { authority: gov(), params }),
        expect!["market/29: order_max_bids_per_provider 0 is not between 1 and 500: parameter invalid"],
    );
    net.end_block();
}

#[test]
fn number_of_deposits_is_a_parameter() {
    let mut net = Testnet::with_open_order();
    let params = Some(escrow::Params { max_deposits: 3, reserved_deposits: 1, grace_period_blocks: 0 });
    net.send(&escrow::MsgUpdateParams { authority: gov(), params }).unwrap();
    net.deposit(&account("stranger"), 7, "1uact").unwrap();
    check(
        net.deposit(&account("stranger"), 7, "1uact"),
        expect!["escrow/16: account already holds 2 deposits: Deposit invalid"],
    );
    net.deposit(&owner(), 7, "1uact").unwrap();
    check(net.deposit(&owner(), 7, "1uact"), expect!["escrow/16: account already holds 3 deposits: Deposit invalid"]);
    net.end_block();
}
