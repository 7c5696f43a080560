//! Bank's messages and what is asked about holders.

use akash_kernel::testing::Bench;
use akash_proto::cosmos::bank::v1beta1::{
    Input, MsgMultiSend, MsgSend, MsgSetSendEnabled, MsgUpdateParams, Output, Params, QueryDenomOwnersByQueryRequest,
    QueryDenomOwnersByQueryResponse, QueryDenomOwnersRequest, QueryDenomOwnersResponse, SendEnabled,
};
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_types::address::Address;
use serde_json::json;

use crate::bench::{address, ask, balance, check_invariants, fund, refused, run, with_genesis};

fn coin(amount: u64, denom: &str) -> Coin {
    Coin { denom: denom.to_owned(), amount: amount.to_string() }
}

fn chain() -> Bench {
    let mut bench = with_genesis(json!({ "auth": {} })).expect("a sound genesis");
    fund(&mut bench, &address(1), "100uakt");
    bench
}

fn multi(inputs: &[(u8, u64)], outputs: &[(u8, u64)]) -> MsgMultiSend {
    MsgMultiSend {
        inputs: inputs
            .iter()
            .map(|(from, amount)| Input { address: address(*from).to_string(), coins: vec![coin(*amount, "uakt")] })
            .collect(),
        outputs: outputs
            .iter()
            .map(|(to, amount)| Output { address: address(*to).to_string(), coins: vec![coin(*amount, "uakt")] })
            .collect(),
    }
}

#[test]
fn one_pays_many_with_equal_sums() {
    let mut bench = chain();
    run(&mut bench, &multi(&[(1, 30)], &[(2, 10), (3, 20)])).expect("it has them");
    assert_eq!([1, 2, 3].map(|of| balance(&mut bench, &address(of), "uakt")), ["70", "10", "20"]);
    let cases = [
        (multi(&[], &[(2, 1)]), "bank/2: no inputs to send transaction"),
        (multi(&[(1, 1), (2, 1)], &[(3, 2)]), "bank/9: multiple senders not allowed"),
        (multi(&[(1, 1)], &[]), "bank/3: no outputs to send transaction"),
        (multi(&[(1, 3)], &[(2, 2)]), "bank/4: sum inputs != sum outputs"),
        (multi(&[(1, 0)], &[(2, 0)]), "sdk/10: 0uakt: invalid coins"),
        (multi(&[(1, 71)], &[(2, 71)]), "sdk/5: spendable balance 70uakt is smaller than 71uakt: insufficient funds"),
    ];
    for (message, expected) in cases {
        assert_eq!(refused(&mut bench, &message), expected);
    }
    check_invariants(&mut bench);
}

#[test]
fn parts_of_a_send_are_checked_in_order() {
    let mut bench = chain();
    let good = MsgSend {
        from_address: address(1).to_string(),
        to_address: address(2).to_string(),
        amount: vec![coin(1, "uakt")],
    };
    let cases = [
        (MsgSend { from_address: String::new(), ..good.clone() }, "sdk/7: invalid from address: empty address string"),
        (MsgSend { to_address: "x".to_owned(), ..good.clone() }, "sdk/7: invalid to address: decoding bech32 failed"),
        (MsgSend { amount: Vec::new(), ..good.clone() }, "sdk/10: : invalid coins"),
        (MsgSend { amount: vec![coin(1, "uakt"), coin(1, "uact")], ..good.clone() }, "sdk/10: 1uakt,1uact: invalid"),
        (
            MsgSend { amount: vec![Coin { amount: "-1".to_owned(), ..coin(1, "uakt") }], ..good.clone() },
            "sdk/10: -1uakt",
        ),
        (MsgSend { to_address: Address::module("gov").to_string(), ..good.clone() }, "sdk/4: "),
        (MsgSend { amount: vec![coin(1, "uact")], ..good.clone() }, "sdk/5: spendable balance 0uact is smaller than"),
    ];
    for (message, expected) in cases {
        let found = refused(&mut bench, &message);
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn authority_decides_what_may_be_sent() {
    let mut bench = chain();
    let authority = Address::module("gov").to_string();
    let entry = |enabled| SendEnabled { denom: "uakt".to_owned(), enabled };
    let set = |authority: &str, entries: Vec<SendEnabled>, defaults: Vec<String>| MsgSetSendEnabled {
        authority: authority.to_owned(),
        send_enabled: entries,
        use_default_for: defaults,
    };
    let send = multi(&[(1, 1)], &[(2, 1)]);
    run(&mut bench, &set(&authority, vec![entry(false)], Vec::new())).expect("by the authority");
    let disabled = "bank/5: uakt transfers are currently disabled: send transactions are disabled";
    assert_eq!(refused(&mut bench, &send), disabled);
    run(&mut bench, &set(&authority, Vec::new(), vec!["uakt".to_owned()])).expect("by the authority");
    run(&mut bench, &send).expect("the default holds again");
    let params = Some(Params { default_send_enabled: false, ..Params::default() });
    run(&mut bench, &MsgUpdateParams { authority: authority.clone(), params }).expect("by the authority");
    assert_eq!(refused(&mut bench, &send), disabled);

    let twice = set(&authority, vec![entry(true), entry(false)], Vec::new());
    assert_eq!(refused(&mut bench, &twice), "sdk/18: duplicate denom entry found for \"uakt\": invalid request");
    let stranger = address(1).to_string();
    assert!(refused(&mut bench, &set(&stranger, Vec::new(), Vec::new())).starts_with("gov/13: invalid authority;"));
}

#[test]
fn holders_are_listed_by_denomination_in_pages() {
    let mut bench = chain();
    run(&mut bench, &multi(&[(1, 30)], &[(2, 10), (3, 20)])).expect("it has them");
    run(&mut bench, &multi(&[(2, 10)], &[(3, 10)])).expect("it has them");
    fund(&mut bench, &address(9), "5uact");
    check_invariants(&mut bench);
    bench.commit();
    let page = |key: Vec<u8>| {
        let pagination = Some(PageRequest { key, limit: 1, ..PageRequest::default() });
        let request = QueryDenomOwnersRequest { denom: "uakt".to_owned(), pagination };
        ask::<_, QueryDenomOwnersResponse>(&bench, "/cosmos.bank.v1beta1.Query/DenomOwners", &request).expect("a page")
    };
    let first = page(Vec::new());
    let second = page(first.pagination.expect("set").next_key);
    assert_eq!(second.pagination.expect("set").next_key, Vec::<u8>::new());
    let owners: Vec<_> = [&first.denom_owners[0], &second.denom_owners[0]]
        .map(|owner| (owner.address.clone(), owner.balance.clone().expect("set").amount))
        .into();
    assert_eq!(owners, [(address(1).to_string(), "70".to_owned()), (address(3).to_string(), "30".to_owned())]);
    let request = QueryDenomOwnersByQueryRequest { denom: "uact".to_owned(), pagination: None };
    let path = "/cosmos.bank.v1beta1.Query/DenomOwnersByQuery";
    let acts: QueryDenomOwnersByQueryResponse = ask(&bench, path, &request).expect("a page");
    assert_eq!(acts.denom_owners.len(), 1);
    let request = QueryDenomOwnersRequest { denom: "!".to_owned(), pagination: None };
    assert!(ask::<_, QueryDenomOwnersResponse>(&bench, "/cosmos.bank.v1beta1.Query/DenomOwners", &request).is_err());
}
