//! Queries of the market.

use akash_kernel::{QueryCtx, QueryError, Registry, page};
use akash_proto::akash::ext::market::v1 as ext;
use akash_proto::akash::market::v1::{Lease, lease};
use akash_proto::akash::market::v1beta5::{
    Bid, Order, QueryBidRequest, QueryBidResponse, QueryBidsRequest, QueryBidsResponse, QueryLeaseRequest,
    QueryLeaseResponse, QueryLeasesRequest, QueryLeasesResponse, QueryOrderRequest, QueryOrderResponse,
    QueryOrdersRequest, QueryOrdersResponse, QueryParamsRequest, QueryParamsResponse, bid, order,
};
use akash_types::id::{BidId, LeaseId, OrderId};

use super::errors::MarketError;
use super::state;
use crate::escrow::api::{self as escrow, AccountId};
use crate::filter::{self, IdFilter, Walk};
use crate::ids;
use crate::query_errors::{invalid, not_found};

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
    let wanted = filter::state(&filters.state, order::State::from_str_name)?;
    let request = request.pagination.as_ref();

    let keep = |order: Order, id: &OrderId| {
        let right_state = wanted.is_none_or(|state| state == order.state());
        (right_state && filter.matches_order(id)).then_some(order)
    };
    let (orders, pagination) = match Walk::of(&filter, wanted.map(state::order_byte)) {
        Walk::Records(prefix) => page::map(ctx, &state::ORDERS, &prefix, request, |_, id, order| Ok(keep(order, &id)))?,
        Walk::ByState(prefix) | Walk::ByProvider(prefix) => {
            page::index(ctx, &state::ORDERS_BY_STATE, &prefix, request, |ctx, (_, id)| {
                Ok(state::ORDERS.get(ctx, &id)?.and_then(|order| keep(order, &id)))
            })?
        }
    };
    Ok(QueryOrdersResponse { orders, pagination: Some(pagination) })
}

fn order(ctx: &mut QueryCtx, request: QueryOrderRequest) -> Result<QueryOrderResponse, QueryError> {
    let id: OrderId = ids::id(request.id.as_ref()).map_err(invalid)?;
    let order = state::ORDERS.get(ctx, &id)?.ok_or_else(|| not_found(MarketError::OrderNotFound))?;
    Ok(QueryOrderResponse { order: Some(order) })
}

fn bids(ctx: &mut QueryCtx, request: QueryBidsRequest) -> Result<QueryBidsResponse, QueryError> {
    let filters = request.filters.unwrap_or_default();
    let order = IdFilter::order(&filters.owner, filters.dseq, filters.gseq, filters.oseq)?;
    let filter = IdFilter { provider: filter::address(&filters.provider)?, bseq: filters.bseq, ..order };
    let wanted = filter::state(&filters.state, bid::State::from_str_name)?;
    let request = request.pagination.as_ref();

    let keep = |ctx: &mut QueryCtx, id: &BidId, bid: Bid| {
        let right_state = wanted.is_none_or(|state| state == bid.state());
        let kept = right_state && filter.matches_bid(id);
        if kept { with_account(ctx, id, bid).map(Some) } else { Ok(None) }
    };
    let by_id = |ctx: &mut QueryCtx, id: BidId| match state::BIDS.get(ctx, &id)? {
        Some(bid) => keep(ctx, &id, bid),
        None => Ok(None),
    };
    let (bids, pagination) = match Walk::of(&filter, wanted.map(state::bid_byte)) {
        Walk::Records(prefix) => page::map(ctx, &state::BIDS, &prefix, request, |ctx, id, bid| keep(ctx, &id, bid))?,
        Walk::ByState(prefix) => {
            page::index(ctx, &state::BIDS_BY_STATE, &prefix, request, |ctx, (_, id)| by_id(ctx, id))?
        }
        Walk::ByProvider(prefix) => {
            page::index(ctx, &state::BIDS_BY_PROVIDER, &prefix, request, |ctx, (_, _, id)| by_id(ctx, id))?
        }
    };
    Ok(QueryBidsResponse { bids, pagination: Some(pagination) })
}

fn bid(ctx: &mut QueryCtx, request: QueryBidRequest) -> Result<QueryBidResponse, QueryError> {
    let id: BidId = ids::id(request.id.as_ref()).map_err(invalid)?;
    let bid = state::BIDS.get(ctx, &id)?.ok_or_else(|| not_found(MarketError::BidNotFound))?;
    with_account(ctx, &id, bid)
}

fn with_account(ctx: &mut QueryCtx, id: &BidId, bid: Bid) -> Result<QueryBidResponse, QueryError> {
    let escrow_account = escrow::stored_account(ctx, &AccountId::Bid(id.clone()))?;
    Ok(QueryBidResponse { bid: Some(bid), escrow_account: Some(escrow_account.unwrap_or_default()) })
}

fn leases(ctx: &mut QueryCtx, request: QueryLeasesRequest) -> Result<QueryLeasesResponse, QueryError> {
    let filters = request.filters.unwrap_or_default();
    let order = IdFilter::order(&filters.owner, filters.dseq, filters.gseq, filters.oseq)?;
    let filter = IdFilter { provider: filter::address(&filters.provider)?, bseq: filters.bseq, ..order };
    let wanted = filter::state(&filters.state, lease::State::from_str_name)?;
    let request = request.pagination.as_ref();

    let keep = |ctx: &mut QueryCtx, id: LeaseId, lease: Lease| {
        let right_state = wanted.is_none_or(|state| state == lease.state());
        let kept = right_state && filter.matches_bid(&BidId::from(id.clone()));
        if kept { with_payment(ctx, &id, lease).map(Some) } else { Ok(None) }
    };
    let by_id = |ctx: &mut QueryCtx, id: LeaseId| match state::LEASES.get(ctx, &id)? {
        Some(lease) => keep(ctx, id, lease),
        None => Ok(None),
    };
    let (leases, pagination) = match Walk::of(&filter, wanted.map(state::lease_byte)) {
        Walk::Records(prefix) => {
            page::map(ctx, &state::LEASES, &prefix, request, |ctx, id, lease| keep(ctx, id, lease))?
        }
        Walk::ByState(prefix) => {
            page::index(ctx, &state::LEASES_BY_STATE, &prefix, request, |ctx, (_, id)| by_id(ctx, id))?
        }
        Walk::ByProvider(prefix) => {
            page::index(ctx, &state::LEASES_BY_PROVIDER, &prefix, request, |ctx, (_, _, id)| by_id(ctx, id))?
        }
    };
    Ok(QueryLeasesResponse { leases, pagination: Some(pagination) })
}

fn lease(ctx: &mut QueryCtx, request: QueryLeaseRequest) -> Result<QueryLeaseResponse, QueryError> {
    let id: LeaseId = ids::id(request.id.as_ref()).map_err(invalid)?;
    let lease = state::LEASES.get(ctx, &id)?.ok_or_else(|| not_found(MarketError::LeaseNotFound))?;
    with_payment(ctx, &id, lease)
}

fn with_payment(ctx: &mut QueryCtx, id: &LeaseId, lease: Lease) -> Result<QueryLeaseResponse, QueryError> {
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
    let prefix = IdFilter::deployment(&request.owner, request.dseq)?.prefix();
    let page = request.pagination.as_ref();
    let (order_expiries, pagination) =
        page::map(ctx, &state::EXPIRIES, &prefix, page, |_, _, expiry| Ok(Some(expiry)))?;
    Ok(ext::QueryOrderExpiriesResponse { order_expiries, pagination: Some(pagination) })
}
