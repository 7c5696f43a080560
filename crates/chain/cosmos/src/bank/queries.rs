//! What clients ask about coins.

use akash_kernel::{QueryCtx, QueryError, Registry, page};
use akash_proto::cosmos::bank::v1beta1::{
    DenomOwner, Metadata, QueryAllBalancesRequest, QueryAllBalancesResponse, QueryBalanceRequest, QueryBalanceResponse,
    QueryDenomMetadataByQueryStringRequest, QueryDenomMetadataByQueryStringResponse, QueryDenomMetadataRequest,
    QueryDenomMetadataResponse, QueryDenomOwnersByQueryRequest, QueryDenomOwnersByQueryResponse,
    QueryDenomOwnersRequest, QueryDenomOwnersResponse, QueryDenomsMetadataRequest, QueryDenomsMetadataResponse,
    QueryParamsRequest, QueryParamsResponse, QuerySendEnabledRequest, QuerySendEnabledResponse,
    QuerySpendableBalanceByDenomRequest, QuerySpendableBalanceByDenomResponse, QuerySpendableBalancesRequest,
    QuerySpendableBalancesResponse, QuerySupplyOfRequest, QuerySupplyOfResponse, QueryTotalSupplyRequest,
    QueryTotalSupplyResponse,
};
use akash_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_store::key_bytes;
use akash_types::address::Address;
use akash_types::coin::{Coins, validate_denom};
use akash_types::num::Int;

use super::state::{self, BALANCES, HOLDERS, METADATA, PARAMS, SEND_ENABLED, SUPPLY};
use crate::auth;
use crate::read::asked_address;

pub fn register(registry: &mut Registry) {
    registry.query("/cosmos.bank.v1beta1.Query/Balance", balance);
    registry.query("/cosmos.bank.v1beta1.Query/AllBalances", all_balances);
    registry.query("/cosmos.bank.v1beta1.Query/SpendableBalances", spendable_balances);
    registry.query("/cosmos.bank.v1beta1.Query/SpendableBalanceByDenom", spendable_balance_by_denom);
    registry.query("/cosmos.bank.v1beta1.Query/TotalSupply", total_supply);
    registry.query("/cosmos.bank.v1beta1.Query/SupplyOf", supply_of);
    registry.query("/cosmos.bank.v1beta1.Query/Params", params);
    registry.query("/cosmos.bank.v1beta1.Query/DenomMetadata", denom_metadata);
    registry.query("/cosmos.bank.v1beta1.Query/DenomMetadataByQueryString", denom_metadata_by_query_string);
    registry.query("/cosmos.bank.v1beta1.Query/DenomsMetadata", denoms_metadata);
    registry.query("/cosmos.bank.v1beta1.Query/SendEnabled", send_enabled);
    registry.query("/cosmos.bank.v1beta1.Query/DenomOwners", denom_owners);
    registry.query("/cosmos.bank.v1beta1.Query/DenomOwnersByQuery", denom_owners_by_query);
}

fn balance(ctx: &mut QueryCtx, request: QueryBalanceRequest) -> Result<QueryBalanceResponse, QueryError> {
    Ok(QueryBalanceResponse { balance: Some(one_balance(ctx, &request.address, request.denom)?) })
}

fn spendable_balance_by_denom(
    ctx: &mut QueryCtx,
    request: QuerySpendableBalanceByDenomRequest,
) -> Result<QuerySpendableBalanceByDenomResponse, QueryError> {
    let coin = one_balance(ctx, &request.address, request.denom)?;
    let locked = locked(ctx, &asked_address(&request.address)?)?;
    Ok(QuerySpendableBalanceByDenomResponse { balance: Some(free_part(coin, &locked)?) })
}

fn all_balances(ctx: &mut QueryCtx, request: QueryAllBalancesRequest) -> Result<QueryAllBalancesResponse, QueryError> {
    let (balances, pagination) = balances_of(ctx, &request.address, request.pagination.as_ref())?;
    Ok(QueryAllBalancesResponse { balances, pagination: Some(pagination) })
}

fn spendable_balances(
    ctx: &mut QueryCtx,
    request: QuerySpendableBalancesRequest,
) -> Result<QuerySpendableBalancesResponse, QueryError> {
    let (balances, pagination) = balances_of(ctx, &request.address, request.pagination.as_ref())?;
    let locked = locked(ctx, &asked_address(&request.address)?)?;
    let balances = balances.into_iter().map(|coin| free_part(coin, &locked)).collect::<Result<_, _>>()?;
    Ok(QuerySpendableBalancesResponse { balances, pagination: Some(pagination) })
}

fn denom_owners(ctx: &mut QueryCtx, request: QueryDenomOwnersRequest) -> Result<QueryDenomOwnersResponse, QueryError> {
    let (denom_owners, pagination) = owners_of(ctx, request.denom, request.pagination.as_ref())?;
    Ok(QueryDenomOwnersResponse { denom_owners, pagination: Some(pagination) })
}

fn denom_owners_by_query(
    ctx: &mut QueryCtx,
    request: QueryDenomOwnersByQueryRequest,
) -> Result<QueryDenomOwnersByQueryResponse, QueryError> {
    let (denom_owners, pagination) = owners_of(ctx, request.denom, request.pagination.as_ref())?;
    Ok(QueryDenomOwnersByQueryResponse { denom_owners, pagination: Some(pagination) })
}

fn total_supply(ctx: &mut QueryCtx, request: QueryTotalSupplyRequest) -> Result<QueryTotalSupplyResponse, QueryError> {
    let coin = |_: &mut QueryCtx, denom, amount| Ok(Some(Coin { denom, amount }));
    let (supply, pagination) = page::map(ctx, &SUPPLY, &[], request.pagination.as_ref(), coin)?;
    Ok(QueryTotalSupplyResponse { supply, pagination: Some(pagination) })
}

fn supply_of(ctx: &mut QueryCtx, request: QuerySupplyOfRequest) -> Result<QuerySupplyOfResponse, QueryError> {
    check_denom(&request.denom)?;
    let amount = SUPPLY.get(ctx, &request.denom)?.unwrap_or_else(zero);
    Ok(QuerySupplyOfResponse { amount: Some(Coin { denom: request.denom, amount }) })
}

fn params(ctx: &mut QueryCtx, _request: QueryParamsRequest) -> Result<QueryParamsResponse, QueryError> {
    Ok(QueryParamsResponse { params: Some(PARAMS.get(ctx)?.unwrap_or_else(state::default_params)) })
}

fn denom_metadata(
    ctx: &mut QueryCtx,
    request: QueryDenomMetadataRequest,
) -> Result<QueryDenomMetadataResponse, QueryError> {
    Ok(QueryDenomMetadataResponse { metadata: Some(metadata_of(ctx, request.denom)?) })
}

fn denom_metadata_by_query_string(
    ctx: &mut QueryCtx,
    request: QueryDenomMetadataByQueryStringRequest,
) -> Result<QueryDenomMetadataByQueryStringResponse, QueryError> {
    Ok(QueryDenomMetadataByQueryStringResponse { metadata: Some(metadata_of(ctx, request.denom)?) })
}

fn denoms_metadata(
    ctx: &mut QueryCtx,
    request: QueryDenomsMetadataRequest,
) -> Result<QueryDenomsMetadataResponse, QueryError> {
    let (metadatas, pagination) =
        page::map(ctx, &METADATA, &[], request.pagination.as_ref(), |_, _, metadata| Ok(Some(metadata)))?;
    Ok(QueryDenomsMetadataResponse { metadatas, pagination: Some(pagination) })
}

/// Only explicit entries, whether all or those that are named.
fn send_enabled(ctx: &mut QueryCtx, request: QuerySendEnabledRequest) -> Result<QuerySendEnabledResponse, QueryError> {
    if request.denoms.is_empty() {
        let (send_enabled, pagination) =
            page::map(ctx, &SEND_ENABLED, &[], request.pagination.as_ref(), |_, _, entry| Ok(Some(entry)))?;
        return Ok(QuerySendEnabledResponse { send_enabled, pagination: Some(pagination) });
    }
    let mut send_enabled = Vec::new();
    for denom in &request.denoms {
        send_enabled.extend(SEND_ENABLED.get(ctx, denom)?);
    }
    Ok(QuerySendEnabledResponse { send_enabled, pagination: None })
}

fn one_balance(ctx: &mut QueryCtx, address: &str, denom: String) -> Result<Coin, QueryError> {
    let address = asked_address(address)?;
    check_denom(&denom)?;
    let amount = BALANCES.get(ctx, &(address, denom.clone()))?.unwrap_or_else(zero);
    Ok(Coin { denom, amount })
}

fn balances_of(
    ctx: &mut QueryCtx,
    address: &str,
    request: Option<&PageRequest>,
) -> Result<(Vec<Coin>, PageResponse), QueryError> {
    let prefix = key_bytes(&asked_address(address)?);
    page::map(ctx, &BALANCES, &prefix, request, |_, (_, denom), amount| Ok(Some(Coin { denom, amount })))
}

fn owners_of(
    ctx: &mut QueryCtx,
    denom: String,
    request: Option<&PageRequest>,
) -> Result<(Vec<DenomOwner>, PageResponse), QueryError> {
    check_denom(&denom)?;
    page::index(ctx, &HOLDERS, &key_bytes(&denom), request, |ctx, (denom, address)| {
        let amount = BALANCES.get(ctx, &(address.clone(), denom.clone()))?;
        let owner = |amount| DenomOwner { address: address.to_string(), balance: Some(Coin { denom, amount }) };
        Ok(amount.map(owner))
    })
}

/// What an account may not spend at the asked height.
fn locked(ctx: &mut QueryCtx, address: &Address) -> Result<Coins, QueryError> {
    let now = ctx.time();
    auth::api::locked(ctx, address, now)
}

/// What of a coin is not locked; zero when more is locked than there is.
fn free_part(coin: Coin, locked: &Coins) -> Result<Coin, QueryError> {
    let held = state::amount(Some(coin.amount))?;
    let free = state::unlocked(held, locked.amount_of(&coin.denom)).unwrap_or(Int::ZERO);
    Ok(Coin { amount: free.to_string(), denom: coin.denom })
}

fn metadata_of(ctx: &mut QueryCtx, denom: String) -> Result<Metadata, QueryError> {
    check_denom(&denom)?;
    METADATA.get(ctx, &denom)?.ok_or_else(|| QueryError::not_found(format!("client metadata for denom {denom}")))
}

fn check_denom(denom: &str) -> Result<(), QueryError> {
    validate_denom(denom).map_err(|error| QueryError::invalid_argument(error.to_string()))
}

fn zero() -> String {
    "0".to_owned()
}
