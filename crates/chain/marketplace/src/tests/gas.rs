//! What each message of the life cycle costs. Gas is consensus: a change here is a change of the protocol, made on
//! purpose or not at all. Fee, signature and size of the transaction come on top.

use std::fmt::Write;

use expect_test::expect;

use super::testnet::*;

#[test]
fn gas_of_the_life_cycle() {
    let mut net = Testnet::new();
    let mut table = String::new();
    let mut note = |net: &Testnet, what: &str| writeln!(table, "{what:<16}{:>8}", net.gas_used).unwrap();
    net.deploy(7, "100uact", "500000uact").unwrap();
    note(&net, "CreateDeployment");
    net.end_block();
    for provider in ["p1", "p2"] {
        net.bid(7, provider, "100uact").unwrap();
    }
    note(&net, "CreateBid");
    net.take(&bid(7, "p1")).unwrap();
    note(&net, "CreateLease");
    net.end_block();
    net.withdraw(&lease(7, "p1")).unwrap();
    note(&net, "WithdrawLease");
    net.deposit(&owner(), 7, "1uact").unwrap();
    note(&net, "AccountDeposit");
    net.close(7).unwrap();
    note(&net, "CloseDeployment");
    expect![[r#"
        CreateDeployment   60160
        CreateBid          42843
        CreateLease        97861
        WithdrawLease      39776
        AccountDeposit     31086
        CloseDeployment   141218
    "#]]
    .assert_eq(&table);
}
