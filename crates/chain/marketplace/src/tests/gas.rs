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

/// Closing costs what hangs on a deployment, however many others there are.
#[test]
fn closing_costs_in_proportion_to_its_own_leases() {
    let lease_groups = |net: &mut Testnet, dseq: u64, groups: u32| {
        let prices = vec!["1uact"; groups as usize];
        net.send(&create_deployment(dseq, &prices, "500000uact")).unwrap();
        for gseq in 1..=groups {
            let order = group_of(dseq).deployment_id().group(gseq).order(1);
            net.bid_on(&order.bid(account("p1")), "1uact").unwrap();
            net.take(&order.bid(account("p1"))).unwrap();
        }
    };
    let close = |net: &mut Testnet, dseq: u64| {
        net.close(dseq).unwrap();
        net.gas_used
    };
    let mut net = Testnet::new();
    for dseq in 101..=104 {
        lease_groups(&mut net, dseq, 1);
    }
    lease_groups(&mut net, 110, 10);
    net.end_block();
    close(&mut net, 101); // the first of its kind makes the counts that the others find
    let alone = close(&mut net, 102);
    let ten = close(&mut net, 110);
    for dseq in 1..=40 {
        lease_groups(&mut net, dseq, 1);
    }
    net.end_block();
    let among_others = close(&mut net, 103);
    assert!(among_others.abs_diff(alone) < 100, "{alone} alone, {among_others} among forty others");
    assert!((5 * alone..10 * alone).contains(&ten), "{alone} for one lease, {ten} for ten");
}
