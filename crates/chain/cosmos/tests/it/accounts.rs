//! Accounts and their numbers.

use akash_cosmos::auth;
use akash_proto::cosmos::auth::v1beta1::{
    AddressBytesToStringRequest, AddressBytesToStringResponse, AddressStringToBytesRequest,
    AddressStringToBytesResponse, Bech32PrefixRequest, Bech32PrefixResponse, ModuleAccount, MsgUpdateParams, Params,
    QueryAccountAddressByIdRequest, QueryAccountAddressByIdResponse, QueryAccountInfoRequest, QueryAccountInfoResponse,
    QueryAccountsRequest, QueryAccountsResponse, QueryModuleAccountByNameRequest, QueryModuleAccountByNameResponse,
    QueryModuleAccountsRequest, QueryModuleAccountsResponse,
};
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use prost::Message;

use crate::bench::{address, ask, check_invariants, empty, refused, run};

#[test]
fn numbers_count_up_and_find_their_accounts() {
    let mut bench = empty();
    for number in [5, 3, 5, 9] {
        auth::api::ensure_account(&mut bench.ctx(), &address(number)).expect("an account");
    }
    check_invariants(&mut bench);
    bench.commit();

    for (account_id, number) in [(0, 5), (1, 3), (2, 9)] {
        let request = QueryAccountAddressByIdRequest { account_id, ..Default::default() };
        let path = "/cosmos.auth.v1beta1.Query/AccountAddressByID";
        let answer: QueryAccountAddressByIdResponse = ask(&bench, path, &request).expect("it exists");
        assert_eq!(answer.account_address, address(number).to_string());
    }
    let request = QueryAccountInfoRequest { address: address(9).to_string() };
    let path = "/cosmos.auth.v1beta1.Query/AccountInfo";
    let info: QueryAccountInfoResponse = ask(&bench, path, &request).expect("it exists");
    assert_eq!(info.info.map(|account| account.account_number), Some(2));
    let request = QueryAccountInfoRequest { address: address(8).to_string() };
    let missing = ask::<_, QueryAccountInfoResponse>(&bench, path, &request).unwrap_err();
    assert_eq!(missing.text, format!("account {} not found", address(8)));
}

#[test]
fn module_accounts_are_found_by_name() {
    let mut bench = crate::bench::with_genesis(serde_json::json!({ "auth": {} })).expect("a sound genesis");
    check_invariants(&mut bench);
    bench.commit();
    let path = "/cosmos.auth.v1beta1.Query/ModuleAccounts";
    let all: QueryModuleAccountsResponse = ask(&bench, path, &QueryModuleAccountsRequest {}).expect("an answer");
    assert_eq!(all.accounts.len(), auth::api::MODULE_ACCOUNTS.len());

    let path = "/cosmos.auth.v1beta1.Query/ModuleAccountByName";
    let request = QueryModuleAccountByNameRequest { name: "gov".to_owned() };
    let found: QueryModuleAccountByNameResponse = ask(&bench, path, &request).expect("it exists");
    let gov = ModuleAccount::decode(found.account.expect("set").value.as_slice()).expect("a module account");
    assert_eq!((gov.name.as_str(), gov.permissions), ("gov", vec!["burner".to_owned()]));
    // The bytes are those of every Cosmos chain; only the prefix is ours.
    assert_eq!(gov.base_account.expect("set").address, "akash10d07y265gmmuvt4z0w9aw880jnsr700jhe7z0f");
    let request = QueryModuleAccountByNameRequest { name: "nobody".to_owned() };
    assert!(ask::<_, QueryModuleAccountByNameResponse>(&bench, path, &request).is_err());

    let path = "/cosmos.auth.v1beta1.Query/Bech32Prefix";
    let prefix: Bech32PrefixResponse = ask(&bench, path, &Bech32PrefixRequest {}).expect("an answer");
    assert_eq!(prefix.bech32_prefix, "akash");
}

#[test]
fn accounts_are_listed_found_by_number_and_addresses_translated() {
    let mut bench = empty();
    for number in [3, 1, 2] {
        auth::api::ensure_account(&mut bench.ctx(), &address(number)).expect("a new account");
    }
    bench.commit();
    let page = |key: Vec<u8>| {
        let pagination = Some(PageRequest { key, limit: 2, ..PageRequest::default() });
        let path = "/cosmos.auth.v1beta1.Query/Accounts";
        ask::<_, QueryAccountsResponse>(&bench, path, &QueryAccountsRequest { pagination }).expect("a page")
    };
    let first = page(Vec::new());
    let second = page(first.pagination.expect("set").next_key);
    assert_eq!((first.accounts.len(), second.accounts.len()), (2, 1));

    let by_number = |account_id: u64| {
        let request = QueryAccountAddressByIdRequest { account_id, ..Default::default() };
        let path = "/cosmos.auth.v1beta1.Query/AccountAddressByID";
        ask::<_, QueryAccountAddressByIdResponse>(&bench, path, &request)
    };
    assert_eq!(by_number(0).expect("it exists").account_address, address(3).to_string());
    assert_eq!(by_number(2).expect("it exists").account_address, address(2).to_string());
    assert_eq!(by_number(3).unwrap_err().text, "account address not found with account number 3");

    let request = AddressBytesToStringRequest { address_bytes: address(1).as_bytes().to_vec() };
    let path = "/cosmos.auth.v1beta1.Query/AddressBytesToString";
    let shown: AddressBytesToStringResponse = ask(&bench, path, &request).expect("an answer");
    assert_eq!(shown.address_string, address(1).to_string());
    let path = "/cosmos.auth.v1beta1.Query/AddressStringToBytes";
    let request = AddressStringToBytesRequest { address_string: shown.address_string };
    let bytes: AddressStringToBytesResponse = ask(&bench, path, &request).expect("an answer");
    assert_eq!(bytes.address_bytes, address(1).as_bytes());
    let request = AddressStringToBytesRequest { address_string: String::new() };
    assert_eq!(
        ask::<_, AddressStringToBytesResponse>(&bench, path, &request).unwrap_err().text,
        "Address cannot be empty"
    );
}

#[test]
fn parameters_change_by_the_authority_within_their_bounds() {
    let mut bench = empty();
    let params = auth::api::default_params();
    let update =
        |authority: &str, params: Params| MsgUpdateParams { authority: authority.to_owned(), params: Some(params) };
    let gov = akash_types::address::Address::module("gov").to_string();
    run(&mut bench, &update(&gov, Params { max_memo_characters: 9, ..params })).expect("by the authority");
    assert_eq!(auth::api::params(&mut bench.ctx()).expect("readable").max_memo_characters, 9);
    let found = refused(&mut bench, &update(&gov, Params { tx_sig_limit: 0, ..params }));
    assert_eq!(found, "undefined/1: invalid tx signature limit: 0");
    let stranger = address(1).to_string();
    let expected = format!(
        "undefined/1: expected gov account as only signer for proposal message; invalid authority; expected {gov}, got \
         {stranger}"
    );
    assert_eq!(refused(&mut bench, &update(&stranger, params)), expected);
}
