//! `MsgCreateLease`: the owner takes a bid. Payment begins, every other bid is lost and gets its deposit back.

use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::deployment::v1beta4::group;
use akash_proto::akash::market::v1::{Lease, Reclamation, lease};
use akash_proto::akash::market::v1beta5::{Bid, MsgCreateLease, MsgCreateLeaseResponse, Order, bid, order};
use akash_types::coin::DecCoin;
use akash_types::id::{BidId, LeaseId};

use crate::escrow::api as escrow;
use crate::market::errors::MarketError;
use crate::market::{MAX_OPEN_BIDS, closing, events, state};
use crate::{deployment, fault, ids};

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgCreateLease| Ok(vec![ids::id::<_, BidId>(msg.bid_id.as_ref())?.owner().clone()]),
        |msg| ids::id::<_, BidId>(msg.bid_id.as_ref()).map(|_| ()),
        create,
    );
}

fn create(ctx: &mut Ctx, msg: MsgCreateLease) -> Result<MsgCreateLeaseResponse, TxError> {
    let id: BidId = ids::id(msg.bid_id.as_ref())?;
    let (mut bid, mut order) = require_open(ctx, &id)?;
    let wire_price = bid.price.clone().unwrap_or_default();
    let price = DecCoin::try_from(&wire_price).map_err(|_| fault::broken("bid price"))?;
    let lease_id = LeaseId::from(id.clone());

    let lease = lease(&lease_id, &bid, ctx.height());
    order.set_state(order::State::Active);
    bid.set_state(bid::State::Active);

    escrow::create_payment(ctx, &lease_id, price)?;
    state::save_lease(ctx, &lease_id, &lease, None)?;
    events::lease_created(ctx, &lease_id, wire_price);
    state::save_order(ctx, &id.order, &order, Some(order::State::Open))?;
    state::save_bid(ctx, &id, &bid, Some(bid::State::Open))?;
    for loser in state::bids_in(ctx, &id.order, bid::State::Open, MAX_OPEN_BIDS)? {
        closing::lose_bid(ctx, &loser)?;
    }
    Ok(MsgCreateLeaseResponse {})
}

fn require_open(ctx: &mut Ctx, id: &BidId) -> Result<(Bid, Order), TxError> {
    let bid = state::BIDS.get(ctx, id)?.ok_or(MarketError::BidNotFound)?;
    if bid.state() != bid::State::Open {
        return Err(MarketError::BidNotOpen.into());
    }
    let order = state::ORDERS.get(ctx, &id.order)?.ok_or(MarketError::OrderNotFound)?;
    if order.state() != order::State::Open {
        return Err(MarketError::OrderNotOpen.into());
    }
    let group = deployment::api::group(ctx, id.group_id())?.ok_or(MarketError::GroupNotFound)?;
    if group.state() != group::State::Open {
        return Err(MarketError::GroupNotOpen.into());
    }
    Ok((bid, order))
}

/// The window that the bid offers becomes the lease's agreement.
fn lease(id: &LeaseId, bid: &Bid, height: i64) -> Lease {
    let agreement = |window| Reclamation { window: Some(window), ..Reclamation::default() };
    Lease {
        id: Some(id.into()),
        state: lease::State::Active.into(),
        price: bid.price.clone(),
        created_at: height,
        closed_on: 0,
        reason: 0,
        reclamation: bid.reclamation_window.map(agreement),
    }
}
