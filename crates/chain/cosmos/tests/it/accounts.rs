//! Accounts and their numbers.

use akash_cosmos::auth;
use akash_proto::cosmos::auth::v1beta1::{
    Bech32PrefixRequest, Bech32PrefixResponse, ModuleAccount, QueryAccountAddressByIdRequest,
    QueryAccountAddressByIdResponse, QueryAccountInfoRequest, QueryAccountInfoResponse,
    QueryModuleAccountByNameRequest, QueryModuleAccountByNameResponse, QueryModuleAccountsRequest,
    QueryModuleAccountsResponse,
};
use prost::Message;

use crate::bench::{address, ask, check_invariants, empty};

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
