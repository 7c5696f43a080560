//! Random commands against all modules; after each block every invariant must hold, and at the end nothing is lost.
//!
//! Commands may be refused, but never with a fault. `MARKETPLACE_CASES` sets how many runs there are.

use akash_kernel::TxError;
use akash_proto::akash::deployment::v1beta4::{MsgCloseGroup, MsgPauseGroup, MsgStartGroup};
use akash_types::address::Address;
use akash_types::id::{BidId, DeploymentId};
use akash_types::num::Int;
use proptest::prelude::*;

use super::testnet::*;

const CASES: u32 = 12;
const ACCOUNTS: [&str; 6] = ["owner", "stranger", "p1", "p2", "p3", "p4"];

#[derive(Debug, Clone)]
enum Command {
    Deploy { dseq: u64, groups: usize, deposit: u64 },
    Close { dseq: u64 },
    Deposit { dseq: u64, by_owner: bool, amount: u64 },
    Bid { target: Target, price_milli: u64 },
    Take { target: Target },
    Withdraw { target: Target },
    CloseLease { target: Target },
    CloseBid { target: Target },
    CloseGroup { dseq: u64, gseq: u32 },
    PauseGroup { dseq: u64, gseq: u32 },
    StartGroup { dseq: u64, gseq: u32 },
    EndBlocks { count: u64 },
}

#[derive(Debug, Clone)]
struct Target {
    dseq: u64,
    gseq: u32,
    oseq: u32,
    provider: usize,
    bseq: u32,
}

impl Target {
    fn bid(&self) -> BidId {
        let order = DeploymentId::new(owner(), self.dseq).group(self.gseq).order(self.oseq);
        BidId { bseq: self.bseq, ..order.bid(account(["p1", "p2", "p3"][self.provider])) }
    }
}

fn target() -> impl Strategy<Value = Target> {
    let oseq = prop_oneof![6 => Just(1u32), 3 => Just(2), 1 => Just(3)];
    let bseq = prop_oneof![6 => Just(0u32), 1 => Just(1)];
    (1u64..4, 1u32..3, oseq, 0usize..3, bseq).prop_map(|(dseq, gseq, oseq, provider, bseq)| Target {
        dseq,
        gseq,
        oseq,
        provider,
        bseq,
    })
}

fn command() -> impl Strategy<Value = Command> {
    let group = (1u64..4, 1u32..3);
    prop_oneof![
        3 => (1u64..4, 1usize..3, 0u64..1_500_000)
            .prop_map(|(dseq, groups, deposit)| Command::Deploy { dseq, groups, deposit: 490_000 + deposit }),
        1 => (1u64..4).prop_map(|dseq| Command::Close { dseq }),
        2 => (1u64..4, any::<bool>(), 0u64..300_000)
            .prop_map(|(dseq, by_owner, amount)| Command::Deposit { dseq, by_owner, amount }),
        10 => (target(), 1u64..101_000_000).prop_map(|(target, price_milli)| Command::Bid { target, price_milli }),
        8 => target().prop_map(|target| Command::Take { target }),
        5 => target().prop_map(|target| Command::Withdraw { target }),
        2 => target().prop_map(|target| Command::CloseLease { target }),
        3 => target().prop_map(|target| Command::CloseBid { target }),
        1 => group.clone().prop_map(|(dseq, gseq)| Command::CloseGroup { dseq, gseq }),
        1 => group.clone().prop_map(|(dseq, gseq)| Command::PauseGroup { dseq, gseq }),
        2 => group.prop_map(|(dseq, gseq)| Command::StartGroup { dseq, gseq }),
        8 => (1u64..6).prop_map(|count| Command::EndBlocks { count }),
    ]
}

fn run(net: &mut Testnet, command: Command) -> Result<(), TxError> {
    let group = |dseq, gseq| Some(DeploymentId::new(owner(), dseq).group(gseq).into());
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
        Command::Bid { target, price_milli } => {
            net.bid_on(&target.bid(), &format!("{}.{:03}uact", price_milli / 1000, price_milli % 1000))
        }
        Command::Take { target } => net.take(&target.bid()),
        Command::Withdraw { target } => net.withdraw(&target.bid().into()),
        Command::CloseLease { target } => net.close_lease(&target.bid().into()),
        Command::CloseBid { target } => net.close_bid(&target.bid()),
        Command::CloseGroup { dseq, gseq } => net.send(&MsgCloseGroup { id: group(dseq, gseq) }),
        Command::PauseGroup { dseq, gseq } => net.send(&MsgPauseGroup { id: group(dseq, gseq) }),
        Command::StartGroup { dseq, gseq } => net.send(&MsgStartGroup { id: group(dseq, gseq) }),
        Command::EndBlocks { count } => {
            net.end_blocks(count);
            Ok(())
        }
    }
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
    ProptestConfig { cases, max_shrink_iters: 200, ..ProptestConfig::default() }
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
        for dseq in 1..4 {
            let _closed_or_refused = net.close(dseq);
        }
        net.end_block();
        prop_assert_eq!(total(&mut net), before);
        // What is left in escrow is less than one unit for each account and payment that ever was.
        prop_assert!(net.balance(&Address::module("escrow"), "uact") < Int::from(100u64));
    }
}
