//! `MsgCreateBid`: a provider offers to run an order's group at a price, and puts down a deposit.

use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::base::attributes::v1::SignedBy;
use akash_proto::akash::deployment::v1beta4::GroupSpec;
use akash_proto::akash::market::v1beta5::{
    Bid, MsgCreateBid, MsgCreateBidResponse, Order, Params, ResourceOffer, bid, order,
};
use akash_proto::cosmos::base::v1beta1::DecCoin as WireDecCoin;
use akash_types::address::Address;
use akash_types::coin::{Coin, DecCoin};
use akash_types::id::{BidId, OrderId};
use prost::Message;

use crate::deployment::spec;
use crate::deployment::spec::limits::MAX_SPEC_BYTES;
use crate::deposit::Deposit;
use crate::escrow::api::{self as escrow, AccountId};
use crate::market::errors::MarketError;
use crate::market::matching::{self, Signed};
use crate::market::{api, events, state};
use crate::{audit, deposits, durations, fault, ids, provider};

pub fn register(registry: &mut Registry) {
    registry.message(|msg: &MsgCreateBid| Ok(vec![ids::id::<_, BidId>(msg.id.as_ref())?.provider]), validate, create);
}

fn validate(msg: &MsgCreateBid) -> Result<(), TxError> {
    let id: BidId = ids::id(msg.id.as_ref())?;
    if id.provider == *id.owner() {
        return Err(MarketError::SameAccount.into());
    }
    Deposit::read(msg.deposit.as_ref())?;
    if price(msg.price.as_ref())?.amount.is_zero() {
        return Err(MarketError::BidZeroPrice.into());
    }
    let offer_bytes: usize = msg.resources_offer.iter().map(Message::encoded_len).sum();
    if offer_bytes > MAX_SPEC_BYTES {
        return Err(MarketError::InvalidBid.because(format!("resources_offer is longer than {MAX_SPEC_BYTES} bytes")));
    }
    if !msg.resources_offer.iter().all(is_readable) {
        return Err(MarketError::InvalidBid.because("resources_offer has a quantity or price that is no number"));
    }
    match &msg.reclamation_window {
        Some(window) if durations::nanos(window) < 0 => Err(MarketError::ReclamationWindowInvalid.because("negative")),
        _ => Ok(()),
    }
}

/// Clients fail to decode a list with a bid in it that holds anything but numbers where numbers belong.
fn is_readable(offer: &ResourceOffer) -> bool {
    let prices = offer.prices.clone().unwrap_or_default();
    let volumes = prices.storage.into_iter().map(|volume| volume.price);
    let endpoints = prices.endpoints.into_iter().map(|endpoint| endpoint.price);
    let mut prices = [prices.cpu, prices.memory, prices.gpu].into_iter().chain(volumes).chain(endpoints).flatten();
    prices.all(|price| DecCoin::try_from(&price).is_ok()) && offer.resources.as_ref().is_none_or(spec::are_numbers)
}

fn create(ctx: &mut Ctx, msg: MsgCreateBid) -> Result<MsgCreateBidResponse, TxError> {
    let id: BidId = ids::id(msg.id.as_ref())?;
    let deposit = Deposit::read(msg.deposit.as_ref())?;
    let price = price(msg.price.as_ref())?;
    let params = state::params(ctx)?;
    check_deposit(&params, &deposit.amount)?;
    check_room(ctx, &id, &params)?;
    let order = require_open_order(ctx, &id.order)?;
    let spec = order.spec.clone().unwrap_or_default();
    check_offer(&spec, &msg, &price)?;
    check_provider(ctx, &id, &spec)?;
    let account = AccountId::Bid(id.clone());
    let fundings = escrow::authorize(ctx, &id.provider, &account, &deposit)?;
    check_reclamation(ctx, &order, &msg)?;
    if state::BIDS.has(ctx, &id)? {
        return Err(MarketError::BidExists.into());
    }

    let wire_price = WireDecCoin::from(price);
    let bid = Bid {
        id: Some((&id).into()),
        state: bid::State::Open.into(),
        price: Some(wire_price.clone()),
        created_at: ctx.height(),
        resources_offer: msg.resources_offer,
        reclamation_window: msg.reclamation_window,
    };

    state::save_bid(ctx, &id, &bid, None)?;
    events::bid_created(ctx, &id, wire_price);
    escrow::create_account(ctx, account, &id.provider, &deposit.amount.denom, fundings)?;
    Ok(MsgCreateBidResponse {})
}

fn price(price: Option<&WireDecCoin>) -> Result<DecCoin, TxError> {
    price.and_then(|price| DecCoin::try_from(price).ok()).ok_or_else(|| MarketError::BidInvalidPrice.into())
}

fn check_deposit(params: &Params, deposit: &Coin) -> Result<(), TxError> {
    match deposits::least(&params.bid_min_deposits, &deposit.denom) {
        None => Err(MarketError::InvalidDeposit.because(format!("no deposit in {} is accepted", deposit.denom))),
        Some(least) if deposit.amount < least => {
            Err(MarketError::InvalidDeposit
                .because(format!("{deposit} is below the minimum of {least}{}", deposit.denom)))
        }
        Some(_) => Ok(()),
    }
}

/// Open bids count, and no more than the limits fit: of all providers together, and of this one.
fn check_room(ctx: &mut Ctx, id: &BidId, params: &Params) -> Result<(), TxError> {
    let limit = params.order_max_bids as usize;
    if state::bids_in(ctx, &id.order, bid::State::Open, limit)?.len() >= limit {
        return Err(MarketError::InvalidBid.because(format!("order already has {limit} open bids")));
    }
    let limit = state::ext_params(ctx)?.order_max_bids_per_provider as usize;
    if state::open_bids_of(ctx, id, limit)? >= limit {
        return Err(MarketError::InvalidBid.because(format!("provider already has {limit} open bids on the order")));
    }
    Ok(())
}

fn require_open_order(ctx: &mut Ctx, id: &OrderId) -> Result<Order, TxError> {
    let order = state::ORDERS.get(ctx, id)?.ok_or(MarketError::OrderNotFound)?;
    match order.state() {
        order::State::Open => Ok(order),
        order::State::Closed => Err(MarketError::OrderClosed.into()),
        _ => Err(MarketError::OrderNotOpen.into()),
    }
}

fn check_offer(spec: &GroupSpec, msg: &MsgCreateBid, price: &DecCoin) -> Result<(), TxError> {
    let most = spec::total_price(spec)?;
    if price.denom != most.denom {
        let found = format!("price is in {}, the order's is in {}", price.denom, most.denom);
        return Err(MarketError::BidInvalidPrice.because(found));
    }
    if price.amount > most.amount {
        return Err(MarketError::BidInvalidPrice.because(format!("{price} is above {most}")));
    }
    if matching::is_offer_for(spec, &msg.resources_offer) {
        return Ok(());
    }
    Err(MarketError::CapabilitiesMismatch.because("the offer is not for the resources of the order"))
}

fn check_provider(ctx: &mut Ctx, id: &BidId, spec: &GroupSpec) -> Result<(), TxError> {
    let provider = provider::api::provider(ctx, &id.provider)?.ok_or(MarketError::UnknownProvider)?;
    let requirements = spec.requirements.clone().unwrap_or_default();
    let signed = signed_for(ctx, &id.provider, requirements.signed_by.as_ref())?;
    if !matching::is_attribute_match(&requirements, &provider.attributes, &signed) {
        return Err(MarketError::AttributeMismatch.into());
    }
    if !matching::is_capability_match(spec, &provider.attributes) {
        return Err(MarketError::CapabilitiesMismatch.into());
    }
    Ok(())
}

fn check_reclamation(ctx: &mut Ctx, order: &Order, msg: &MsgCreateBid) -> Result<(), TxError> {
    let required = order.reclamation.as_ref().map(|wanted| wanted.min_window.unwrap_or_default());
    let Some(offered) = &msg.reclamation_window else {
        return if required.is_some() { Err(MarketError::ReclamationRequired.into()) } else { Ok(()) };
    };
    if required.is_some_and(|least| durations::nanos(offered) < durations::nanos(&least)) {
        return Err(MarketError::ReclamationWindowTooShort.into());
    }
    if !api::reclamation_bounds(ctx)?.contains(&durations::nanos(offered)) {
        return Err(MarketError::ReclamationWindowInvalid.because(durations::text(offered)));
    }
    Ok(())
}

/// What the auditors that the order names have signed. Only they count, so that nobody else's record is read.
fn signed_for(ctx: &mut Ctx, provider: &Address, wanted: Option<&SignedBy>) -> Result<Vec<Signed>, TxError> {
    let mut signed: Vec<Signed> = Vec::new();
    for auditor in wanted.iter().flat_map(|wanted| wanted.all_of.iter().chain(&wanted.any_of)) {
        let address = Address::parse(auditor).map_err(|_| fault::broken("auditor"))?;
        let attributes = audit::api::signed(ctx, provider, &address)?;
        if !attributes.is_empty() {
            signed.push(Signed { auditor: auditor.clone(), attributes });
        }
    }
    Ok(signed)
}
