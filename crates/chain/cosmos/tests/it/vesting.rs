//! Accounts whose coins become free in time, through messages, transfers and queries.

use akash_cosmos::bank;
use akash_kernel::testing::Bench;
use akash_proto::cosmos::auth::v1beta1::{QueryAccountRequest, QueryAccountResponse};
use akash_proto::cosmos::bank::v1beta1::{
    MsgSend, MsgSetSendEnabled, QuerySpendableBalanceByDenomRequest, QuerySpendableBalanceByDenomResponse,
    QuerySpendableBalancesRequest, QuerySpendableBalancesResponse, SendEnabled,
};
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_proto::cosmos::vesting::v1beta1::{
    MsgCreatePeriodicVestingAccount, MsgCreatePermanentLockedAccount, MsgCreateVestingAccount, Period,
};
use akash_types::address::Address;
use serde_json::json;

use crate::bench::{address, ask, balance, check_invariants, coins, fund, modules, refused, run, with_genesis};

fn uakt(amount: u64) -> Vec<Coin> {
    vec![Coin { denom: "uakt".to_owned(), amount: amount.to_string() }]
}

fn create(to: u8, amount: u64, end_time: i64, delayed: bool) -> MsgCreateVestingAccount {
    let (from_address, to_address) = (address(1).to_string(), address(to).to_string());
    MsgCreateVestingAccount { from_address, to_address, amount: uakt(amount), end_time, delayed }
}

fn send(from: u8, to: u8, amount: u64) -> MsgSend {
    MsgSend { from_address: address(from).to_string(), to_address: address(to).to_string(), amount: uakt(amount) }
}

fn chain() -> Bench {
    let mut bench = with_genesis(json!({ "auth": {} })).expect("a sound genesis");
    fund(&mut bench, &address(1), "10000uakt");
    bench
}

fn spendable(bench: &mut Bench, of: u8) -> String {
    bank::api::spendable(&mut bench.ctx(), &address(of), "uakt").expect("readable").to_string()
}

#[test]
fn locked_coins_stay_and_others_move() {
    let mut bench = chain();
    let end = bench.block.time.seconds + 100;
    run(&mut bench, &create(2, 1_000, end, false)).expect("a new account");
    assert_eq!((balance(&mut bench, &address(2), "uakt").as_str(), spendable(&mut bench, 2).as_str()), ("1000", "0"));
    run(&mut bench, &send(1, 2, 7)).expect("it has them");
    assert_eq!(
        refused(&mut bench, &send(2, 3, 8)),
        "sdk/5: spendable balance 7uakt is smaller than 8uakt: insufficient funds"
    );
    run(&mut bench, &send(2, 3, 7)).expect("what came later is free");
    bench.block.time.seconds = end - 75;
    assert_eq!(spendable(&mut bench, 2), "250");
    run(&mut bench, &send(2, 3, 250)).expect("a quarter is free");
    assert!(refused(&mut bench, &send(2, 3, 1)).contains("spendable balance 0uakt is smaller than 1uakt"));
    bench.block.time.seconds = end;
    run(&mut bench, &send(2, 3, 750)).expect("all is free");
    check_invariants(&mut bench);
}

#[test]
fn each_kind_frees_by_its_schedule() {
    let mut bench = chain();
    let now = bench.block.time.seconds;
    let period = |length, amount| Period { length, amount: uakt(amount) };
    run(&mut bench, &create(2, 100, now + 50, true)).expect("a new account");
    let forever = MsgCreatePermanentLockedAccount {
        from_address: address(1).to_string(),
        to_address: address(3).to_string(),
        amount: uakt(100),
    };
    run(&mut bench, &forever).expect("a new account");
    let periodic = MsgCreatePeriodicVestingAccount {
        from_address: address(1).to_string(),
        to_address: address(4).to_string(),
        start_time: now - 10,
        vesting_periods: vec![period(20, 30), period(40, 70)],
    };
    run(&mut bench, &periodic).expect("a new account");
    let mut at = |seconds: i64| {
        bench.block.time.seconds = now + seconds;
        [2, 3, 4].map(|of| spendable(&mut bench, of))
    };
    assert_eq!(at(9), ["0", "0", "0"]);
    assert_eq!(at(10), ["0", "0", "30"]);
    assert_eq!(at(50), ["100", "0", "100"]);
}

#[test]
fn unsound_messages_are_refused() {
    let mut bench = chain();
    let end = bench.block.time.seconds + 100;
    let refusal = |bench: &mut Bench, message: &MsgCreateVestingAccount| refused(bench, message);
    assert_eq!(refusal(&mut bench, &create(2, 5, 0, false)), "sdk/18: invalid end time: invalid request");
    assert_eq!(refusal(&mut bench, &create(2, 0, end, false)), "sdk/10: 0uakt: invalid coins");
    let mut nobody = create(2, 5, end, false);
    nobody.to_address = "akash1".to_owned();
    assert!(refusal(&mut bench, &nobody).starts_with("sdk/7: invalid 'to' address: "));
    let existing = format!("sdk/18: account {} already exists: invalid request", address(1));
    assert_eq!(refusal(&mut bench, &create(1, 5, end, false)), existing);
    let mut module = create(2, 5, end, false);
    module.to_address = Address::module("escrow").to_string();
    assert!(refusal(&mut bench, &module).ends_with("is not allowed to receive funds: unauthorized"));
    assert!(refusal(&mut bench, &create(2, 20_000, end, false)).starts_with("sdk/5: spendable balance 10000uakt"));

    let periods = |start_time, length| MsgCreatePeriodicVestingAccount {
        from_address: address(1).to_string(),
        to_address: address(4).to_string(),
        start_time,
        vesting_periods: vec![Period { length, amount: uakt(1) }],
    };
    assert_eq!(
        refused(&mut bench, &periods(0, 1)),
        "sdk/18: invalid start time of 0, length must be greater than 0: invalid request"
    );
    assert_eq!(
        refused(&mut bench, &periods(1, 0)),
        "sdk/18: invalid period length of 0 in period 0, length must be greater than 0: invalid request"
    );
    assert!(refused(&mut bench, &periods(1, i64::MAX)).starts_with("sdk/18: vesting periods are too long"));
    let none = MsgCreatePeriodicVestingAccount { vesting_periods: Vec::new(), ..periods(1, 1) };
    assert_eq!(refused(&mut bench, &none), "sdk/10: : invalid coins", "as of any message without coins");

    let disable = MsgSetSendEnabled {
        authority: Address::module("gov").to_string(),
        send_enabled: vec![SendEnabled { denom: "uakt".to_owned(), enabled: false }],
        use_default_for: Vec::new(),
    };
    run(&mut bench, &disable).expect("by the authority");
    assert!(
        refusal(&mut bench, &create(2, 5, end, false)).starts_with("bank/5: uakt transfers are currently disabled")
    );
}

#[test]
fn periods_have_bounds_in_number_and_denominations() {
    let mut bench = chain();
    let periods = |denoms: &mut dyn Iterator<Item = String>| MsgCreatePeriodicVestingAccount {
        from_address: address(1).to_string(),
        to_address: address(4).to_string(),
        start_time: 1,
        vesting_periods: denoms
            .map(|denom| Period { length: 1, amount: vec![Coin { denom, amount: "1".to_owned() }] })
            .collect(),
    };
    let one = |count| periods(&mut std::iter::repeat_n("uakt".to_owned(), count));
    assert_eq!(refused(&mut bench, &one(4097)), "sdk/18: more than 4096 vesting periods: invalid request");
    run(&mut bench, &one(4096)).expect("a new account");
    let many = periods(&mut (0..1025).map(|number| format!("denom{number}")));
    assert_eq!(refused(&mut bench, &many), "sdk/18: vesting periods are too long or too large: invalid request");
}

#[test]
fn queries_tell_kind_and_free_part() {
    let mut bench = chain();
    let end = bench.block.time.seconds + 100;
    fund(&mut bench, &address(1), "5uact");
    run(&mut bench, &create(2, 1_000, end, true)).expect("a new account");
    bank::api::send(&mut bench.ctx(), &address(1), &address(2), &coins("5uact")).expect("it has them");
    bench.commit();
    let request = QueryAccountRequest { address: address(2).to_string() };
    let account: QueryAccountResponse = ask(&bench, "/cosmos.auth.v1beta1.Query/Account", &request).expect("an answer");
    assert_eq!(account.account.expect("set").type_url, "/cosmos.vesting.v1beta1.DelayedVestingAccount");
    let request = QuerySpendableBalancesRequest { address: address(2).to_string(), pagination: None };
    let all: QuerySpendableBalancesResponse =
        ask(&bench, "/cosmos.bank.v1beta1.Query/SpendableBalances", &request).expect("an answer");
    let shown: Vec<_> = all.balances.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect();
    assert_eq!(shown, ["5uact", "0uakt"], "every held denomination is listed");
    let request = QuerySpendableBalanceByDenomRequest { address: address(2).to_string(), denom: "uakt".to_owned() };
    let path = "/cosmos.bank.v1beta1.Query/SpendableBalanceByDenom";
    let one: QuerySpendableBalanceByDenomResponse = ask(&bench, path, &request).expect("an answer");
    assert_eq!(one.balance.expect("set").amount, "0");
}

#[test]
fn vesting_accounts_survive_export_and_import() {
    let mut bench = chain();
    let end = bench.block.time.seconds + 100;
    run(&mut bench, &create(2, 10, end, true)).expect("a new account");
    run(&mut bench, &create(3, 10, end, false)).expect("a new account");
    let exported = serde_json::Value::Object(modules().export_genesis(&mut bench.ctx()).expect("exports"));
    let mut again = with_genesis(exported.clone()).expect("what we export is sound");
    check_invariants(&mut again);
    assert_eq!(serde_json::Value::Object(modules().export_genesis(&mut again.ctx()).expect("exports")), exported);
    assert_eq!(spendable(&mut again, 2), "0");

    let mut broken = exported;
    let accounts = broken["auth"]["accounts"].as_array_mut().expect("a list");
    let continuous = accounts.iter_mut().find(|account| account.get("start_time").is_some()).expect("it is there");
    continuous["base_vesting_account"]["end_time"] = json!("-1");
    let error = with_genesis(broken).err().expect("it ends before all times");
    assert!(error.to_string().contains("end time cannot be negative"), "{error}");
}

#[test]
fn account_that_ends_before_it_starts_survives_export_and_import() {
    let mut bench = chain();
    let now = bench.block.time.seconds;
    run(&mut bench, &create(2, 10, now, false)).expect("a new account");
    run(&mut bench, &create(3, 10, 1, false)).expect("a new account");
    let exported = serde_json::Value::Object(modules().export_genesis(&mut bench.ctx()).expect("exports"));
    let mut again = with_genesis(exported).expect("what we export is sound");
    assert_eq!([2, 3].map(|of| spendable(&mut again, of)), ["0", "0"], "nothing is free before the start is past");
    again.block.time.seconds = now + 1;
    assert_eq!([2, 3].map(|of| spendable(&mut again, of)), ["10", "10"]);
}
