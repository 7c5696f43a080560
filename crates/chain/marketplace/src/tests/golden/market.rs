//! Messages of the market module.

use akash_proto::akash::deployment::v1::DeploymentReclamation;
use akash_proto::akash::ext::market::v1 as ext;
use akash_proto::akash::market::v1::LeaseClosedReason;
use akash_proto::akash::market::v1beta5::{
    MsgCloseBid, MsgCloseLease, MsgCreateBid, MsgCreateLease, MsgLeaseStartReclaim, MsgUpdateParams, MsgWithdrawLease,
    Params,
};
use akash_types::id::{BidId, LeaseId};
use prost_types::Duration;

use super::golden;
use crate::tests::testnet::*;

fn bidding(change: impl FnOnce(&mut MsgCreateBid)) -> MsgCreateBid {
    let mut message = create_bid(&bid(7, "p1"), "100uact");
    change(&mut message);
    message
}

fn with_bid() -> Testnet {
    let mut net = Testnet::with_open_order();
    net.bid(7, "p1", "100uact").unwrap();
    net
}

fn with_two_bids() -> Testnet {
    let mut net = with_bid();
    net.bid(7, "p2", "99uact").unwrap();
    net
}

fn running() -> Testnet {
    let mut net = Testnet::with_lease();
    net.end_blocks(10);
    net
}

fn ended() -> Testnet {
    let mut net = running();
    net.close_lease(&lease(7, "p1")).unwrap();
    net
}

/// A lease whose provider owes notice before it ends it.
fn with_notice() -> Testnet {
    let mut net = Testnet::new();
    let mut deployment = create_deployment(7, &["100uact"], "1000000uact");
    deployment.reclamation = Some(DeploymentReclamation { min_window: window(3_600) });
    net.send(&deployment).unwrap();
    net.send(&bidding(|msg| msg.reclamation_window = window(7_200))).unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net
}

fn window(seconds: i64) -> Option<Duration> {
    Some(Duration { seconds, nanos: 0 })
}

fn unstable() -> i32 {
    LeaseClosedReason::Unstable.into()
}

fn close_bid(id: &BidId, reason: i32) -> MsgCloseBid {
    MsgCloseBid { id: Some(id.into()), reason }
}

fn close_lease(id: &LeaseId, reason: i32) -> MsgCloseLease {
    MsgCloseLease { id: Some(id.into()), reason }
}

#[test]
fn create_bid_() {
    golden::<MsgCreateBid>(&[
        ("at the highest price", Testnet::with_open_order, |_| bidding(|_| {})),
        ("a second one", with_bid, |_| {
            bidding(|msg| {
                msg.id.as_mut().unwrap().bseq = 1;
            })
        }),
        ("the same again", with_bid, |_| bidding(|_| {})),
        ("by the tenant", Testnet::with_open_order, |_| {
            bidding(|msg| msg.id.as_mut().unwrap().provider = owner().to_string())
        }),
        ("by nobody", Testnet::with_open_order, |_| bidding(|msg| msg.id.as_mut().unwrap().provider.clear())),
        ("by no provider", Testnet::with_open_order, |_| {
            bidding(|msg| msg.id.as_mut().unwrap().provider = account("stranger").to_string())
        }),
        ("unknown order", Testnet::with_open_order, |_| bidding(|msg| msg.id.as_mut().unwrap().oseq = 2)),
        ("no price", Testnet::with_open_order, |_| bidding(|msg| msg.price = None)),
        ("zero price", Testnet::with_open_order, |_| bidding(|msg| msg.price.as_mut().unwrap().amount = "0".into())),
        ("above the highest price", Testnet::with_open_order, |_| create_bid(&bid(7, "p1"), "101uact")),
        ("in another denomination", Testnet::with_open_order, |_| create_bid(&bid(7, "p1"), "1uakt")),
        ("a small deposit", Testnet::with_open_order, |_| bidding(|msg| msg.deposit = Some(deposit("1uact")))),
        ("a foreign deposit", Testnet::with_open_order, |_| bidding(|msg| msg.deposit = Some(deposit("500000ufoo")))),
        ("notice out of bounds", Testnet::with_open_order, |_| bidding(|msg| msg.reclamation_window = window(1))),
        ("taken", Testnet::with_lease, |_| create_bid(&bid(7, "p2"), "1uact")),
        ("closed", ended_by_tenant, |_| create_bid(&bid(7, "p2"), "1uact")),
    ]);
}

fn ended_by_tenant() -> Testnet {
    let mut net = Testnet::with_open_order();
    net.close(7).unwrap();
    net
}

#[test]
fn close_bid_() {
    golden::<MsgCloseBid>(&[
        ("open", with_bid, |_| close_bid(&bid(7, "p1"), unstable())),
        ("with a lease", running, |_| close_bid(&bid(7, "p1"), unstable())),
        ("with a reason of the tenant's", with_bid, |_| close_bid(&bid(7, "p1"), 1)),
        ("with notice owed", with_notice, |_| close_bid(&bid(7, "p1"), unstable())),
        ("unknown", Testnet::with_open_order, |_| close_bid(&bid(7, "p1"), unstable())),
        ("ended", ended, |_| close_bid(&bid(7, "p1"), unstable())),
    ]);
}

#[test]
fn create_lease() {
    golden::<MsgCreateLease>(&[
        ("the only bid", with_bid, |_| MsgCreateLease { bid_id: Some((&bid(7, "p1")).into()) }),
        ("one of two bids", with_two_bids, |_| MsgCreateLease { bid_id: Some((&bid(7, "p1")).into()) }),
        ("no id", with_bid, |_| MsgCreateLease { bid_id: None }),
        ("unknown", Testnet::with_open_order, |_| MsgCreateLease { bid_id: Some((&bid(7, "p1")).into()) }),
        ("taken", Testnet::with_lease, |_| MsgCreateLease { bid_id: Some((&bid(7, "p1")).into()) }),
    ]);
}

#[test]
fn close_lease_() {
    golden::<MsgCloseLease>(&[
        ("after ten blocks", running, |_| close_lease(&lease(7, "p1"), 0)),
        ("with a reason of the provider's", running, |_| close_lease(&lease(7, "p1"), unstable())),
        ("never leased", with_bid, |_| close_lease(&lease(7, "p1"), 0)),
        ("unknown", Testnet::new, |_| close_lease(&lease(7, "p1"), 0)),
        ("ended", ended, |_| close_lease(&lease(7, "p1"), 0)),
    ]);
}

#[test]
fn withdraw_lease() {
    golden::<MsgWithdrawLease>(&[
        ("after ten blocks", running, |_| MsgWithdrawLease { id: Some((&lease(7, "p1")).into()) }),
        ("at once", Testnet::with_lease, |_| MsgWithdrawLease { id: Some((&lease(7, "p1")).into()) }),
        ("unknown", with_bid, |_| MsgWithdrawLease { id: Some((&lease(7, "p1")).into()) }),
        ("ended", ended, |_| MsgWithdrawLease { id: Some((&lease(7, "p1")).into()) }),
    ]);
}

#[test]
fn start_reclaim() {
    fn message(reason: i32) -> MsgLeaseStartReclaim {
        MsgLeaseStartReclaim { id: Some((&lease(7, "p1")).into()), reason }
    }
    golden::<MsgLeaseStartReclaim>(&[
        ("with notice owed", with_notice, |_| message(unstable())),
        ("without notice owed", running, |_| message(unstable())),
        ("with a reason of the tenant's", with_notice, |_| message(1)),
        ("unknown", with_bid, |_| message(unstable())),
        ("ended", ended, |_| message(unstable())),
    ]);
}

#[test]
fn set_order_expiry() {
    fn message(net: &Testnet, blocks: i64) -> ext::MsgSetOrderExpiry {
        ext::MsgSetOrderExpiry { id: Some((&order(7)).into()), expires_at: net.bench.block.height + blocks }
    }
    golden::<ext::MsgSetOrderExpiry>(&[
        ("ten blocks ahead", Testnet::with_open_order, |net| message(net, 10)),
        ("now", Testnet::with_open_order, |net| message(net, 0)),
        ("unknown", Testnet::new, |net| message(net, 10)),
        ("taken", Testnet::with_lease, |net| message(net, 10)),
        ("closed", ended_by_tenant, |net| message(net, 10)),
    ]);
}

#[test]
fn update_params() {
    fn message(authority: String, order_max_bids: u32) -> MsgUpdateParams {
        let params = Params {
            bid_min_deposit: deposit("500000uakt").amount,
            order_max_bids,
            bid_min_deposits: vec![deposit("500000uact").amount.unwrap(), deposit("500000uakt").amount.unwrap()],
            min_reclamation_window: window(3_600),
            max_reclamation_window: window(7_200),
        };
        MsgUpdateParams { authority, params: Some(params) }
    }
    golden::<MsgUpdateParams>(&[
        ("fewer bids", Testnet::new, |_| message(gov(), 5)),
        ("by a stranger", Testnet::new, |_| message(owner().to_string(), 5)),
        ("no bids", Testnet::new, |_| message(gov(), 0)),
        ("none", Testnet::new, |_| MsgUpdateParams { authority: gov(), params: None }),
    ]);
}

#[test]
fn update_limits() {
    fn message(authority: String, order_max_bids_per_provider: u32) -> ext::MsgUpdateParams {
        let params = ext::Params { order_max_bids_per_provider, max_order_lifetime_blocks: 1_000 };
        ext::MsgUpdateParams { authority, params: Some(params) }
    }
    golden::<ext::MsgUpdateParams>(&[
        ("one bid", Testnet::new, |_| message(gov(), 1)),
        ("by a stranger", Testnet::new, |_| message(owner().to_string(), 1)),
        ("no bids", Testnet::new, |_| message(gov(), 0)),
    ]);
}
