//! What is exported makes the same chain again.

use akash_kernel::Modules;
use akash_kernel::testing::Bench;
use akash_proto::akash::ext::market::v1::MsgSetOrderExpiry;

use super::testnet::*;

#[test]
fn exported_state_starts_the_same_chain() {
    let mut net = Testnet::new();
    net.send(&create_deployment(7, &["100.25uact", "50uact"], "500000uact")).unwrap();
    net.deploy(8, "500000uact", "500000uact").unwrap();
    net.bid(7, "p1", "100.25uact").unwrap();
    net.bid(7, "p2", "99uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.bid(8, "p3", "500000uact").unwrap();
    net.take(&bid(8, "p3")).unwrap();
    net.end_blocks(4); // 8 runs dry
    net.deposit(&account("stranger"), 7, "10uact").unwrap();
    net.end_block();
    let exported = net.modules.export_genesis(&mut net.bench.ctx()).unwrap();

    let modules = Modules::new(akash_cosmos::modules().into_iter().chain(crate::modules()).collect());
    let mut bench = Bench::new(&modules.stores());
    bench.block.height = net.bench.block.height;
    modules.init_genesis(&mut bench.ctx(), &exported).unwrap();
    assert_eq!(modules.check_invariants(&mut bench.ctx()).unwrap(), Vec::new());
    let again = modules.export_genesis(&mut bench.ctx()).unwrap();
    for name in ["cert", "deployment", "provider", "market", "escrow", "bank"] {
        assert_eq!(again.get(name), exported.get(name), "module {name}");
    }
}

#[test]
fn genesis_of_the_market_that_contradicts_itself_is_refused() {
    let mut net = Testnet::with_lease();
    net.deploy(8, "1uact", "500000uact").unwrap();
    net.send(&MsgSetOrderExpiry { id: Some((&order(8)).into()), expires_at: 900 }).unwrap();
    net.end_block();
    let exported = net.modules.export_genesis(&mut net.bench.ctx()).unwrap();
    let with = |change: &dyn Fn(&mut serde_json::Value), expected: &str| {
        let mut state = exported.clone();
        change(&mut state["market"]);
        let modules = Modules::new(akash_cosmos::modules().into_iter().chain(crate::modules()).collect());
        let mut bench = Bench::new(&modules.stores());
        bench.block.height = net.bench.block.height;
        let text =
            modules.init_genesis(&mut bench.ctx(), &state).err().map_or("ok".to_owned(), |error| error.to_string());
        assert!(text.contains(expected), "{text}");
    };
    with(&|_| {}, "ok");
    for list in ["orders", "leases", "bids"] {
        let twice = |market: &mut serde_json::Value| {
            let first = market[list][0].clone();
            market[list].as_array_mut().unwrap().push(first);
        };
        let mut state = exported.clone();
        twice(&mut state["market"]);
        let modules = Modules::new(akash_cosmos::modules().into_iter().chain(crate::modules()).collect());
        let error = modules.init_genesis(&mut Bench::new(&modules.stores()).ctx(), &state).unwrap_err();
        assert!(error.to_string().contains("twice"), "{list}: {error}");
    }
    with(&|market| market["ext"]["order_expiries"][0]["expires_at"] = "0".into(), "which cannot expire");
    with(&|market| market["ext"]["order_expiries"][0]["expires_at"] = "-900".into(), "which cannot expire");
    with(&|market| market["ext"]["order_expiries"][0]["id"]["dseq"] = "7".into(), "which cannot expire");
}
