//! Four validators as processes of `akash start`, under load, through kills, pauses, cuts of the network, late starts
//! and copied disks. What must hold afterwards: one history with one application hash at every height on all nodes,
//! every transaction that was seen in a block still there, no vote for two blocks. No node may end by itself.
//!
//! `AKASH_CLUSTER_KILLS` says how often each node is killed; more than a few take minutes.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod check;
mod load;
mod net;
mod wires;

use std::thread::sleep;
use std::time::Duration;

use check::History;
use load::Load;
use net::{Net, Random};

/// Longer than a round waits for its proposal.
const AWAY_LONG_MS: u64 = 6_000;
/// Transactions that have to be seen in blocks before a test ends.
const TXS: usize = 4;
/// Kills of each node when nothing else is said.
const KILLS: u64 = 1;

#[test]
fn killed_nodes_come_back_to_one_history() {
    let kills = std::env::var("AKASH_CLUSTER_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let mut random = Random::from_environment();
    let mut net = Net::new(4);
    net.start_all();
    net.reach(3);
    let load = Load::start(&net);
    let mut order: Vec<usize> = (0..4 * kills).map(|number| (number % 4) as usize).collect();
    random.shuffle(&mut order);
    for node in order {
        sleep(Duration::from_millis(random.below(1_500)));
        net.kill(node);
        // Now and then long enough that its turn to propose passes.
        let away = if random.below(4) == 0 { AWAY_LONG_MS } else { random.below(2_000) };
        sleep(Duration::from_millis(away));
        net.start(node);
        if random.below(3) > 0 {
            net.wait_until_caught_up(node);
        }
    }
    let history = finish(&net, load);
    println!("kills {}: {history}", 4 * kills);
    assert!(kills < 5 || history.later_rounds > 0, "no round above 0 was needed: {history}");
}

/// A stopped process looks like a dead network to the others, and like a jump in time to itself.
#[test]
fn paused_node_catches_up() {
    let mut net = Net::new(4);
    net.start_all();
    net.reach(3);
    let load = Load::start(&net);
    net.pause(2);
    let height = net.height(0).unwrap();
    net.node_reaches(0, height + 20);
    net.resume(2);
    net.wait_until_caught_up(2);
    let history = finish(&net, load);
    println!("{history}");
    assert!(history.later_rounds > 0, "the paused node had no turn: {history}");
}

#[test]
fn two_of_four_are_too_few_and_all_four_go_on() {
    let mut net = Net::new(4);
    net.start_all();
    net.reach(3);
    let load = Load::start(&net);
    net.kill(0);
    net.kill(1);
    sleep(Duration::from_secs(3));
    let halted = net.height(3).unwrap();
    sleep(Duration::from_secs(2));
    assert!(net.height(3).unwrap() <= halted + 1, "two of four went on");
    net.kill(2);
    net.kill(3);
    net.start_all();
    net.reach(halted + 5);
    println!("{}", finish(&net, load));
}

/// A validator that was never there, started when the others have gone on.
#[test]
fn late_node_syncs_and_says_so() {
    let mut net = Net::new(4);
    for node in 0..3 {
        net.start(node);
    }
    net.node_reaches(0, 60);
    let load = Load::start(&net);
    net.start(3);
    net.wait_until_caught_up(3);
    let height = net.height(3).unwrap();
    net.reach(height + 15);
    let history = finish(&net, load);
    assert_eq!(history.signers.len(), 4, "the late node never signed: {history}");
    println!("{history}");
}

/// A copy of a stopped node's disk takes its place; then an older copy runs beside it, follows, and does not vote.
#[test]
fn copied_disk_goes_on_and_an_old_copy_only_follows() {
    let mut net = Net::new(4);
    net.start_all();
    net.reach(5);
    net.stop(3);
    let copy = net.copy_of(3);
    let height = net.height(0).unwrap();
    net.node_reaches(0, height + 3);
    net.start(3);
    net.wait_until_caught_up(3);
    net.reach(height + 25);

    let follower = net.add_copy(copy);
    net.start(follower);
    net.node_reaches(follower, height + 30);
    let height = net.height(0).unwrap();
    net.node_reaches(follower, height + 10);
    assert!(net.status(follower).unwrap()["sync_info"]["catching_up"].as_bool().unwrap(), "an old copy votes");
    assert!(net.written(follower).contains("Not voting"), "{}", net.written(follower));
    let load = Load::start(&net);
    println!("{}", finish(&net, load));
}

/// One of four is cut off, then two are; whole again, they agree.
#[test]
fn cut_network_heals() {
    let Some(wires) = wires::Wires::new(4) else { return };
    let mut net = Net::on(&wires);
    net.start_all();
    net.reach(3);
    let load = Load::start(&net);
    wires.cut(1);
    let height = net.height(0).unwrap();
    net.node_reaches(0, height + 15);
    wires.join(1);
    net.wait_until_caught_up(1);
    wires.cut(2);
    wires.cut(3);
    sleep(Duration::from_secs(3));
    let halted = net.height(0).unwrap();
    sleep(Duration::from_secs(3));
    assert!(net.height(0).unwrap() <= halted + 1, "two of four went on");
    wires.join(2);
    wires.join(3);
    net.reach(halted + 10);
    println!("{}", finish(&net, load));
}

/// Lets the load end, and compares all histories.
fn finish(net: &Net, load: Load) -> History {
    let common = net.settle();
    net.wait("transactions to enter blocks", || (load.committed() >= TXS).then_some(()));
    let sent = load.end();
    let common = common.max(net.settle());
    let history = check::histories(net, common);
    check::all_committed_are_there(net, &sent);
    history.with_txs(&sent)
}
