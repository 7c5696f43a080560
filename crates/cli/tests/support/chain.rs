//! Reads the chain as any outsider does: `abci_query` with protobuf requests.

use akash_proto::akash::market::{v1 as market_v1, v1beta5 as market};
use akash_proto::cosmos;
use akash_proto::cosmos::auth::v1beta1 as auth;
use akash_proto::cosmos::bank::v1beta1 as bank;
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use akash_types::num::{Dec, Int};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use prost::{Message, Name};
use serde_json::json;

use super::rpc;

/// One gRPC query over JSON-RPC; fails on any error.
pub fn query<Q: Message, R: Message + Default>(url: &str, path: &str, request: &Q) -> R {
    let data: String = request.encode_to_vec().iter().map(|byte| format!("{byte:02x}")).collect();
    let answer = rpc(url, "abci_query", json!({"path": path, "data": data, "height": "0", "prove": false}));
    let response = &answer["response"];
    assert_eq!(response["code"], 0, "{path}: {response}");
    let value = BASE64_STANDARD.decode(response["value"].as_str().unwrap_or_default()).unwrap();
    R::decode(&*value).unwrap()
}

pub fn balance(url: &str, address: &str, denom: &str) -> u128 {
    let request = bank::QueryBalanceRequest { address: address.into(), denom: denom.into() };
    let answer: bank::QueryBalanceResponse = query(url, "/cosmos.bank.v1beta1.Query/Balance", &request);
    amount(&answer.balance.unwrap())
}

/// Whole units that the tenant's one lease cost: its price times the blocks it stood, rounded up to what the refund,
/// rounded down, leaves.
pub fn owed(rpc: &str, tenant: &str) -> u128 {
    let filters = Some(market_v1::LeaseFilters::default());
    let request = market::QueryLeasesRequest { filters, pagination: None };
    let answer: market::QueryLeasesResponse = query(rpc, "/akash.market.v1beta5.Query/Leases", &request);
    let [lease] = &answer.leases[..] else { panic!("not one lease: {:?}", answer.leases) };
    let lease = lease.lease.as_ref().unwrap();
    assert_eq!(lease.id.as_ref().unwrap().owner, tenant);
    let price = Dec::from_wire(&lease.price.as_ref().unwrap().amount).unwrap();
    let blocks = u64::try_from(lease.closed_on - lease.created_at).unwrap();
    assert!(blocks > 0, "{lease:?}");
    let cost = price.checked_mul_int(Int::from(blocks)).unwrap();
    cost.ceil().to_u128().unwrap()
}

/// Checks that for each denomination the supply is the sum of all balances.
pub fn check_supply(url: &str) {
    let supply: bank::QueryTotalSupplyResponse = query(
        url,
        "/cosmos.bank.v1beta1.Query/TotalSupply",
        &bank::QueryTotalSupplyRequest { pagination: everything() },
    );
    assert!(!supply.supply.is_empty());
    let addresses = account_addresses(url);
    for coin in supply.supply {
        let sum: u128 = addresses.iter().map(|address| balance(url, address, &coin.denom)).sum();
        assert_eq!(sum, amount(&coin), "supply of {}", coin.denom);
    }
}

fn account_addresses(url: &str) -> Vec<String> {
    let request = auth::QueryAccountsRequest { pagination: everything() };
    let answer: auth::QueryAccountsResponse = query(url, "/cosmos.auth.v1beta1.Query/Accounts", &request);
    let accounts = answer.accounts.into_iter().map(|any| {
        if any.type_url == auth::ModuleAccount::type_url() {
            let module = auth::ModuleAccount::decode(&*any.value).unwrap();
            module.base_account.unwrap().address
        } else {
            assert_eq!(any.type_url, auth::BaseAccount::type_url());
            auth::BaseAccount::decode(&*any.value).unwrap().address
        }
    });
    accounts.collect()
}

fn everything() -> Option<PageRequest> {
    Some(PageRequest { limit: 1000, ..PageRequest::default() })
}

fn amount(coin: &cosmos::base::v1beta1::Coin) -> u128 {
    coin.amount.parse().unwrap()
}
