//! Orders that expire, and those that do not.

use akash_kernel::TxError;
use akash_proto::akash::deployment::v1beta4::{MsgStartGroup, group};
use akash_proto::akash::ext::market::v1::{
    MsgSetOrderExpiry, MsgUpdateParams, Params, QueryOrderExpiriesRequest, QueryOrderExpiriesResponse,
};
use akash_proto::akash::market::v1beta5::{bid::State as BidState, order::State as OrderState};
use akash_types::id::OrderId;
use expect_test::expect;

use super::testnet::*;

fn set(net: &mut Testnet, id: &OrderId, expires_at: i64) -> Result<(), TxError> {
    net.send(&MsgSetOrderExpiry { id: Some(id.into()), expires_at })
}

fn listed(net: &Testnet) -> Vec<i64> {
    listed_of(net, &owner().to_string(), 0)
}

fn listed_of(net: &Testnet, owner: &str, dseq: u64) -> Vec<i64> {
    let request = QueryOrderExpiriesRequest { owner: owner.to_owned(), dseq, pagination: None };
    let answer: QueryOrderExpiriesResponse = net.query("/akash.ext.market.v1.Query/OrderExpiries", &request).unwrap();
    answer.order_expiries.iter().map(|expiry| expiry.expires_at).collect()
}

/// Defect 17 #15: an order may expire; then its bids end, their deposits go back, and its group waits for its owner.
#[test]
fn defect_15_an_order_expires_with_its_bids() {
    let mut net = Testnet::with_open_order();
    let height = net.bench.block.height;
    set(&mut net, &order(7), height + 2).unwrap();
    assert_eq!(net.typed_events(), ["EventOrderExpirySet"]);
    net.bid(7, "p1", "100uact").unwrap();
    net.end_blocks(2);
    assert_eq!(listed(&net), [height + 2]);
    assert_eq!((listed_of(&net, "", 7), listed_of(&net, "", 8)), (vec![height + 2], vec![]), "without the owner");
    assert_eq!(net.order(&order(7)).state(), OrderState::Open);
    net.end_block();
    assert_eq!(net.typed_events(), ["EventOrderExpired", "EventOrderClosed", "EventBidClosed", "EventGroupPaused"]);
    assert_eq!(net.order(&order(7)).state(), OrderState::Closed);
    assert_eq!(net.bid_of(&bid(7, "p1")).state(), BidState::Closed);
    assert_eq!(net.change("p1", "uact"), 0);
    assert_eq!(listed(&net), Vec::<i64>::new());
    let group = crate::deployment::api::group(&mut net.bench.ctx(), &group_of(7)).unwrap().unwrap();
    assert_eq!(group.state(), group::State::Paused);
    net.send(&MsgStartGroup { id: Some(group_of(7).into()) }).unwrap();
    net.end_blocks(5);
    assert_eq!(net.order(&group_of(7).order(2)).state(), OrderState::Open, "the next order has no expiry");
}

#[test]
fn an_order_that_is_filled_does_not_expire() {
    let mut net = Testnet::with_open_order();
    let height = net.bench.block.height;
    set(&mut net, &order(7), height + 2).unwrap();
    net.bid(7, "p1", "100uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_blocks(5);
    assert_eq!(net.order(&order(7)).state(), OrderState::Active);
    assert_eq!(listed(&net), Vec::<i64>::new());
}

#[test]
fn an_order_without_expiry_stays_open() {
    let mut net = Testnet::with_open_order();
    let height = net.bench.block.height;
    set(&mut net, &order(7), height + 2).unwrap();
    set(&mut net, &order(7), height + 9).unwrap();
    net.end_blocks(4);
    assert_eq!(net.order(&order(7)).state(), OrderState::Open);
    set(&mut net, &order(7), 0).unwrap();
    net.end_blocks(20);
    assert_eq!(net.order(&order(7)).state(), OrderState::Open);
}

#[test]
fn an_expiry_lies_ahead_and_belongs_to_an_open_order() {
    let mut net = Testnet::with_open_order();
    let height = net.bench.block.height;
    let params = Some(Params { order_max_bids_per_provider: 1, max_order_lifetime_blocks: 10 });
    net.send(&MsgUpdateParams { authority: gov(), params }).unwrap();
    check(set(&mut net, &order(7), height + 10), expect!["ok"]);
    check(
        set(&mut net, &order(7), height + 11),
        expect!["market/26: 11 blocks are more than 10: order duration has exceeded the bidding duration"],
    );
    check(set(&mut net, &order(7), height), expect!["sdk/18: expires_at 3 is not ahead of 3: invalid request"]);
    check(set(&mut net, &order(7), -1), expect!["sdk/18: expires_at -1 is negative: invalid request"]);
    check(set(&mut net, &order(8), height + 1), expect!["market/15: invalid order: order not found"]);
    net.bid(7, "p1", "100uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    check(set(&mut net, &order(7), height + 1), expect!["market/23: order active"]);
    net.close(7).unwrap();
    check(set(&mut net, &order(7), height + 1), expect!["market/24: order closed"]);
    net.end_block();
}
