//! What clients ask about accounts.

use akash_kernel::{QueryCtx, QueryError, Registry, page};
use akash_proto::cosmos::auth::v1beta1::{
    AddressBytesToStringRequest, AddressBytesToStringResponse, AddressStringToBytesRequest,
    AddressStringToBytesResponse, Bech32PrefixRequest, Bech32PrefixResponse, QueryAccountAddressByIdRequest,
    QueryAccountAddressByIdResponse, QueryAccountInfoRequest, QueryAccountInfoResponse, QueryAccountRequest,
    QueryAccountResponse, QueryAccountsRequest, QueryAccountsResponse, QueryModuleAccountByNameRequest,
    QueryModuleAccountByNameResponse, QueryModuleAccountsRequest, QueryModuleAccountsResponse, QueryParamsRequest,
    QueryParamsResponse,
};
use akash_types::address::{Address, Prefix};
use prost_types::Any;

use super::account::Account;
use super::api::{self, MODULE_ACCOUNTS};
use super::state::{ACCOUNTS, NUMBERS, PARAMS};

pub fn register(registry: &mut Registry) {
    registry.query("/cosmos.auth.v1beta1.Query/Accounts", accounts);
    registry.query("/cosmos.auth.v1beta1.Query/Account", account);
    registry.query("/cosmos.auth.v1beta1.Query/AccountInfo", account_info);
    registry.query("/cosmos.auth.v1beta1.Query/AccountAddressByID", account_address_by_id);
    registry.query("/cosmos.auth.v1beta1.Query/ModuleAccounts", module_accounts);
    registry.query("/cosmos.auth.v1beta1.Query/ModuleAccountByName", module_account_by_name);
    registry.query("/cosmos.auth.v1beta1.Query/Params", params);
    registry.query("/cosmos.auth.v1beta1.Query/Bech32Prefix", bech32_prefix);
    registry.query("/cosmos.auth.v1beta1.Query/AddressBytesToString", address_bytes_to_string);
    registry.query("/cosmos.auth.v1beta1.Query/AddressStringToBytes", address_string_to_bytes);
}

fn accounts(ctx: &mut QueryCtx, request: QueryAccountsRequest) -> Result<QueryAccountsResponse, QueryError> {
    let (accounts, pagination) =
        page::map(ctx, &ACCOUNTS, &[], request.pagination.as_ref(), |_, _, account| Ok(Some(account)))?;
    Ok(QueryAccountsResponse { accounts, pagination: Some(pagination) })
}

fn account(ctx: &mut QueryCtx, request: QueryAccountRequest) -> Result<QueryAccountResponse, QueryError> {
    Ok(QueryAccountResponse { account: Some(find(ctx, &request.address)?) })
}

fn account_info(ctx: &mut QueryCtx, request: QueryAccountInfoRequest) -> Result<QueryAccountInfoResponse, QueryError> {
    let account = Account::from_any(&find(ctx, &request.address)?)?;
    Ok(QueryAccountInfoResponse { info: Some(account.into_base()) })
}

fn account_address_by_id(
    ctx: &mut QueryCtx,
    request: QueryAccountAddressByIdRequest,
) -> Result<QueryAccountAddressByIdResponse, QueryError> {
    #[expect(deprecated, reason = "the old field is refused by name")]
    let old_id = request.id;
    if old_id != 0 {
        return Err(QueryError::invalid_argument(
            "requesting with id isn't supported, try to request using account-id",
        ));
    }
    let id = request.account_id;
    let found = NUMBERS.scan_under(ctx, &id, 1)?;
    let (_, address) = found
        .into_iter()
        .next()
        .ok_or_else(|| QueryError::not_found(format!("account address not found with account number {id}")))?;
    Ok(QueryAccountAddressByIdResponse { account_address: address.to_string() })
}

fn module_accounts(
    ctx: &mut QueryCtx,
    _request: QueryModuleAccountsRequest,
) -> Result<QueryModuleAccountsResponse, QueryError> {
    let mut accounts = Vec::new();
    for (name, _) in MODULE_ACCOUNTS {
        accounts.extend(ACCOUNTS.get(ctx, &Address::module(name))?);
    }
    Ok(QueryModuleAccountsResponse { accounts })
}

fn module_account_by_name(
    ctx: &mut QueryCtx,
    request: QueryModuleAccountByNameRequest,
) -> Result<QueryModuleAccountByNameResponse, QueryError> {
    if request.name.is_empty() {
        return Err(QueryError::invalid_argument("module name is empty"));
    }
    let missing = || QueryError::not_found(format!("account {} not found", request.name));
    api::module_permissions(&request.name).ok_or_else(missing)?;
    let account = ACCOUNTS.get(ctx, &Address::module(&request.name))?.ok_or_else(missing)?;
    Ok(QueryModuleAccountByNameResponse { account: Some(account) })
}

fn params(ctx: &mut QueryCtx, _request: QueryParamsRequest) -> Result<QueryParamsResponse, QueryError> {
    Ok(QueryParamsResponse { params: Some(PARAMS.get(ctx)?.unwrap_or_else(api::default_params)) })
}

fn bech32_prefix(_: &mut QueryCtx, _: Bech32PrefixRequest) -> Result<Bech32PrefixResponse, QueryError> {
    Ok(Bech32PrefixResponse { bech32_prefix: Prefix::Account.as_str().to_owned() })
}

fn address_bytes_to_string(
    _: &mut QueryCtx,
    request: AddressBytesToStringRequest,
) -> Result<AddressBytesToStringResponse, QueryError> {
    if request.address_bytes.is_empty() {
        return Err(QueryError::invalid_argument("empty address bytes is not allowed"));
    }
    let address = Address::from_bytes(&request.address_bytes);
    let address = address.map_err(|error| QueryError::invalid_argument(error.to_string()))?;
    Ok(AddressBytesToStringResponse { address_string: address.to_string() })
}

fn address_string_to_bytes(
    _: &mut QueryCtx,
    request: AddressStringToBytesRequest,
) -> Result<AddressStringToBytesResponse, QueryError> {
    let address = parse(&request.address_string)?;
    Ok(AddressStringToBytesResponse { address_bytes: address.as_bytes().to_vec() })
}

fn find(ctx: &mut QueryCtx, address: &str) -> Result<Any, QueryError> {
    let parsed = parse(address)?;
    ACCOUNTS.get(ctx, &parsed)?.ok_or_else(|| QueryError::not_found(format!("account {address} not found")))
}

fn parse(address: &str) -> Result<Address, QueryError> {
    if address.is_empty() {
        return Err(QueryError::invalid_argument("Address cannot be empty"));
    }
    Address::parse(address).map_err(|error| QueryError::invalid_argument(error.to_string()))
}
