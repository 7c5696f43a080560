//! Each refusal of the market, as clients see it.

use akash_proto::akash::base::attributes::v1::{Attribute, SignedBy};
use akash_proto::akash::base::resources::v1beta4::{Memory, ResourceValue, Resources, Storage};
use akash_proto::akash::deployment::v1::DeploymentReclamation;
use akash_proto::akash::deployment::v1beta4::{self as deployment, MsgPauseGroup};
use akash_proto::akash::market::v1::lease::State as LeaseState;
use akash_proto::akash::market::v1beta5::{
    MsgCloseBid, MsgCreateBid, MsgLeaseStartReclaim, MsgUpdateParams, OfferPrices, ResourceOffer,
};
use akash_proto::cosmos::base::v1beta1::{Coin, DecCoin};
use akash_types::address::Address;
use akash_types::id::{BidId, LeaseId};
use expect_test::{Expect, expect};
use prost::Message;
use prost_types::Duration;

use super::testnet::*;
use crate::deployment::spec::limits::MAX_SPEC_BYTES;

fn check_bid(change: impl FnOnce(&mut MsgCreateBid), expected: Expect) {
    let mut net = Testnet::with_open_order();
    let mut message = create_bid(&bid(7, "p1"), "100uact");
    change(&mut message);
    check(net.send(&message), expected);
}

#[test]
fn create_bid_is_refused() {
    check_bid(|_| {}, expect!["ok"]);
    check_bid(
        |msg| msg.id.as_mut().unwrap().provider = owner().to_string(),
        expect!["market/2: owner and provider are the same account"],
    );
    check_bid(
        |msg| msg.id.as_mut().unwrap().provider = "p1".into(),
        expect![
            "sdk/7: invalid provider address: decoding bech32 failed: invalid bech32 string length 2: invalid address"
        ],
    );
    check_bid(|msg| msg.price.as_mut().unwrap().amount = "0".into(), expect!["market/19: invalid bid: zero price"]);
    check_bid(|msg| msg.price = None, expect!["market/22: bid price is invalid"]);
    check_bid(
        |msg| msg.price.as_mut().unwrap().amount = "100000000000000000001".into(),
        expect!["market/22: 100.000000000000000001uact is above 100.000000000000000000uact: bid price is invalid"],
    );
    check_bid(
        |msg| msg.deposit = Some(deposit("499999uact")),
        expect!["market/28: 499999uact is below the minimum of 500000uact: deposit invalid"],
    );
    check_bid(
        |msg| msg.deposit = Some(deposit("500000ufoo")),
        expect!["market/28: no deposit in ufoo is accepted: deposit invalid"],
    );
    check_bid(|msg| msg.deposit = Some(deposit("2000000000uact")), expect!["market/28: insufficient: deposit invalid"]);
    check_bid(|msg| msg.id.as_mut().unwrap().oseq = 2, expect!["market/15: invalid order: order not found"]);
    check_bid(
        |msg| msg.id.as_mut().unwrap().provider = account("stranger").to_string(),
        expect!["market/30: unknown provider"],
    );
    check_bid(
        |msg| msg.resources_offer = vec![ResourceOffer::default()],
        expect!["market/32: the offer is not for the resources of the order: capabilities mismatch"],
    );
    check_bid(
        |msg| {
            let cpu = Some(DecCoin { denom: "uact".to_owned(), amount: "1.5".to_owned() });
            let prices = Some(OfferPrices { cpu, ..Default::default() });
            msg.resources_offer = vec![ResourceOffer { resources: None, count: 1, prices }];
        },
        expect!["market/31: resources_offer has a quantity or price that is no number: invalid bid"],
    );
    check_bid(
        |msg| {
            let memory = Memory { quantity: Some(ResourceValue { val: vec![215, 77] }), ..Default::default() };
            let resources = Some(Resources { id: 1, memory: Some(memory), ..Default::default() });
            msg.resources_offer = vec![ResourceOffer { resources, count: 1, prices: None }];
        },
        expect!["market/31: resources_offer has a quantity or price that is no number: invalid bid"],
    );
    check_bid(
        |msg| msg.reclamation_window = Some(Duration { seconds: 1, nanos: 0 }),
        expect!["market/39: 1s: reclamation window outside governance bounds"],
    );
    check_bid(
        |msg| msg.reclamation_window = Some(Duration { seconds: -1, nanos: 0 }),
        expect!["market/39: negative: reclamation window outside governance bounds"],
    );
    check_bid(
        |msg| msg.reclamation_window = Some(Duration { seconds: 0, nanos: 0 }),
        expect!["market/39: 0s: reclamation window outside governance bounds"],
    );
}

#[test]
fn bids_on_orders_that_are_taken_or_closed_are_refused() {
    let mut net = Testnet::with_lease();
    check(net.bid(7, "p1", "1uact"), expect!["market/13: bid: order not open"]);
    net.close(7).unwrap();
    check(net.bid(7, "p2", "1uact"), expect!["market/24: order closed"]);
}

#[test]
fn provider_must_have_what_the_order_asks_for() {
    let mut net = Testnet::new();
    let attribute = |key: &str| Attribute { key: key.into(), value: "true".into() };
    let mut by_attribute = create_deployment(7, &["100uact"], "500000uact");
    by_attribute.groups[0].requirements.get_or_insert_default().attributes = vec![attribute("region/eu")];
    net.send(&by_attribute).unwrap();
    check(net.bid(7, "p1", "1uact"), expect!["market/5: attribute mismatch"]);

    let mut by_auditor = create_deployment(8, &["100uact"], "500000uact");
    let signed_by = SignedBy { all_of: vec![account("auditor").to_string()], any_of: Vec::new() };
    by_auditor.groups[0].requirements.get_or_insert_default().signed_by = Some(signed_by);
    net.send(&by_auditor).unwrap();
    check(net.bid(8, "p1", "1uact"), expect!["market/5: attribute mismatch"]);

    let mut by_storage = create_deployment(9, &["100uact"], "500000uact");
    let resources = by_storage.groups[0].resources[0].resource.as_mut().unwrap();
    resources.storage[0].attributes = vec![attribute("persistent")];
    net.send(&by_storage).unwrap();
    check(net.bid(9, "p1", "1uact"), expect!["market/32: capabilities mismatch"]);
}

#[test]
fn leases_are_refused() {
    let mut net = Testnet::with_open_order();
    check(net.take(&bid(7, "p1")), expect!["market/18: invalid bid: bid not found"]);
    net.bid(7, "p1", "100uact").unwrap();
    net.bid(7, "p2", "100uact").unwrap();
    net.close_bid(&bid(7, "p2")).unwrap();
    check(net.take(&bid(7, "p2")), expect!["market/12: bid not open"]);
    net.take(&bid(7, "p1")).unwrap();
    check(net.take(&bid(7, "p1")), expect!["market/12: bid not open"]);
    check(net.withdraw(&lease(7, "p2")), expect!["market/7: unknown lease"]);
    check(net.close_lease(&lease(8, "p2")), expect!["market/15: invalid order: order not found"]);
    check(net.close_lease(&lease(7, "p2")), expect!["market/11: bid not active"]);
    net.close_lease(&lease(7, "p1")).unwrap();
    check(net.close_lease(&lease(7, "p1")), expect!["market/24: order closed"]);
    check(net.withdraw(&lease(7, "p1")), expect!["escrow/7: payment closed"]);
}

#[test]
fn a_paused_group_has_no_order_to_take() {
    let mut net = Testnet::with_open_order();
    net.bid(7, "p1", "100uact").unwrap();
    net.send(&MsgPauseGroup { id: Some(group_of(7).into()) }).unwrap();
    check(net.take(&bid(7, "p1")), expect!["market/12: bid not open"]);
    check(net.bid(7, "p2", "100uact"), expect!["market/24: order closed"]);
    assert_eq!(net.change("p1", "uact"), 0);
}

/// An account that ran dry in this very block takes no further lease; the end of the block closes it.
#[test]
fn lease_on_a_dry_account_is_refused() {
    let mut net = Testnet::new();
    net.send(&create_deployment(7, &["500000uact", "1uact"], "500000uact")).unwrap();
    net.bid(7, "p1", "500000uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    let second = akash_types::id::DeploymentId::new(owner(), 7).group(2).order(1).bid(account("p2"));
    net.bid_on(&second, "1uact").unwrap();
    net.end_blocks(2);
    check(net.take(&second), expect!["escrow/4: account overdrawn"]);
    net.end_block();
    assert_eq!(net.lease_of(&lease(7, "p1")).state(), LeaseState::InsufficientFunds);
    assert_eq!(net.change("p2", "uact"), 0);
}

/// A deposit of nothing in one denomination, prices in another: the account has nothing to pay the lease with.
#[test]
fn lease_in_a_denomination_that_the_account_lacks_is_refused() {
    let mut net = Testnet::new();
    let coin = |denom: &str| Coin { denom: denom.into(), amount: "0".into() };
    let params = Some(deployment::Params { min_deposits: vec![coin("uact"), coin("uakt")] });
    net.send(&deployment::MsgUpdateParams { authority: Address::module("gov").to_string(), params }).unwrap();
    net.send(&create_deployment(7, &["1uakt"], "0uact")).unwrap();
    net.bid(7, "p1", "1uakt").unwrap();
    check(net.take(&bid(7, "p1")), expect!["escrow/5: uakt: invalid denomination"]);
    net.deposit(&owner(), 7, "10uakt").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_block();
    net.close(7).unwrap();
    assert_eq!((net.change("owner", "uakt"), net.change("p1", "uakt")), (-1, 1));
    net.end_block();
}

#[test]
fn close_bid_is_refused() {
    let mut net = Testnet::with_open_order();
    let close = |id: &BidId, reason| MsgCloseBid { id: Some(id.into()), reason };
    check(net.close_bid(&bid(7, "p1")), expect!["market/6: unknown bid"]);
    net.bid(7, "p1", "100uact").unwrap();
    net.bid(7, "p2", "100uact").unwrap();
    check(
        net.send(&close(&bid(7, "p1"), 1)),
        expect!["market/33: 1 is no reason of a provider: invalid lease closed reason"],
    );
    net.take(&bid(7, "p1")).unwrap();
    check(net.close_bid(&bid(7, "p2")), expect!["market/8: unknown lease for bid"]);
    net.close_bid(&bid(7, "p1")).unwrap();
    check(net.close_bid(&bid(7, "p1")), expect!["market/10: lease not active"]);
}

#[test]
fn reclamation_is_agreed_announced_and_waited_for() {
    let window = |seconds| Some(Duration { seconds, nanos: 0 });
    let start = |id: &LeaseId| MsgLeaseStartReclaim { id: Some(id.into()), reason: 10_001 };
    let mut net = Testnet::new();
    let mut message = create_deployment(7, &["100uact"], "500000uact");
    message.reclamation = Some(DeploymentReclamation { min_window: window(7200) });
    net.send(&message).unwrap();

    let mut offer = create_bid(&bid(7, "p1"), "100uact");
    check(net.send(&offer), expect!["market/40: order requires reclamation but bid does not offer it"]);
    offer.reclamation_window = window(3600);
    check(net.send(&offer), expect!["market/41: reclamation window shorter than order minimum"]);
    offer.reclamation_window = window(7200);
    net.send(&offer).unwrap();
    net.take(&bid(7, "p1")).unwrap();

    let lease = lease(7, "p1");
    check(net.close_bid(&bid(7, "p1")), expect!["market/37: reclamation not started; call MsgLeaseStartReclaim first"]);
    net.send(&start(&lease)).unwrap();
    assert_eq!(net.typed_events(), ["EventLeaseReclaimStarted"]);
    check(net.send(&start(&lease)), expect!["market/36: reclamation already in progress"]);
    check(net.close_bid(&bid(7, "p1")), expect!["market/38: reclamation window has not elapsed"]);
    net.end_block();
    net.bench.block.time.seconds += 7200;
    net.close_bid(&bid(7, "p1")).unwrap();
    assert_eq!(net.lease_of(&lease).reason, 10_000);
    check(net.send(&start(&lease)), expect!["market/10: lease not active"]);
    net.end_block();
}

#[test]
fn reclamation_without_an_agreement_is_refused() {
    let mut net = Testnet::with_lease();
    let start = |id: &LeaseId, reason| MsgLeaseStartReclaim { id: Some(id.into()), reason };
    check(net.send(&start(&lease(7, "p1"), 10_001)), expect!["market/35: lease does not have reclamation configured"]);
    check(
        net.send(&start(&lease(7, "p1"), 0)),
        expect!["market/33: 0 is no reason of a provider: invalid lease closed reason"],
    );
    check(net.send(&start(&lease(7, "p2"), 10_001)), expect!["market/7: unknown lease"]);
}

#[test]
fn market_params_are_refused() {
    let mut net = Testnet::new();
    let mut check_params = |change: fn(&mut akash_proto::akash::market::v1beta5::Params), expected: Expect| {
        let mut params = crate::market::default_params();
        change(&mut params);
        let authority = Address::module("gov").to_string();
        check(net.send(&MsgUpdateParams { authority, params: Some(params) }), expected);
    };
    check_params(|_| {}, expect!["ok"]);
    check_params(|params| params.bid_min_deposits.clear(), expect!["market/29: no minimum deposit: parameter invalid"]);
    check_params(
        |params| params.order_max_bids = 0,
        expect!["market/29: order_max_bids 0 is not between 1 and 500: parameter invalid"],
    );
    check_params(
        |params| params.order_max_bids = 501,
        expect!["market/29: order_max_bids 501 is not between 1 and 500: parameter invalid"],
    );
    check_params(
        |params| params.bid_min_deposit = None,
        expect!["market/29: bid_min_deposit is no coin: parameter invalid"],
    );
    check_params(
        |params| params.max_reclamation_window = params.min_reclamation_window,
        expect!["market/29: reclamation windows are not in order: parameter invalid"],
    );
    check_params(|params| params.min_reclamation_window = Some(Duration { seconds: 0, nanos: 0 }), expect!["ok"]);
    check_params(
        |params| params.min_reclamation_window = Some(Duration { seconds: 0, nanos: -1 }),
        expect!["market/29: reclamation windows are not in order: parameter invalid"],
    );
}

#[test]
fn offer_of_a_bid_has_a_largest_size() {
    let offer = |bytes: usize| {
        let volume = |name: usize| Storage { name: "x".repeat(name), ..Default::default() };
        let of = |name: usize| {
            let resources = Resources { id: 1, storage: vec![volume(name)], ..Default::default() };
            ResourceOffer { resources: Some(resources), count: 1, prices: None }
        };
        let around = of(MAX_SPEC_BYTES / 2).encoded_len() - MAX_SPEC_BYTES / 2;
        let offer = of(bytes - around);
        assert_eq!(offer.encoded_len(), bytes);
        vec![offer]
    };
    let too_long = expect!["market/31: resources_offer is longer than 262144 bytes: invalid bid"];
    check_bid(|msg| msg.resources_offer = offer(MAX_SPEC_BYTES + 1), too_long);
    check_bid(|msg| msg.resources_offer = offer(MAX_SPEC_BYTES), expect!["ok"]);
}
