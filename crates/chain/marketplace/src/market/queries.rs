//! Queries of the market.

use akash_kernel::{QueryCtx, QueryError, Registry, page};
use akash_proto::akash::ext::market::v1 as ext;
use akash_proto::akash::market::v1::lease;
use akash_proto::akash::market::v1beta5::{
    Order, QueryBidRequest, QueryBidResponse, QueryBidsRequest, QueryBidsResponse, QueryLeaseRequest,
    QueryLeaseResponse, QueryLeasesRequest, QueryLeasesResponse, QueryOrderRequest, QueryOrderResponse,
    QueryOrdersRequest, QueryOrdersResponse, QueryParamsRequest, QueryParamsResponse, bid, order,
};
use akash_types::address::Address;
use akash_types::id::{BidId, LeaseId, OrderId};

use super::errors::MarketError;
use super::state;
use crate::escrow::api::{self as escrow, AccountId};
use crate::filter::{self, IdFilter, Walk};
use crate::query_errors::{invalid, not_found};
use crate::{ended, ids, list};

pub fn register(registry: &mut Registry) {
    registry.query("/akash.market.v1beta5.Query/Orders", orders);
    registry.query("/akash.market.v1beta5.Query/Order", order);
    registry.query("/akash.market.v1beta5.Query/Bids", bids);
    registry.query("/akash.market.v1beta5.Query/Bid", bid);
    registry.query("/akash.market.v1beta5.Query/Leases", leases);
    registry.query("/akash.market.v1beta5.Query/Lease", lease);
    registry.query("/akash.market.v1beta5.Query/Params", params);
    registry.query("/akash.ext.market.v1.Query/Params", ext_params);
    registry.query("/akash.ext.market.v1.Query/OrderExpiries", order_expiries);
}

fn orders(ctx: &mut QueryCtx, request: QueryOrdersRequest) -> Result<QueryOrdersResponse, QueryError> {
    let filters = request.filters.unwrap_or_default();
    let filter = IdFilter::order(&filters.owner, filters.dseq, filters.gseq, filters.oseq)?;
    let state = filter::state(&filters.state, order::State::from_str_name)?.map(state::order_byte);
    let request = request.pagination.as_ref();

    let (ids, pagination) = match Walk::of(&filter, state, &state::ORDER_STATES, filter.owners(ctx)?) {
        Walk::Records(ranges) => {
            let keep = |id: &OrderId| filter.matches_order(id);
            list::page(ctx, &state::ORDERS, ranges, request, |_| Ok(None), keep)?
        }
        Walk::ByState(ranges) | Walk::ByProvider(ranges) => {
            let states = state.as_ref().map_or(&state::ORDER_STATES[..], std::slice::from_ref);
            let total = |ctx: &mut QueryCtx| match filter.is_unrestricted() {
                true => ended::total(ctx, &state::ENDED_ORDERS, &state::ORDERS_BY_STATE, states).map(Some),
                false => Ok(None),
            };
            let keep = |(_, id): &(u8, OrderId)| filter.matches_order(id);
            let (keys, page) = list::page(ctx, &state::ORDERS_BY_STATE, ranges, request, total, keep)?;
            (keys.into_iter().map(|(_, id)| id).collect(), page)
        }
    };
    let orders = ids.iter().map(|id| require_order(ctx, id)).collect::<Result<_, _>>()?;
    Ok(QueryOrdersResponse { orders, pagination: Some(pagination) })
}

fn order(ctx: &mut QueryCtx, request: QueryOrderRequest) -> Result<QueryOrderResponse, QueryError> {
    let id: OrderId = ids::id(request.id.as_ref()).map_err(invalid)?;
    Ok(QueryOrderResponse { order: Some(require_order(ctx, &id)?) })
}

fn require_order(ctx: &mut QueryCtx, id: &OrderId) -> Result<Order, QueryError> {
    state::ORDERS.get(ctx, id)?.ok_or_else(|| not_found(MarketError::OrderNotFound))
}

fn bids(ctx: &mut QueryCtx, request: QueryBidsRequest) -> Result<QueryBidsResponse, QueryError> {
    let filters = request.filters.unwrap_or_default();
    let order = IdFilter::order(&filters.owner, filters.dseq, filters.gseq, filters.oseq)?;
    let filter = IdFilter { provider: filter::address(&filters.provider)?, bseq: filters.bseq, ..order };
    let state = filter::state(&filters.state, bid::State::from_str_name)?.map(state::bid_byte);
    let states = state.as_ref().map_or(&state::BID_STATES[..], std::slice::from_ref);
    let request = request.pagination.as_ref();

    let (ids, pagination) = match Walk::of(&filter, state, &state::BID_STATES, filter.owners(ctx)?) {
        Walk::Records(ranges) => {
            list::page(ctx, &state::BIDS, ranges, request, |_| Ok(None), |id| filter.matches_bid(id))?
        }
        Walk::ByState(ranges) => {
            let total = |ctx: &mut QueryCtx| match filter.is_unrestricted() {
                true => ended::total(ctx, &state::ENDED_BIDS, &state::BIDS_BY_STATE, states).map(Some),
                false => Ok(None),
            };
            let keep = |(_, id): &(u8, BidId)| filter.matches_bid(id);
            let (keys, page) = list::page(ctx, &state::BIDS_BY_STATE, ranges, request, total, keep)?;
            (keys.into_iter().map(|(_, id)| id).collect(), page)
        }
        Walk::ByProvider(ranges) => {
            let total = |ctx: &mut QueryCtx| match &filter.provider {
                Some(provider) if filter.is_unrestricted() => {
                    let keys: Vec<_> = states.iter().map(|state| (provider.clone(), *state)).collect();
                    ended::total(ctx, &state::ENDED_BIDS_OF, &state::BIDS_BY_PROVIDER, &keys).map(Some)
                }
                _ => Ok(None),
            };
            let keep = |(_, _, id): &(Address, u8, BidId)| filter.matches_bid(id);
            let (keys, page) = list::page(ctx, &state::BIDS_BY_PROVIDER, ranges, request, total, keep)?;
            (keys.into_iter().map(|(_, _, id)| id).collect(), page)
        }
    };
    let bids = ids.into_iter().map(|id| with_account(ctx, &id)).collect::<Result<_, _>>()?;
    Ok(QueryBidsResponse { bids, pagination: Some(pagination) })
}

fn bid(ctx: &mut QueryCtx, request: QueryBidRequest) -> Result<QueryBidResponse, QueryError> {
    let id: BidId = ids::id(request.id.as_ref()).map_err(invalid)?;
    with_account(ctx, &id)
}

fn with_account(ctx: &mut QueryCtx, id: &BidId) -> Result<QueryBidResponse, QueryError> {
    let bid = state::BIDS.get(ctx, id)?.ok_or_else(|| not_found(MarketError::BidNotFound))?;
    let escrow_account = escrow::stored_account(ctx, &AccountId::Bid(id.clone()))?;
    Ok(QueryBidResponse { bid: Some(bid), escrow_account: Some(escrow_account.unwrap_or_default()) })
}

fn leases(ctx: &mut QueryCtx, request: QueryLeasesRequest) -> Result<QueryLeasesResponse, QueryError> {
    let filters = request.filters.unwrap_or_default();
    let order = IdFilter::order(&filters.owner, filters.dseq, filters.gseq, filters.oseq)?;
    let filter = IdFilter { provider: filter::address(&filters.provider)?, bseq: filters.bseq, ..order };
    let state = filter::state(&filters.state, lease::State::from_str_name)?.map(state::lease_byte);
    let states = state.as_ref().map_or(&state::LEASE_STATES[..], std::slice::from_ref);
    let request = request.pagination.as_ref();

    let (ids, pagination) = match Walk::of(&filter, state, &state::LEASE_STATES, filter.owners(ctx)?) {
        Walk::Records(ranges) => {
            list::page(ctx, &state::LEASES, ranges, request, |_| Ok(None), |id| filter.matches_bid(&id.clone().into()))?
        }
        Walk::ByState(ranges) => {
            let total = |ctx: &mut QueryCtx| match filter.is_unrestricted() {
                true => ended::total(ctx, &state::ENDED_LEASES, &state::LEASES_BY_STATE, states).map(Some),
                false => Ok(None),
            };
            let keep = |(_, id): &(u8, LeaseId)| filter.matches_bid(&id.clone().into());
            let (keys, page) = list::page(ctx, &state::LEASES_BY_STATE, ranges, request, total, keep)?;
            (keys.into_iter().map(|(_, id)| id).collect(), page)
        }
        Walk::ByProvider(ranges) => {
            let total = |ctx: &mut QueryCtx| match &filter.provider {
                Some(provider) if filter.is_unrestricted() => {
                    let keys: Vec<_> = states.iter().map(|state| (provider.clone(), *state)).collect();
                    ended::total(ctx, &state::ENDED_LEASES_OF, &state::LEASES_BY_PROVIDER, &keys).map(Some)
                }
                _ => Ok(None),
            };
            let keep = |(_, _, id): &(Address, u8, LeaseId)| filter.matches_bid(&id.clone().into());
            let (keys, page) = list::page(ctx, &state::LEASES_BY_PROVIDER, ranges, request, total, keep)?;
            (keys.into_iter().map(|(_, _, id)| id).collect(), page)
        }
    };
    let leases = ids.into_iter().map(|id| with_payment(ctx, &id)).collect::<Result<_, _>>()?;
    Ok(QueryLeasesResponse { leases, pagination: Some(pagination) })
}

fn lease(ctx: &mut QueryCtx, request: QueryLeaseRequest) -> Result<QueryLeaseResponse, QueryError> {
    let id: LeaseId = ids::id(request.id.as_ref()).map_err(invalid)?;
    with_payment(ctx, &id)
}

fn with_payment(ctx: &mut QueryCtx, id: &LeaseId) -> Result<QueryLeaseResponse, QueryError> {
    let lease = state::LEASES.get(ctx, id)?.ok_or_else(|| not_found(MarketError::LeaseNotFound))?;
    let escrow_payment = escrow::stored_payment(ctx, id)?;
    Ok(QueryLeaseResponse { lease: Some(lease), escrow_payment: Some(escrow_payment.unwrap_or_default()) })
}

fn params(ctx: &mut QueryCtx, _request: QueryParamsRequest) -> Result<QueryParamsResponse, QueryError> {
    Ok(QueryParamsResponse { params: Some(state::params(ctx)?) })
}

fn ext_params(ctx: &mut QueryCtx, _request: ext::QueryParamsRequest) -> Result<ext::QueryParamsResponse, QueryError> {
    Ok(ext::QueryParamsResponse { params: Some(state::ext_params(ctx)?) })
}

fn order_expiries(
    ctx: &mut QueryCtx,
    request: ext::QueryOrderExpiriesRequest,
) -> Result<ext::QueryOrderExpiriesResponse, QueryError> {
    let filter = IdFilter::deployment(&request.owner, request.dseq)?;
    let keep = |_: &mut QueryCtx, id, expiry| Ok(filter.matches_order(&id).then_some(expiry));
    let request = request.pagination.as_ref();
    let (order_expiries, pagination) = page::map(ctx, &state::EXPIRIES, &filter.prefix(), request, keep)?;
    Ok(ext::QueryOrderExpiriesResponse { order_expiries, pagination: Some(pagination) })
}
