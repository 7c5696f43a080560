//! What is exported makes the same chain again.

use akash_kernel::Modules;
use akash_kernel::testing::Bench;

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
