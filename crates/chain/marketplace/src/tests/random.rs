//! Random commands against all modules; after each block every invariant must hold, and at the end nothing is lost.
//!
//! Most commands pick something that is there, some name anything at all. They may be refused, but never with a fault.
//! `MARKETPLACE_CASES` sets how many runs there are.

use std::collections::BTreeMap;

use akash_kernel::TxError;
use akash_proto::akash::deployment::v1beta4::{MsgCloseGroup, MsgPauseGroup, MsgStartGroup};
use akash_types::address::Address;
use akash_types::id::{BidId, DeploymentId, GroupId, LeaseId};
use akash_types::num::Int;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::testnet::*;
use crate::market::testing;

const CASES: u32 = 12;
const ACCOUNTS: [&str; 6] = ["owner", "stranger", "p1", "p2", "p3", "p4"];
const PROVIDERS: [&str; 4] = ["p1", "p2", "p3", "p4"];

#[derive(Debug, Clone)]
enum Command {
    Deploy { dseq: u64, groups: usize, deposit: u64 },
    Close { dseq: u64 },
    Deposit { dseq: u64, by_owner: bool, amount: u64 },
    Bid { order: usize, provider: usize, bseq: u32, price_milli: u64 },
    Take { bid: usize },
    TakeBack { bid: usize },
    Withdraw { lease: usize },
    CloseLease { lease: usize },
    EndLease { lease: usize },
    CloseGroup(GroupId),
    PauseGroup(GroupId),
    StartGroup(GroupId),
    EndBlocks { count: u64 },
    Anything { id: BidId, what: u8 },
}

fn command() -> impl Strategy<Value = Command> {
    let index = 0usize..1000;
    let group = || (1u64..5, 1u32..3).prop_map(|(dseq, gseq)| DeploymentId::new(owner(), dseq).group(gseq));
    let bseq = || prop_oneof![5 => Just(0u32), 1 => Just(1)];
    let id = (group(), 1u32..3, 0..PROVIDERS.len(), bseq())
        .prop_map(|(group, oseq, provider, bseq)| BidId::new(group.order(oseq), account(PROVIDERS[provider]), bseq));
    let price = prop_oneof![3 => 1u64..100_000_000, 1 => 1u64..5_000, 1 => Just(100_000_001)];
    prop_oneof![
        6 => (1u64..5, 1usize..3, 0u64..900_000)
            .prop_map(|(dseq, groups, deposit)| Command::Deploy { dseq, groups, deposit: 490_000 + deposit }),
        1 => (1u64..5).prop_map(|dseq| Command::Close { dseq }),
        3 => (1u64..5, any::<bool>(), 0u64..300_000)
            .prop_map(|(dseq, by_owner, amount)| Command::Deposit { dseq, by_owner, amount }),
        14 => (index.clone(), 0..PROVIDERS.len(), bseq(), price)
            .prop_map(|(order, provider, bseq, price_milli)| Command::Bid { order, provider, bseq, price_milli }),
        8 => index.clone().prop_map(|bid| Command::Take { bid }),
        2 => index.clone().prop_map(|bid| Command::TakeBack { bid }),
        6 => index.clone().prop_map(|lease| Command::Withdraw { lease }),
        2 => index.clone().prop_map(|lease| Command::CloseLease { lease }),
        2 => index.prop_map(|lease| Command::EndLease { lease }),
        1 => group().prop_map(Command::CloseGroup),
        1 => group().prop_map(Command::PauseGroup),
        4 => group().prop_map(Command::StartGroup),
        10 => (1u64..5).prop_map(|count| Command::EndBlocks { count }),
        4 => (id, 0u8..5).prop_map(|(id, what)| Command::Anything { id, what }),
    ]
}

fn run(net: &mut Testnet, command: Command) -> Result<(), TxError> {
    match command {
        Command::Deploy { dseq, groups, deposit } => {
            let prices = vec!["100000uact"; groups];
            net.send(&create_deployment(dseq, &prices, &format!("{deposit}uact")))
        }
        Command::Close { dseq } => net.close(dseq),
        Command::Deposit { dseq, by_owner, amount } => {
            let signer = account(if by_owner { "owner" } else { "stranger" });
            net.deposit(&signer, dseq, &format!("{amount}uact"))
        }
        Command::Bid { order, provider, bseq, price_milli } => {
            let orders = testing::open_orders(&mut net.bench.ctx())?;
            let Some(order) = pick(orders, order) else { return Ok(()) };
            let id = BidId::new(order, account(PROVIDERS[provider]), bseq);
            net.bid_on(&id, &format!("{}.{:03}uact", price_milli / 1000, price_milli % 1000))
        }
        Command::Take { bid } => with_bid(net, bid, |net, id| net.take(id)),
        Command::TakeBack { bid } => with_bid(net, bid, |net, id| net.close_bid(id)),
        Command::Withdraw { lease } => with_lease(net, lease, |net, id| net.withdraw(id)),
        Command::CloseLease { lease } => with_lease(net, lease, |net, id| net.close_lease(id)),
        Command::EndLease { lease } => with_lease(net, lease, |net, id| net.close_bid(&id.clone().into())),
        Command::CloseGroup(id) => net.send(&MsgCloseGroup { id: Some(id.into()) }),
        Command::PauseGroup(id) => net.send(&MsgPauseGroup { id: Some(id.into()) }),
        Command::StartGroup(id) => net.send(&MsgStartGroup { id: Some(id.into()) }),
        Command::EndBlocks { count } => {
            net.end_blocks(count);
            Ok(())
        }
        Command::Anything { id, what: 0 } => net.bid_on(&id, "1uact"),
        Command::Anything { id, what: 1 } => net.take(&id),
        Command::Anything { id, what: 2 } => net.close_bid(&id),
        Command::Anything { id, what: 3 } => net.close_lease(&id.into()),
        Command::Anything { id, .. } => net.withdraw(&id.into()),
    }
}

fn with_bid(
    net: &mut Testnet,
    index: usize,
    act: impl FnOnce(&mut Testnet, &BidId) -> Result<(), TxError>,
) -> Result<(), TxError> {
    let bids = testing::open_bids(&mut net.bench.ctx())?;
    pick(bids, index).map_or(Ok(()), |id| act(net, &id))
}

/// Any lease that ever was: those that ended are to be refused.
fn with_lease(
    net: &mut Testnet,
    index: usize,
    act: impl FnOnce(&mut Testnet, &LeaseId) -> Result<(), TxError>,
) -> Result<(), TxError> {
    let leases = testing::leases(&mut net.bench.ctx())?;
    pick(leases, index).map_or(Ok(()), |(id, _)| act(net, &id))
}

fn pick<T>(mut all: Vec<T>, index: usize) -> Option<T> {
    if all.is_empty() { None } else { Some(all.swap_remove(index % all.len())) }
}

fn total(net: &mut Testnet) -> Int {
    let mut total = net.balance(&Address::module("escrow"), "uact");
    for name in ACCOUNTS {
        total = total.checked_add(net.balance(&account(name), "uact")).unwrap();
    }
    total
}

fn config() -> ProptestConfig {
    let cases = std::env::var("MARKETPLACE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES);
    ProptestConfig { cases, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() }
}

/// The commands are no use unless they get somewhere: every kind of end occurs.
#[test]
fn random_commands_reach_every_kind_of_end() {
    let mut runner = TestRunner::deterministic();
    let mut reasons = BTreeMap::new();
    for _ in 0..20 {
        let commands = prop::collection::vec(command(), 80).new_tree(&mut runner).unwrap().current();
        let mut net = Testnet::new();
        for command in commands {
            let _done_or_refused = run(&mut net, command);
        }
        for (_, lease) in testing::leases(&mut net.bench.ctx()).unwrap() {
            *reasons.entry(lease.reason).or_insert(0) += 1;
        }
    }
    let (live, by_owner, by_provider, dry) = (0, 1, 10_000, 20_000);
    for reason in [live, by_owner, by_provider, dry] {
        assert!(reasons.get(&reason).is_some_and(|count| *count >= 3), "{reason}: {reasons:?}");
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn invariants_hold_whatever_happens(commands in prop::collection::vec(command(), 1..80)) {
        let mut net = Testnet::new();
        let before = total(&mut net);
        for command in commands {
            let result = run(&mut net, command.clone());
            if let Err(TxError::Fault(fault)) = result {
                prop_assert!(false, "{command:?} found a fault: {fault}");
            }
        }
        for dseq in 1..5 {
            let _closed_or_refused = net.close(dseq);
        }
        net.end_block();
        prop_assert_eq!(total(&mut net), before);
        // What is left in escrow is less than one unit for each account and payment that ever was.
        prop_assert!(net.balance(&Address::module("escrow"), "uact") < Int::from(200u64));
    }
}
