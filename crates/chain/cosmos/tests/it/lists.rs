//! Queries about coins, in pages.

use akash_cosmos::bank;
use akash_proto::cosmos::bank::v1beta1::{
    QueryAllBalancesRequest, QueryAllBalancesResponse, QueryBalanceRequest, QueryBalanceResponse,
    QueryDenomMetadataRequest, QueryDenomMetadataResponse, QuerySendEnabledRequest, QuerySendEnabledResponse,
    QuerySupplyOfRequest, QuerySupplyOfResponse, QueryTotalSupplyRequest, QueryTotalSupplyResponse,
};
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use akash_proto::cosmos::base::v1beta1::Coin;

use crate::bench::{address, ask, coins, empty, with_genesis};

fn text(coins: &[Coin]) -> String {
    coins.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect::<Vec<_>>().join(",")
}

#[test]
fn balances_come_in_pages_in_order_of_denominations() {
    let mut bench = empty();
    let all = coins("1aaa,2bbb,3ccc,4ddd");
    bank::api::mint(&mut bench.ctx(), "bme", &all).expect("bme mints");
    bank::api::module_to_account(&mut bench.ctx(), "bme", &address(1), &all).expect("it has them");
    bench.commit();

    let page = |pagination: PageRequest| {
        let request = QueryAllBalancesRequest {
            address: address(1).to_string(),
            pagination: Some(pagination),
            ..Default::default()
        };
        let path = "/cosmos.bank.v1beta1.Query/AllBalances";
        ask::<_, QueryAllBalancesResponse>(&bench, path, &request).expect("an answer")
    };
    let first = page(PageRequest { limit: 3, count_total: true, ..Default::default() });
    assert_eq!(text(&first.balances), "1aaa,2bbb,3ccc");
    let pagination = first.pagination.expect("set");
    assert_eq!(pagination.total, 4);
    let second = page(PageRequest { key: pagination.next_key, limit: 3, ..Default::default() });
    assert_eq!(text(&second.balances), "4ddd");
    assert_eq!(second.pagination.expect("set").next_key, Vec::<u8>::new());
    assert_eq!(text(&page(PageRequest { limit: 2, reverse: true, ..Default::default() }).balances), "4ddd,3ccc");

    let path = "/cosmos.bank.v1beta1.Query/TotalSupply";
    let supply: QueryTotalSupplyResponse = ask(&bench, path, &QueryTotalSupplyRequest::default()).expect("an answer");
    assert_eq!(text(&supply.supply), "1aaa,2bbb,3ccc,4ddd");
}

#[test]
fn what_is_unknown_is_zero_and_what_is_malformed_is_refused() {
    let mut bench = empty();
    bench.commit();
    let path = "/cosmos.bank.v1beta1.Query/Balance";
    let mut request = QueryBalanceRequest { address: address(1).to_string(), denom: "uakt".to_owned() };
    let zero: QueryBalanceResponse = ask(&bench, path, &request).expect("an answer");
    assert_eq!(text(&[zero.balance.expect("set")]), "0uakt");
    request.denom = "1".to_owned();
    let error = ask::<_, QueryBalanceResponse>(&bench, path, &request).unwrap_err();
    assert_eq!((error.grpc_code, error.text.as_str()), (akash_kernel::GrpcCode::InvalidArgument, "invalid denom: 1"));

    let request = QuerySupplyOfRequest { denom: "uakt".to_owned() };
    let path = "/cosmos.bank.v1beta1.Query/SupplyOf";
    let supply: QuerySupplyOfResponse = ask(&bench, path, &request).expect("an answer");
    assert_eq!(text(&[supply.amount.expect("set")]), "0uakt");
    let request = QueryDenomMetadataRequest { denom: "uakt".to_owned() };
    let path = "/cosmos.bank.v1beta1.Query/DenomMetadata";
    let error = ask::<_, QueryDenomMetadataResponse>(&bench, path, &request).unwrap_err();
    assert_eq!(error.text, "client metadata for denom uakt");
}

#[test]
fn only_explicit_send_enabled_entries_are_listed() {
    let state = serde_json::json!({ "bank": { "send_enabled": [{ "denom": "uact", "enabled": false }] } });
    let mut bench = with_genesis(state).expect("a sound genesis");
    bench.commit();
    let list = |denoms: &[&str]| {
        let denoms = denoms.iter().map(|&denom| denom.to_owned()).collect();
        let request = QuerySendEnabledRequest { denoms, pagination: None };
        let path = "/cosmos.bank.v1beta1.Query/SendEnabled";
        let answer: QuerySendEnabledResponse = ask(&bench, path, &request).expect("an answer");
        answer.send_enabled.iter().map(|entry| (entry.denom.clone(), entry.enabled)).collect::<Vec<_>>()
    };
    assert_eq!(list(&[]), [("uact".to_owned(), false)]);
    assert_eq!(list(&["uakt"]), []);
    assert_eq!(list(&["uakt", "uact"]), [("uact".to_owned(), false)]);
}
